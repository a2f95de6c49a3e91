"""Every file and folder name of a search. Relative to the search's directory, where the programs of ``core`` run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..disk import archives
from ..plan import Plan, Stage

PLAN = "plan.json"
CHECKSUMS = "configurations.sha256"  # of all configurations of stage 0; `sha256sum --check` reads it
SNAKEFILE = "Snakefile"
RUN = "run.sh"
PROFILE = "profiles/default/config.yaml"
CORE = "hyperband"
BEST_CONFIG = "config"
BEST = "best.json"
BEST_LOG = "best.log"
BEST_TABLE = "best.html"  # for `snakemake --report`
CHARTS_ONCE = ("best-curves.svg", "best-ladder.svg")  # what searches of an earlier version make beside it
OF_THE_BEST = (BEST_CONFIG, BEST, BEST_TABLE, *CHARTS_ONCE)  # there once a search is complete
SAMPLER = "sampler.json"  # how configurations are drawn, and which brackets get theirs while the search runs
SPACE = "search-space"  # the configurations' template, for those that are drawn later
LIMITS = "limits.toml"  # what a training run may take where Slurm does not run it
GPUS = "gpus.toml"  # which GPUs of this machine training runs use where Slurm does not run them
PLACES = "run.places"  # run.places/slot-0: locked by the training run that has this number, if run.sh asks for one
RUN_LOCK = "run.lock"
STOPPED = "run.stopped"  # which run was stopped for a cause that concerns all of the search, and what the user was told
REPLACED = "replaced"  # promotion.replaced-1, replaced-config-3: what was there before a promotion was made again

# where Slurm does the work
SLURM = "slurm.toml"  # what it is asked for
SLURM_OFF = "slurm.toml.off"  # the same, while the search does without Slurm
JOB_SCRIPT = "job.sh"  # what a job does
SUBMIT_SCRIPT = "submit.sh"  # what the allocation of a whole run does
SLURM_DIR = "slurm"  # what is known of the jobs, and what Slurm printed
QUEUE = "slurm/queue"  # the queue as it was when somebody last asked for it
QUEUE_LOCK = "slurm/lock"  # one asks at a time
ASKING = "slurm/asking"  # one of the waiting programs (wait.sh) starts the program that asks
OWN_JOBS = "slurm/own-jobs"  # a number (allocation of submit.sh) or a name (jobs of Snakemake's plugin) on each line
NEVER_BEGAN = "slurm/never-began"  # jobs that ended before run.sh was started, and what this run does about them
REFUSED = "slurm/refused"  # why Slurm did not take a job, and in which run of snakemake

# in the directory of a configuration
CONFIG = "config"  # what is trained
PARAMETERS = "parameters.json"  # what was drawn for it, if its template used a draw function
RESULT = "result"  # the number, or nan
OUTCOME = "outcome"  # one line: completed, "failed: why", or empty; there once nothing more will happen
ORIGIN = "origin"  # of a promoted configuration: where it came from, and its result there
LOG = "attempt-{}.log"  # what run.sh printed in this attempt
ADOPTED = "adopted"  # of a configuration whose result came from a tree of the original tool: from where, and which
FOLDS = "folds"  # a table: the result of each fold, where folds are separate training runs
CARRYING = ".carrying"  # what is being copied from the stage below; there until all of it is

# in the directory of a stage
ATTEMPTS = "attempts"  # attempts/config-3: one line of JSON for each attempt; also the lock of the attempt that runs
JOBS = "jobs"  # jobs/config-3: one line of JSON for each job that was submitted for it; also the lock of who submits
STEPS = "steps"  # steps/config-3: whether the job step of its attempt has begun (mode steps of Slurm)
PROMOTION = "promotion"  # a table: which configuration of this stage got which slot of the next

# in the directory of a bracket
PROPOSAL = "proposal"  # the configurations of its stage 0, whoever drew them; written once
ARCHIVE = archives.TAR  # its small files, packed once all has ended (`hyband archive`)
ARCHIVE_INDEX = archives.INDEX  # what is where in it

OURS = frozenset({CONFIG, PARAMETERS, ATTEMPTS, JOBS, ORIGIN})  # there before a training run leaves anything

_UNFINISHED = re.compile(rf"\.({'|'.join(map(re.escape, sorted(OURS)))})\.\d+\.tmp")  # of a program that was killed

_SLOT = re.compile(r"(?:^|/)bracket-(\d+)/stage-(\d+)/config-(\d+)(?:/fold-(\d+-\d+))?$")
FOLD = re.compile(r"fold-\d+-\d+")


def is_ours(name: str) -> bool:
    """Whether a file in the directory of a configuration may be there before its training leaves anything.

    >>> is_ours("config"), is_ours(".config.17.tmp"), is_ours("log.log")
    (True, True, False)
    """
    return name in OURS or _UNFINISHED.fullmatch(name) is not None


@dataclass(frozen=True, order=True)
class Slot:
    """The place of one training run: bracket, stage and number within the stage, each from 0.

    Where each fold is a separate training run, ``fold`` is "REPETITION-FOLD"; it is empty for the whole configuration.
    """

    bracket: int
    stage: int
    config: int
    fold: str = ""

    @property
    def path(self) -> Path:
        """Its directory.

        >>> Slot(2, 0, 16).path.as_posix(), Slot(2, 0, 16, "1-7").path.as_posix()
        ('bracket-2/stage-0/config-16', 'bracket-2/stage-0/config-16/fold-1-7')
        """
        return stage_path(self.bracket, self.stage) / f"config-{self.name_in_stage}"

    @property
    def name_in_stage(self) -> str:
        """Its place within the stage, as the programs of a search get it.

        >>> Slot(2, 0, 16).name_in_stage, Slot(2, 0, 16, "1-7").name_in_stage
        ('16', '16/fold-1-7')
        """
        return f"{self.config}/fold-{self.fold}" if self.fold else str(self.config)

    @property
    def configuration(self) -> "Slot":
        """Give the slot of the configuration that a fold belongs to."""
        return replace(self, fold="")

    def runs(self, folds: tuple[str, ...]) -> "tuple[Slot, ...]":
        """Where its training runs are: one for each of the ``folds``, or just here if there are none."""
        return tuple(replace(self, fold=fold) for fold in folds) or (self,)

    def __str__(self) -> str:
        return self.path.as_posix()

    @classmethod
    def of(cls, bracket: int, stage: int, word: str) -> "Slot":
        """Read what `name_in_stage` writes."""
        config, _, fold = word.partition("/fold-")
        return cls(bracket, stage, int(config), fold)

    @classmethod
    def parse(cls, text: str) -> "Slot":
        """Read what `str` writes, also at the end of a longer path; ValueError for anything else.

        >>> Slot.parse("bracket-2/stage-0/config-16")
        Slot(bracket=2, stage=0, config=16, fold='')
        """
        if not (match := _SLOT.search(text.rstrip("/"))):
            raise ValueError(f"{text!r} is not of the form bracket-B/stage-S/config-C")
        bracket, stage, config, fold = match.groups()
        return cls(int(bracket), int(stage), int(config), fold or "")


def slots_of(plan: Plan) -> Iterator[tuple[Slot, Stage]]:
    """Each slot of a search with its stage, in the order of their numbers."""
    for bracket in plan.brackets:
        for stage in bracket.stages:
            for config in range(stage.configurations):
                yield Slot(bracket.index, stage.index, config), stage


def stage_path(bracket: int, stage: int) -> Path:
    """Directory of a stage.

    >>> stage_path(0, 3).as_posix()
    'bracket-0/stage-3'
    """
    return Path(f"bracket-{bracket}", f"stage-{stage}")


def bracket_path(bracket: int) -> Path:
    """Directory of a bracket.

    >>> bracket_path(1).as_posix()
    'bracket-1'
    """
    return Path(f"bracket-{bracket}")


def proposal_path(bracket: int) -> Path:
    """Where the proposal for a bracket is.

    >>> proposal_path(1).as_posix()
    'bracket-1/proposal'
    """
    return Path(f"bracket-{bracket}", PROPOSAL)
