"""The results of a search so far, as data to learn from."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..core.tree.configurations import root_of
from ..core.tree.layout import Slot
from ..snapshot.scan import Snapshot
from ..snapshot.stages import TRAINED
from ..snapshot.trained import read_trained
from ..space.configurations import read_record

FEWEST = 3  # results at the largest budget that are enough for proposals at that budget to learn from it alone


@dataclass(frozen=True)
class Running:
    """A configuration whose result a model does not know; it must know the configuration to propose something else."""

    values: dict[str, Any]
    space: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Observation:
    """An ended training run: what it was trained with, and its loss (None if it failed).

    The loss is the result, negated if the search maximizes: lower is better.
    """

    slot: Slot
    budget: Fraction
    loss: float | None
    values: dict[str, Any]
    space: dict[str, dict[str, Any]]


def observations(snapshot: Snapshot, brackets: Collection[int] | None = None) -> Iterator[Observation]:
    """All ended runs of these brackets whose draws are recorded, in numerical order."""
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
    """All configurations of these brackets at a budget, except those whose results a model knows.

    They may be running or have ended: that depends on timing, and proposals must not depend on timing.
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
    """Keep those at one budget: the largest with enough results, as in BOHB (Falkner et al., ICML 2018).

    Enough is the number of parameters plus three. If no budget has enough, it is the one with the most results.

    Args:
        found: the ended runs.
        top: the largest budget of the search, if the proposal will be trained at it; otherwise None. `FEWEST` results
            are enough there: a model that waits for more does not learn from its own proposals and repeats itself.
    """
    by_budget: dict[Fraction, list[Observation]] = {}
    for one in found:
        by_budget.setdefault(one.budget, []).append(one)
    results = {one: sum(each.loss is not None for each in ended) for one, ended in by_budget.items()}
    parameters = max((len(one.space) for one in found), default=0)
    return by_budget[budget_to_learn_at(results, parameters, top)] if by_budget else []


def budget_to_learn_at(results: Mapping[Fraction, int], parameters: int, top: Fraction | None) -> Fraction:
    """Choose one of these budgets by its number of results, by the rule of `to_learn_from`.

    >>> results = {Fraction(1): 9, Fraction(3): 6, Fraction(9): 3}
    >>> [int(budget_to_learn_at(results, parameters, None)) for parameters in (2, 6, 10)]
    [3, 1, 1]
    >>> int(budget_to_learn_at(results, 10, Fraction(9)))
    9
    """
    rich = [one for one, number in results.items() if number >= (FEWEST if one == top else parameters + 3)]
    return max(rich) if rich else max(results, key=lambda one: results[one])
