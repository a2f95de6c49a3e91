"""How the training runs of a search are packed in one run of Snakemake on this machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from ...plan import Plan, Stage, counted
from ...plan.optionfile import read_options
from ...plan.packs import AUTO, Packs, pack_size, packs_from_toml
from ...slurm.packs import Pack, split
from ...tree import layout
from ...tree.layout import Slot
from ...tree.record import read_attempts

LOOKED_AT = 16  # training runs of each stage whose time is looked up


@dataclass(frozen=True)
class Sizes:
    """How many training runs share a job, by numbers of bracket and stage, and why as text for the user."""

    of_stage: Mapping[tuple[int, int], int]
    why: str

    def packs_of(self, bracket: int, stage: Stage) -> list[Pack]:
        """Names of the training runs in each pack of a stage; empty: each has its own job."""
        size = self.of_stage[bracket, stage.index]
        return split(stage.run_names, -(-stage.trainings // size)) if size > 1 else []


def read_packs(search: Path) -> Packs | None:
    """Read ``packs.toml``; None if there is none.

    Raises:
        OptionError: it cannot be read, or holds something that means nothing; the text names the file.
    """
    return read_options(search / layout.PACKS, packs_from_toml, f"hyband run {search} --pack {AUTO}")


def find_sizes(search: Path, plan: Plan, workflow: Any) -> Sizes | None:
    """Find how this run of Snakemake packs; None if each training run has its own job.

    So it is, too, where jobs are elsewhere, and where single files are asked for: nothing else is to be trained then.

    Raises:
        OptionError: ``packs.toml`` cannot be read.
    """
    packs = None if (search / layout.SLURM).exists() else read_packs(search)
    targets = getattr(getattr(workflow, "dag_settings", None), "targets", ())
    if packs is None or not workflow.local_exec or set(targets) - {"all"}:
        return None
    settings = workflow.resource_settings
    return sizes_of(search, plan, packs, max(settings.nodes or 0, settings.cores or 0, 1))


def sizes_of(search: Path, plan: Plan, packs: Packs, cores: int) -> Sizes:
    """Choose the size of the packs of each stage, where so many training runs run at a time."""
    known = {} if packs.most is not None else _measured(search, plan)
    sizes = {
        (bracket.index, stage.index): pack_size(plan, stage, packs, cores, expected_seconds(known, float(stage.budget)))
        for bracket in plan.brackets
        for stage in bracket.stages
    }
    return Sizes(sizes, _why(packs, known, max(sizes.values())))


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


def _why(packs: Packs, known: Mapping[float, float], largest: int) -> str:
    if largest == 1:
        what = "each training run has its own job"
    else:
        what = f"up to {counted(largest, 'training run')} share a job"
    if packs.most is not None:
        return f"Packs: {what} ({layout.PACKS})."
    if not known:
        return f"Packs: {what}, since it is not known yet how long they take ({layout.PACKS}: auto)."
    return f"Packs: {what}, since the shortest take {min(known.values()):.2g} s ({layout.PACKS}: auto)."
