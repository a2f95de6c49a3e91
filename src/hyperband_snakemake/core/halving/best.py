"""All completed training runs of a search, best first, and how the best ones are named."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from ..disk.files import read
from ..plan import Plan, number_text
from ..tree import layout
from ..tree.folds import read_whole
from ..tree.layout import Slot, slots_of
from ..tree.outcome import Outcome
from . import ranking

SHOWN = 3


def read_all(plan: Plan, search: Path = Path()) -> dict[Slot, Outcome]:
    """Read the outcome of each slot."""
    return {slot: read_whole(search / slot.path, stage.fold_names) for slot, stage in slots_of(plan)}


def rank_all(plan: Plan, outcomes: Mapping[Slot, Outcome]) -> list[tuple[Fraction, Slot, Outcome]]:
    """All completed training runs, best first: the largest budget before all smaller ones."""
    entries = ((stage.budget, slot, outcomes[slot]) for slot, stage in slots_of(plan))
    return ranking.order_across(entries, maximize=plan.settings.maximize)


def tied_with_best(ranked: Sequence[tuple[Fraction, Slot, Outcome]]) -> list[Slot]:
    """Return the other slots with the same budget and result as the first; ``ranked`` are completed, best first."""
    return [slot for budget, slot, outcome in ranked[1:] if (budget, outcome.result) == _place(ranked[0])]


def _place(entry: tuple[Fraction, Slot, Outcome]) -> tuple[Fraction, float | None]:
    return entry[0], entry[2].result


def best_text(ranked: list[tuple[Fraction, Slot, Outcome]], search: Path, shown: Path) -> str:
    """Name the best configurations, for the last lines of a run; ``shown`` is the search's path for people.

    The copy is mentioned only if it was made: a run of a part of the search copies nothing.
    """
    lines = [
        f"  {place}. {outcome.text} - {shown / slot.path} (budget {number_text(budget)})"
        for place, (budget, slot, outcome) in enumerate(ranked[:SHOWN], 1)
    ]
    copy = read(search / layout.BEST_CONFIG)
    if copy is not None and copy == read(search / ranked[0][1].path / layout.CONFIG):
        lines.append(f"The best one is copied to {shown / layout.BEST_CONFIG}")
    return "\n".join(["Best configurations:", *lines])
