"""What a search has found so far, as data to learn from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..core.tree.configurations import root_of
from ..core.tree.layout import Slot
from ..snapshot.scan import TRAINED, Snapshot
from ..snapshot.trained import read_trained
from ..space.configurations import read_record


@dataclass(frozen=True)
class Observation:
    """A training that has ended: what it was trained with, and its loss, None if it failed.

    The loss is its result, or the negative of it where the search looks for the highest: less is better.
    """

    slot: Slot
    budget: Fraction
    loss: float | None
    values: dict[str, Any]
    space: dict[str, dict[str, Any]]


def observations(snapshot: Snapshot, brackets: Collection[int] | None = None) -> Iterator[Observation]:
    """All trainings of these brackets that have ended and whose draws are recorded, in the order of their numbers."""
    sign = -1 if snapshot.plan.settings.maximize else 1
    ended = {
        slot: (stage, outcome)
        for slot, stage, outcome, _ in snapshot.slots()
        if outcome.status in TRAINED and (brackets is None or slot.bracket in brackets)
    }
    born = {slot: root_of(slot, snapshot.path) or slot for slot in ended}
    trained = read_trained(snapshot, dict.fromkeys(born.values()))
    for slot, (stage, outcome) in ended.items():
        one = trained.get(born[slot])
        record = read_record(one.record) if one else None
        if record is not None:
            loss = None if outcome.result is None else sign * outcome.result
            yield Observation(slot, stage.budget, loss, record["values"], record["space"])


def of_largest_budget(found: Sequence[Observation]) -> list[Observation]:
    """Keep those of the largest budget that has enough results for a model, as BOHB does (Falkner et al., ICML 2018).

    Enough are two more than there are parameters, plus one. Where no budget has enough: that with the most results.
    """
    by_budget: dict[Fraction, list[Observation]] = {}
    for one in found:
        by_budget.setdefault(one.budget, []).append(one)

    def results(budget: Fraction) -> int:
        return sum(one.loss is not None for one in by_budget[budget])

    enough = max((len(one.space) for one in found), default=0) + 3
    rich = [budget for budget in by_budget if results(budget) >= enough]
    if rich:
        return by_budget[max(rich)]
    return by_budget[max(by_budget, key=results)] if by_budget else []
