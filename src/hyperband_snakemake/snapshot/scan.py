"""Reading a whole search: its files become one value, a `Snapshot`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from ..core.disk.archives import is_archived
from ..core.disk.packed import look_again
from ..core.halving import ranking
from ..core.halving.best import tied_with_best
from ..core.plan import Bracket, Plan, Stage
from ..core.slurm.queue import read_queue
from ..core.tree import layout
from ..core.tree.configurations import find_other_table
from ..core.tree.folds import read_whole
from ..core.tree.layout import Slot
from ..core.tree.outcome import INTERRUPTED, QUEUED, RUNNING, Outcome, Status, read_outcome, used_up
from ..core.tree.planfile import read_plan
from ..core.tree.promotion import read_table
from ..core.tree.proposals import SamplerFile, read_sampling
from ..core.tree.record import read_attempts, since_retry
from ..errors import NotASearch
from .jobs import JobView, job_of
from .original import is_original, words_for
from .stages import ENDED, TRAINED, BracketView, StageView


@dataclass(frozen=True)
class Snapshot:
    """The state of a whole search at one moment.

    ``jobs`` are its waiting and running Slurm jobs, and ``archived`` the brackets whose small files are packed.
    """

    path: Path
    plan: Plan
    brackets: tuple[BracketView, ...]
    jobs: Mapping[Slot, JobView] = field(default_factory=dict)
    sampling: SamplerFile | None = None
    archived: tuple[int, ...] = ()

    @property
    def proposed(self) -> Collection[int]:
        """Brackets whose configurations are proposed while the search runs."""
        return () if self.sampling is None else self.sampling.learners

    def bracket(self, index: int) -> BracketView:
        """The bracket with this number."""
        return next(view for view in self.brackets if view.bracket.index == index)

    def slots(self) -> Iterator[tuple[Slot, Stage, Outcome, Slot | None]]:
        """Each slot with its stage, outcome and origin, in numerical order."""
        for bracket in self.brackets:
            for view in bracket.stages:
                for c, (outcome, origin) in enumerate(zip(view.outcomes, view.origins, strict=True)):
                    yield Slot(view.bracket_index, view.stage.index, c), view.stage, outcome, origin

    @cached_property
    def done(self) -> int:
        """How many slots have ended."""
        return sum(outcome.status in ENDED for _, _, outcome, _ in self.slots())

    @cached_property
    def runs_done(self) -> int:
        """How many training runs are done: those of all ended slots, one for each fold."""
        return sum(max(1, len(s.fold_names)) for _, s, outcome, _ in self.slots() if outcome.status in ENDED)

    @cached_property
    def failed(self) -> int:
        """How many of these have failed."""
        return sum(outcome.status is Status.FAILED for _, _, outcome, _ in self.slots())

    @cached_property
    def complete(self) -> bool:
        """Whether every slot has ended and the best configuration is at the top of the search."""
        return self.done == self.plan.slots and (self.path / layout.BEST_CONFIG).exists()

    @cached_property
    def spent(self) -> Fraction:
        """Budget of all training runs that have ended, in the user's unit."""
        return sum((s.spends for _, s, outcome, _ in self.slots() if outcome.status in TRAINED), Fraction(0))

    @property
    def best(self) -> tuple[Fraction, Slot, Outcome] | None:
        """The best result at the largest budget reached so far: (budget, slot, outcome)."""
        return self._ranked[0] if self._ranked else None

    @cached_property
    def tied(self) -> tuple[Slot, ...]:
        """Others with the same budget and result as the best."""
        return tuple(tied_with_best(self._ranked)) if self._ranked else ()

    @cached_property
    def _ranked(self) -> list[tuple[Fraction, Slot, Outcome]]:
        """All results at the largest budget reached so far, best first."""
        views = [view for bracket in self.brackets for view in bracket.stages if view.counts[Status.COMPLETED]]
        largest = max((view.stage.budget for view in views), default=None)
        entries = ((s.budget, slot, outcome) for slot, s, outcome, _ in self.slots() if s.budget == largest)
        return ranking.order_across(entries, maximize=self.plan.settings.maximize)


def scan(path: Path) -> Snapshot:
    """Read a search and the state of its Slurm jobs.

    Raises:
        NotASearch: there is none at ``path``, or it has a format of another version.
    """
    return with_jobs(scan_files(path))


def scan_files(path: Path) -> Snapshot:
    """Read a search from its own files, without its Slurm jobs.

    Raises:
        NotASearch: there is none at ``path``, or it has a format of another version.
    """
    look_again()
    plan, sampling = read_settings(path)
    packed = _archived(path, plan)
    brackets = tuple(_bracket(path, plan, bracket) for bracket in plan.brackets)
    if _archived(path, plan) != packed:  # in this moment: what is gone from the disk was not looked for in an archive
        return scan_files(path)
    return Snapshot(path, plan, brackets, sampling=sampling, archived=packed)


def _archived(path: Path, plan: Plan) -> tuple[int, ...]:
    return tuple(b.index for b in plan.brackets if is_archived(path / layout.bracket_path(b.index)))


def read_settings(path: Path) -> tuple[Plan, SamplerFile | None]:
    """Read the plan of a search and how its configurations are drawn.

    Raises:
        NotASearch: there is none at ``path``, or it has a format of another version.
    """
    try:
        return read_plan(path), read_sampling(path)
    except ValueError as error:
        raise NotASearch(words_for(path) if is_original(path) else str(error)) from None


def with_jobs(snapshot: Snapshot, without: Collection[Slot] = ()) -> Snapshot:
    """Add the Slurm jobs: slots of waiting jobs are queued, and those of running jobs run, even if unseen from here.

    Slots known to be ``without`` a job are skipped.
    """
    if not any((snapshot.path / name).exists() for name in (layout.SLURM, layout.SLURM_OFF)):  # jobs outlive `off`
        return snapshot
    queue = read_queue(snapshot.path)
    asked = (
        (training, read_outcome(snapshot.path / training.path) if training.fold else outcome)
        for slot, stage, outcome, _ in snapshot.slots()
        if slot not in without
        for training in slot.runs(stage.fold_names)
    )
    found = {training: job_of(snapshot.path / training.path, outcome, queue) for training, outcome in asked}
    jobs = {training: job for training, job in found.items() if job is not None}
    runs = {training.configuration for training, job in jobs.items() if job.elapsed is not None}
    waits = {training.configuration for training in jobs} - runs

    def seen(slot: Slot, outcome: Outcome) -> Outcome:
        return (
            RUNNING if slot in runs else QUEUED if slot in waits and outcome.status is not Status.RUNNING else outcome
        )

    def updated(view: StageView) -> StageView:
        outcomes = (seen(Slot(view.bracket_index, view.stage.index, c), o) for c, o in enumerate(view.outcomes))
        return replace(view, outcomes=tuple(outcomes))

    brackets = (replace(b, stages=tuple(updated(view) for view in b.stages)) for b in snapshot.brackets)
    return replace(snapshot, brackets=tuple(brackets), jobs=jobs)


def _bracket(path: Path, plan: Plan, bracket: Bracket) -> BracketView:
    return BracketView(bracket, tuple(read_stage(path, plan, bracket.index, stage) for stage in bracket.stages))


def read_stage(
    path: Path, plan: Plan, bracket: int, stage: Stage, known: Mapping[int, Outcome] | None = None
) -> StageView:
    """Read one stage of the search at ``path``, except slots whose outcome is ``known`` (by number)."""
    slots = [Slot(bracket, stage.index, c) for c in range(stage.configurations)]
    table = read_table(bracket, stage.index - 1, path) if stage.index else None
    origins = [find_other_table(slot, path) or _origin(slot, table) for slot in slots] if table else [None] * len(slots)
    found = known or {}
    folds = stage.fold_names
    outcomes = (
        found[slot.config] if slot.config in found else _outcome(path / slot.path, plan, folds) for slot in slots
    )
    return StageView(bracket, stage, tuple(outcomes), tuple(origins), plan.settings.maximize)


def _outcome(directory: Path, plan: Plan, folds: Sequence[str]) -> Outcome:
    """Read the outcome of a slot. Where a whole job was lost, Snakemake removes the files of those that had ended."""
    outcome = read_whole(directory, folds)
    if outcome != INTERRUPTED or folds:
        return outcome
    return used_up(since_retry(read_attempts(directory)), plan.settings.retries, "") or outcome


def _origin(slot: Slot, table: list[tuple[int, str] | None] | None) -> Slot | None:
    entry = table[slot.config] if table and slot.config < len(table) else None
    return Slot(slot.bracket, slot.stage - 1, entry[0]) if entry else None
