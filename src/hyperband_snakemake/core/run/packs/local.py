"""How the training runs that remain are packed in one run of Snakemake on this machine.

What remains is looked up before Snakemake reads a rule, so it sees a few packs in place of each file of a large search.
A pack ends with a file of this run, which stands for the outcomes of all its training runs. Whatever was killed: the
next run packs again what has no outcome then.
"""

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from pathlib import Path
from statistics import median
from typing import Any

from ...plan import Bracket, Plan, Stage, counted, number_text
from ...plan.optionfile import read_options
from ...plan.packs import AUTO, Packs, pack_size, packs_from_toml, share_jobs
from ...slurm.packs import Pack, split
from ...tree import layout
from ...tree.environment import RUN, SLOT
from ...tree.layout import Slot
from ...tree.outcome import Status, read_outcome
from ...tree.record import read_attempts
from .plain import ENDED, ENDING, first_of_each, has_files, is_good, read_plain

LOOKED_AT = 16  # training runs of each stage whose time is looked up
_OF_A_BRACKET = re.compile(r"\bbracket[-_]\d|_bracket_\d")
SHARE = "share"  # word of the command line: a part of a stage
FEW = 64  # training runs that may have a rule each


@dataclass(frozen=True)
class LocalPacks:
    """The packs of what remains, by numbers of bracket and stage, and ``why`` they are as large, for the user.

    A stage that is not there has one rule for all, and a job for each training run. ``ended`` is the directory of the
    files that stand for packs. The jobs of a stage in ``shared`` train it together, and the last one promotes.
    """

    of_stage: Mapping[tuple[int, int], list[Pack]]
    ended: str
    why: str
    shared: frozenset[tuple[int, int]] = frozenset()

    def arguments(self, bracket: Bracket, stage: Stage, pack: Pack) -> str:
        """Give the arguments of pack.py for a pack: those of share.py for a share, else what it trains."""
        here = self.of_stage[bracket.index, stage.index]
        if (bracket.index, stage.index) not in self.shared:
            return f"{bracket.index} {stage.index} {number_text(stage.budget)} {' '.join(pack)}"
        later = takewhile(lambda one: (bracket.index, one.index) in self.shared, bracket.stages[stage.index :])
        texts = (
            f"{number_text(one.budget)}:{one.configurations}:{len(self.of_stage[bracket.index, one.index])}"
            f":{int(one is not bracket.stages[-1])}"
            for one in later
        )
        return f"{bracket.index} {stage.index} {SHARE} {here.index(pack)} {' '.join(texts)}"

    def end_of(self, bracket: int, stage: Stage, pack: Pack) -> str | None:
        """Name the file that stands for a pack; None for a pack of folds: others wait for a few of them."""
        return None if stage.fold_names else f"{self.ended}/{bracket}-{stage.index}-{pack[0]}"

    def ends_of(self, bracket: int, stage: Stage) -> list[str] | None:
        """Name those of all packs of a stage; None if the files of its training runs stand for themselves."""
        packs = self.of_stage.get((bracket, stage.index))
        ends = None if packs is None else [self.end_of(bracket, stage, pack) for pack in packs]
        return None if stage.fold_names or ends is None else [end for end in ends if end is not None]


def read_packs(search: Path) -> Packs | None:
    """Read ``packs.toml``; None if there is none.

    Raises:
        OptionError: it cannot be read, or holds something that means nothing; the text names the file.
    """
    return read_options(search / layout.PACKS, packs_from_toml, f"hyband run {search} --pack {AUTO}")


def find_packs(search: Path, plan: Plan, workflow: Any, *, has_gpus: bool) -> LocalPacks | None:
    """Find the packs of a run of Snakemake that begins; None if each training run has a job of its own.

    So it is, too, where jobs are elsewhere, and where certain files or rules are asked for: nothing else is to be
    trained then, and rules have the names that they have without packs.

    Raises:
        OptionError: ``packs.toml`` cannot be read.
    """
    packs = None if (search / layout.SLURM).exists() else read_packs(search)
    is_asked = any(map(_OF_A_BRACKET.search, sys.argv[1:]))  # Snakemake has no targets yet while it reads rules
    if packs is None or is_asked or not workflow.is_main_process or not workflow.local_exec:
        return None
    settings = workflow.resource_settings
    cores = max(settings.nodes or 0, settings.cores or 0, 1)
    return pack_remaining(search, plan, packs, cores, are_plain=not has_gpus and _are_plain(search, plan))


def _are_plain(search: Path, plan: Plan) -> bool:
    """Whether jobs may take training runs from each other: nothing must be waited for, copied or watched."""
    asks_for_a_place = SLOT in read_plain(f"{search}/{layout.RUN}", 1 << 20)
    return not (plan.settings.carry or asks_for_a_place or (search / layout.LIMITS).exists())


def packs_end() -> None:
    """Let the packs of this run begin no other training run."""
    os.makedirs(ENDED, exist_ok=True)
    Path(ENDING).write_text(f"{os.environ[RUN]}\n", encoding="utf-8")


def pack_remaining(search: Path, plan: Plan, packs: Packs, cores: int, *, are_plain: bool = True) -> LocalPacks:
    """Pack what remains to be trained; ``cores`` training runs run at a time.

    If they ``are_plain``, so that a pack does without train.py, jobs of a stage may take them from each other.
    """
    known = {} if packs.most is not None else _measured(search, plan)
    found, shared, largest = dict[tuple[int, int], list[Pack]](), set[tuple[int, int]](), 1
    for bracket in plan.brackets:
        is_filled = True  # else what is there waits for a promotion, which may put something else in its place
        for stage in bracket.stages:
            words = list(stage.run_names)
            if is_filled:
                words = _remaining(search, bracket.index, stage, is_last=stage is bracket.stages[-1])
            is_filled &= (search / layout.stage_path(bracket.index, stage.index) / layout.PROMOTION).exists()
            left, seconds = len(words), expected_seconds(known, float(stage.budget))
            jobs = share_jobs(plan, stage, packs, left=left, cores=cores, seconds=seconds)
            if are_plain and jobs:
                shared.add((bracket.index, stage.index))
                found[bracket.index, stage.index] = _parts(stage, jobs)
                continue
            size = pack_size(plan, stage, packs, left=left, cores=cores, seconds=seconds)
            largest = max(largest, size)
            if size > 1 or (len(words) <= FEW and len(words) < stage.trainings):
                found[bracket.index, stage.index] = split(words, -(-len(words) // size)) if words else []
    ended = f"{ENDED}/{os.getpid()}-{time.time_ns()}"
    return LocalPacks(found, ended, _why(packs, known, largest, bool(shared)), frozenset(shared))


def _parts(stage: Stage, jobs: int) -> list[Pack]:
    firsts = first_of_each(stage.configurations, jobs)
    return [stage.run_names[a:b] for a, b in pairwise([*firsts, stage.configurations])]


def _remaining(search: Path, bracket: int, stage: Stage, *, is_last: bool) -> list[str]:
    """Give the training runs of a stage that have no outcome, or, in a last stage, no result any more."""
    names = (layout.OUTCOME, layout.RESULT) if is_last else (layout.OUTCOME,)
    place = f"{search}/{layout.stage_path(bracket, stage.index)}"
    return [word for word in stage.run_names if not is_settled(place, word, names)]


def is_settled(place: str, word: str, names: tuple[str, ...]) -> bool:
    """Whether a slot has these files, and its record agrees: run.sh may have made one of this name, and was killed.

    It is asked for each slot of a search, so the record of one that was completed is not taken apart.
    """
    if not has_files(f"{place}/config-{word}", names):
        return False
    if is_good(read_plain(f"{place}/{layout.ATTEMPTS}/config-{word.replace('/', '-')}")):
        return True
    return read_outcome(Path(f"{place}/config-{word}")).status in (Status.COMPLETED, Status.FAILED, Status.EMPTY)


def expected_seconds(known: Mapping[float, float], budget: float) -> float | None:
    """Seconds that a training run with this budget takes, at most, by those that are ``known`` for budgets.

    >>> expected_seconds({1.0: 0.5, 9.0: 2.0}, 3.0), expected_seconds({9.0: 2.0}, 1.0), expected_seconds({}, 1.0)
    (1.5, 2.0, None)
    """
    return min((seconds * max(1.0, budget / other) for other, seconds in known.items() if other), default=None)


def _measured(search: Path, plan: Plan) -> dict[float, float]:
    """Seconds of a training run by budget, as far as any has ended: the median of a few of each stage."""
    found = dict[float, list[float]]()
    for bracket in plan.brackets:
        for stage in bracket.stages:
            found.setdefault(float(stage.budget), []).extend(_seconds(search, bracket.index, stage))
    return {budget: median(seconds) for budget, seconds in found.items() if seconds}


def _seconds(search: Path, bracket: int, stage: Stage) -> Iterator[float]:
    if not (search / layout.stage_path(bracket, stage.index) / layout.ATTEMPTS).is_dir():
        return
    for word in islice(stage.run_names, LOOKED_AT):
        attempts = read_attempts(search / Slot.of(bracket, stage.index, word).path)
        yield from (attempt.seconds for attempt in attempts if attempt.exit is not None)


def _why(packs: Packs, known: Mapping[float, float], largest: int, is_shared: bool) -> str:
    if is_shared:
        what = "a few jobs train a stage together"
    elif largest == 1:
        what = "each training run has its own job"
    else:
        what = f"up to {counted(largest, 'training run')} share a job"
    if packs.most is not None:
        return f"Packs: {what} ({layout.PACKS})."
    if not known:
        return f"Packs: {what}, since it is not known yet how long they take ({layout.PACKS}: auto)."
    return f"Packs: {what}, since the shortest take {min(known.values()):.2g} s ({layout.PACKS}: auto)."
