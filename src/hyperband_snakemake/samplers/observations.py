"""What a search has found so far, as data to learn from."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..core.tree.configurations import root_of
from ..core.tree.layout import Slot
from ..snapshot.scan import TRAINED, Snapshot
from ..snapshot.trained import read_trained
from ..space.configurations import read_record

FEWEST = 3  # results at the largest budget; once they are there, proposals for it learn from no smaller one


@dataclass(frozen=True)
class Running:
    """A configuration whose result a model does not know: it gets to know it, so that it proposes something else."""

    values: dict[str, Any]
    space: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Observation:
    """A training run that has ended: what it was trained with, and its loss, None if it failed.

    The loss is its result, or the negative of it where the search looks for the highest: less is better.
    """

    slot: Slot
    budget: Fraction
    loss: float | None
    values: dict[str, Any]
    space: dict[str, dict[str, Any]]


def observations(snapshot: Snapshot, brackets: Collection[int] | None = None) -> Iterator[Observation]:
    """All runs of these brackets that have ended and whose draws are recorded, in the order of their numbers."""
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


def unknown_to(
    found: Sequence[Observation], snapshot: Snapshot, brackets: Collection[int], budget: Fraction
) -> list[Running]:
    """All configurations of these brackets at a budget, but for those of which a model that learns from this knows.

    They may be running, or have ended: that is a matter of time, which no proposal depends on.
    """
    known = [one.values for one in found]
    there = [s for s, stage, *_ in snapshot.slots() if stage.budget == budget and s.bracket in brackets]
    trained = read_trained(snapshot, dict.fromkeys(root_of(slot, snapshot.path) or slot for slot in there))
    configurations: list[Running] = []
    for one in trained.values():
        record = read_record(one.record)
        if record is not None and record["values"] not in known:
            configurations.append(Running(record["values"], record["space"]))
    return configurations


def to_learn_from(found: Sequence[Observation], top: Fraction | None) -> list[Observation]:
    """Keep those of one budget: the largest that has enough results, as BOHB does (Falkner et al., ICML 2018).

    Enough are two more than there are parameters, plus one. Where no budget has enough: that with the most results.

    Args:
        found: what has ended.
        top: the largest budget of the search, if the proposal is to be trained with it; else None. `FEWEST` results are
            enough there: a model that waits for more is not told what became of its own proposals, and repeats itself.
    """
    by_budget: dict[Fraction, list[Observation]] = {}
    for one in found:
        by_budget.setdefault(one.budget, []).append(one)
    results = {one: sum(each.loss is not None for each in ended) for one, ended in by_budget.items()}
    parameters = max((len(one.space) for one in found), default=0)
    return by_budget[budget_to_learn_at(results, parameters, top)] if by_budget else []


def budget_to_learn_at(results: Mapping[Fraction, int], parameters: int, top: Fraction | None) -> Fraction:
    """Choose one of these budgets by their numbers of results, as `to_learn_from` says.

    >>> results = {Fraction(1): 9, Fraction(3): 6, Fraction(9): 3}
    >>> [int(budget_to_learn_at(results, parameters, None)) for parameters in (2, 6, 10)]
    [3, 1, 1]
    >>> int(budget_to_learn_at(results, 10, Fraction(9)))
    9
    """
    rich = [one for one, number in results.items() if number >= (FEWEST if one == top else parameters + 3)]
    return max(rich) if rich else max(results, key=lambda one: results[one])
