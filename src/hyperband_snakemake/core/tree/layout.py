"""All file and folder names of a search, relative to its directory, where the programs of ``core`` run."""

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
CHARTS_ONCE = ("best-curves.svg", "best-ladder.svg")  # searches made by an earlier version write these as well
OF_THE_BEST = (BEST_CONFIG, BEST, BEST_TABLE, *CHARTS_ONCE)  # written once a search is complete
SAMPLER = "sampler.json"  # how configurations are drawn, and which brackets get theirs while the search runs
SPACE = "search-space"  # the configuration template, for configurations that are drawn later
LIMITS = "limits.toml"  # limits of a training run, without Slurm
GPUS = "gpus.toml"  # which GPUs of this machine training runs use, without Slurm
PACKS = "packs.toml"  # how many training runs share a job of Snakemake on this machine
PLACES = "run.places"  # run.places/slot-0: locked by the training run with this number, if run.sh asks for one
RUN_LOCK = "run.lock"
STOPPED = "run.stopped"  # which run was stopped for a reason that affects the whole search, and the user's message
REPLACED = "replaced"  # promotion.replaced-1, replaced-config-3: what was there before a promotion was made again

# with Slurm
SLURM = "slurm.toml"  # what to request from Slurm
SLURM_OFF = "slurm.toml.off"  # the same, while the search does not use Slurm
JOB_SCRIPT = "job.sh"  # the script of a job
SUBMIT_SCRIPT = "submit.sh"  # the script of an allocation for a whole run
SLURM_DIR = "slurm"  # the state of jobs, and Slurm's output
QUEUE = "slurm/queue"  # the queue when Slurm was last asked for it
QUEUE_LOCK = "slurm/lock"  # only one process asks at a time
ASKING = "slurm/asking"  # only one of the waiting programs (wait.sh) starts the one that asks
OWN_JOBS = "slurm/own-jobs"  # a number (allocation of submit.sh) or a name (jobs of Snakemake's plugin) on each line
NEVER_BEGAN = "slurm/never-began"  # jobs that ended before run.sh was started, and what this run does about it
REFUSED = "slurm/refused"  # why Slurm did not accept a job, and in which run of snakemake

# in the directory of a configuration
CONFIG = "config"  # what is trained
PARAMETERS = "parameters.json"  # what was drawn for it, if its template used a draw function
RESULT = "result"  # the number, or nan
OUTCOME = "outcome"  # one line: completed, "failed: why", or empty; there once nothing more will happen
ORIGIN = "origin"  # for a promoted configuration: where it came from, and its result there
LOG = "attempt-{}.log"  # what run.sh printed in this attempt
ADOPTED = "adopted"  # for a result taken over from a tree of the original tool: where it came from
FOLDS = "folds"  # a table: the result of each fold, where folds are separate training runs
CARRYING = ".carrying"  # files being copied from the stage below; exists until copying is complete

# in the directory of a stage
ATTEMPTS = "attempts"  # attempts/config-3: one JSON line for each attempt; locked by the running attempt
JOBS = "jobs"  # jobs/config-3: one JSON line for each submitted job; locked by the submitting process
STEPS = "steps"  # steps/config-3: whether its attempt's job step has begun (Slurm mode steps)
PROMOTION = "promotion"  # a table: which configuration of this stage got which slot of the next

# in the directory of a bracket
PROPOSAL = "proposal"  # the configurations of its stage 0, however they were drawn; written once
ARCHIVE = archives.TAR  # its small files, packed once all has ended (`hyband archive`)
ARCHIVE_INDEX = archives.INDEX  # what is where in it

OURS = frozenset({CONFIG, PARAMETERS, ATTEMPTS, JOBS, ORIGIN})  # exist before a training run writes anything

_UNFINISHED = re.compile(rf"\.({'|'.join(map(re.escape, sorted(OURS)))})\.\d+\.tmp")  # left by a killed program

_SLOT = re.compile(r"(?:^|/)bracket-(\d+)/stage-(\d+)/config-(\d+)(?:/fold-(\d+-\d+))?$")
FOLD = re.compile(r"fold-\d+-\d+")


def is_ours(name: str) -> bool:
    """Whether a file in a configuration's directory may exist before its training run writes anything.

    >>> is_ours("config"), is_ours(".config.17.tmp"), is_ours("log.log")
    (True, True, False)
    """
    return name in OURS or _UNFINISHED.fullmatch(name) is not None


@dataclass(frozen=True, order=True)
class Slot:
    """The place of one training run: bracket, stage and number within the stage, each counted from 0.

    If each fold is a separate training run, ``fold`` is "REPETITION-FOLD"; it is empty for the whole configuration.
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
        """Its place within the stage, in the form that the programs of a search get it.

        >>> Slot(2, 0, 16).name_in_stage, Slot(2, 0, 16, "1-7").name_in_stage
        ('16', '16/fold-1-7')
        """
        return f"{self.config}/fold-{self.fold}" if self.fold else str(self.config)

    @property
    def configuration(self) -> "Slot":
        """Give the slot of the configuration that a fold belongs to."""
        return replace(self, fold="")

    def runs(self, folds: tuple[str, ...]) -> "tuple[Slot, ...]":
        """The slots of its training runs: one for each of the ``folds``, or just this one if there are none."""
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
        """Read what `str` writes, even at the end of a longer path; ValueError for anything else.

        >>> Slot.parse("bracket-2/stage-0/config-16")
        Slot(bracket=2, stage=0, config=16, fold='')
        """
        if not (match := _SLOT.search(text.rstrip("/"))):
            raise ValueError(f"{text!r} is not of the form bracket-B/stage-S/config-C")
        bracket, stage, config, fold = match.groups()
        return cls(int(bracket), int(stage), int(config), fold or "")


def slots_of(plan: Plan) -> Iterator[tuple[Slot, Stage]]:
    """Each slot of a search with its stage, in numerical order."""
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
    """Path of a bracket's proposal.

    >>> proposal_path(1).as_posix()
    'bracket-1/proposal'
    """
    return Path(f"bracket-{bracket}", PROPOSAL)
