"""What is left of a search, and how long it will take at the speed seen so far."""

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from .core.layout import Slot
from .core.plan import Plan, Stage, number_text
from .core.record import Attempt, read_attempts, seconds_of
from .scan import ENDED, Snapshot


@dataclass(frozen=True)
class Speed:
    """Seconds that a training takes for each unit of its budget, and beside it."""

    unit_seconds: float
    start_seconds: float = 0.0

    def takes(self, budget: Fraction) -> float:
        """Seconds of a training that spends this budget."""
        return self.start_seconds + self.unit_seconds * float(budget)


@dataclass(frozen=True)
class Pace:
    """``cost`` is left, in the plan's unit. As measured: the speed, trainings at a time, time left.

    The measured ones are None while no training has ended well.
    """

    cost: Fraction
    speed: Speed | None = None
    at_a_time: float | None = None
    left: timedelta | None = None


def pace_of(snapshot: Snapshot) -> Pace:
    """Read the records of the trainings that have ended well.

    The time left is that of the remaining trainings at the mean number of trainings at a time, and never shorter than
    what the longest remaining chain of stages takes one after the other.
    """
    open_ones = [(slot, stage) for slot, stage, outcome, _ in snapshot.slots() if outcome.status not in ENDED]
    cost = sum((stage.cost / stage.configurations for _, stage in open_ones), Fraction(0))
    good = [
        (stage.spends, attempt)
        for slot, stage, outcome, _ in snapshot.slots()
        if outcome.result is not None
        for attempt in _good_attempts(snapshot, slot, stage)
    ]
    speed = speed_of([(budget, attempt.seconds) for budget, attempt in good], snapshot.plan)
    watched = _watched([attempt for _, attempt in good])
    if speed is None or not watched:
        return Pace(cost)
    at_a_time = max(sum(attempt.seconds for _, attempt in good) / watched, 1e-6)
    work = sum(speed.takes(stage.spends) * max(1, len(stage.parts)) for _, stage in open_ones)
    left = max(work / at_a_time, _longest_chain(open_ones, speed, snapshot.proposed))
    return Pace(cost, speed, at_a_time, timedelta(seconds=round(left)))


def speed_of(seen: Sequence[tuple[Fraction, float]], plan: Plan) -> Speed | None:
    """Measure the speed by budgets and seconds of trainings: the line of least squares.

    Where that makes no sense, as with a single budget, the start takes the share that the plan gives it.

    >>> from .core.plan import Settings, make_plan
    >>> speed_of([(Fraction(1), 4.0), (Fraction(3), 8.0)], make_plan(Settings(2, 3)))
    Speed(unit_seconds=2.0, start_seconds=2.0)
    >>> speed_of([(Fraction(1), 4.0)], make_plan(Settings(2, 3, start_cost=Fraction(3))))
    Speed(unit_seconds=1.0, start_seconds=3.0)
    """
    budgets, seconds = [float(budget) for budget, _ in seen], [seconds for _, seconds in seen]
    if not any(seconds):
        return None
    if len(set(budgets)) > 1:
        slope, start = statistics.linear_regression(budgets, seconds)
        if slope > 0 and start >= 0:
            return Speed(slope, start)
    planned = _planned_unit(plan)
    start_cost = float(plan.settings.start_cost / planned) if planned else 0.0  # in units of budget
    unit = sum(seconds) / (sum(budgets) + len(seen) * start_cost)
    return Speed(unit, unit * start_cost)


def _planned_unit(plan: Plan) -> Fraction:
    """Cost of a unit of budget in a training."""
    stage = plan.brackets[0].stages[0]
    return (stage.cost_each - plan.settings.start_cost) / stage.spends


def _longest_chain(open_ones: Sequence[tuple[Slot, Stage]], speed: Speed, proposed: Collection[int]) -> float:
    """Seconds of the longest chain of stages that are not over, and of the brackets that wait for others in turn."""
    chains: dict[int, dict[int, float]] = {}
    for slot, stage in open_ones:
        chains.setdefault(slot.bracket, {})[slot.stage] = speed.takes(stage.spends)
    seconds = {bracket: sum(chain.values()) for bracket, chain in chains.items()}
    in_turn = [seconds.pop(bracket) for bracket in list(seconds) if bracket in proposed]
    return max(seconds.values(), default=0.0) + sum(in_turn)


def _good_attempts(snapshot: Snapshot, slot: Slot, stage: Stage) -> list[Attempt]:
    """The last attempt that ended well, of each training of a configuration."""
    records = (read_attempts(snapshot.path / training.path) for training in slot.trained(stage.parts))
    found = (next((a for a in reversed(record) if a.good), None) for record in records)
    return [attempt for attempt in found if attempt is not None]


def _watched(attempts: Sequence[Attempt]) -> float:
    """Seconds in which at least one of them ran; their times are known to the second.

    >>> _watched([Attempt(1, start="2026-01-01T00:00:00Z", end="2026-01-01T00:00:09Z"),
    ...           Attempt(1, start="2026-01-01T00:00:05Z", end="2026-01-01T00:00:19Z"),
    ...           Attempt(1, start="2026-01-02T00:00:00Z", end="2026-01-02T00:00:00Z")])
    21.0
    """
    total, reached = 0.0, float("-inf")
    for start, end in sorted(filter(None, map(_span, attempts))):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _span(attempt: Attempt) -> tuple[float, float] | None:
    start, end = seconds_of(attempt.start), seconds_of(attempt.end)
    return None if start is None or end is None else (start, end + 1)


def pace_text(snapshot: Snapshot, pace: Pace) -> str:
    """One line."""
    line = f"Remaining - cost {float(pace.cost):.2f} of {float(snapshot.plan.cost):.2f}"
    if pace.left is None or pace.speed is None:
        return line
    start = f", a start {pace.speed.start_seconds:.3g} s" if pace.speed.start_seconds else ""
    return (
        f"{line}, about {pace.left} at {pace.at_a_time:.3g} trainings at a time; "
        f"a unit of budget took {pace.speed.unit_seconds:.3g} s{start} (planned: cost {_planned(snapshot.plan)})"
    )


def _planned(plan: Plan) -> str:
    start_cost = plan.settings.start_cost
    return number_text(_planned_unit(plan)) + (f", a start {number_text(start_cost)}" if start_cost else "")
