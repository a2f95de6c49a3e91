"""Numbers for comparing parts: at the same budget of a training run, and after the same total budget."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.halving.ranking import badness
from ...core.tree.outcome import Status
from ...snapshot.rows import Row
from ..analysis import Progress, progress_of
from .parts import Part

LEAST = 4  # fewest results on each side for comparing distributions


@dataclass(frozen=True)
class Measures:
    """A part in numbers.

    ``best`` is at the largest budget that all parts have; ``equal`` is the best at that budget when the part had spent
    as much as the one that spent least.
    """

    configurations: int
    runs: int
    trained: int
    failed: int
    spent: float
    seconds: float
    best: Row | None
    best_own: Row | None
    equal: float | None


@dataclass(frozen=True)
class Pairing:
    """Two parts at one budget: the ``share`` of all pairs of initial results in which the first part's is better."""

    first: str
    second: str
    budget: float
    share: float
    numbers: tuple[int, int]

    @property
    def is_clear(self) -> bool:
        """Whether the share differs from one half by more than two standard deviations of chance."""
        n, m = self.numbers
        return abs(self.share - 0.5) > 2 * math.sqrt((n + m + 1) / (12 * n * m))


def common_budgets(parts: Sequence[Part]) -> list[float]:
    """Budgets at which every part has a result, smallest first."""
    return sorted(set.intersection(*({float(row.budget) for row in part.done} for part in parts)))


def least_spent(parts: Sequence[Part]) -> float:
    """Budget spent by the part that spent least."""
    return min(_spent(part) for part in parts)


def measures_of(part: Part, budget: float | None, equal: float) -> Measures:
    """Work out the numbers of a part.

    Args:
        part: what was trained.
        budget: the largest budget that all parts have; None if there is none.
        equal: the total budget at which the parts are compared.
    """
    largest = max((float(row.budget) for row in part.done), default=None)
    return Measures(
        configurations=len({row.root for row in part.rows if row.root and row.attempts}),
        runs=len(part.rows),
        trained=sum(row.status in (Status.COMPLETED, Status.FAILED) for row in part.rows),
        failed=sum(row.status == Status.FAILED for row in part.rows),
        spent=_spent(part),
        seconds=sum(row.total_seconds or 0.0 for row in part.rows),
        best=_best(part, budget),
        best_own=_best(part, largest),
        equal=_until(part, budget, equal),
    )


def _spent(part: Part) -> float:
    return float(sum(row.added_budget for row in part.rows if row.status in (Status.COMPLETED, Status.FAILED)))


def _best(part: Part, budget: float | None) -> Row | None:
    own = [row for row in part.done if row.budget == budget]
    return min(own, key=lambda row: (badness(row.result or 0.0, maximize=part.maximize), row.slot), default=None)


def steps_at(part: Part, budget: float | None) -> Progress | None:
    """The best result so far at a budget, over what the part had spent by then."""
    return next((one for one in progress_of(part.rows, maximize=part.maximize) if one.budget == budget), None)


def _until(part: Part, budget: float | None, spent: float) -> float | None:
    """The best result at a budget when this much had been spent; None if there was none yet, or times are unknown."""
    steps = steps_at(part, budget)
    reached = [best for at, best in zip(steps.spent, steps.best, strict=True) if at <= spent + 1e-9] if steps else []
    return reached[-1] if reached else None


def pairings(parts: Sequence[Part]) -> list[Pairing]:
    """Compare the first part with each other one, at budgets at which both train new configurations.

    Only results in a configuration's first stage count: later stages only contain promoted ones.
    """
    first, found = parts[0], list[Pairing]()
    for other in parts[1:]:
        mine, theirs = _born(first), _born(other)
        for budget in sorted(set(mine) & set(theirs)):
            numbers = len(mine[budget]), len(theirs[budget])
            if min(numbers) >= LEAST:
                share = _better(mine[budget], theirs[budget])
                found.append(Pairing(first.name, other.name, budget, share, numbers))
    return found


def _born(part: Part) -> dict[float, list[float]]:
    """For each budget, how bad the results are of configurations first trained with it."""
    found: dict[float, list[float]] = {}
    for row in part.done:
        if row.stage == 0:
            found.setdefault(float(row.budget), []).append(badness(row.result or 0.0, maximize=part.maximize))
    return found


def _better(first: Sequence[float], second: Sequence[float]) -> float:
    """Share of all pairs in which the first is lower; ties count as half.

    >>> _better([1, 2], [2, 3]), _better([1], [1])
    (0.875, 0.5)
    """
    order = sorted(second)
    wins = sum(len(order) - bisect_right(order, one) for one in first)
    ties = sum(bisect_right(order, one) - bisect_left(order, one) for one in first)
    return (wins + ties / 2) / (len(first) * len(second))
