"""What is left of a search, and how long it will take at the speed seen so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from .core.layout import Slot
from .core.plan import Settings, Stage, number_text
from .core.record import Attempt, read_attempts
from .scan import ENDED, Snapshot


@dataclass(frozen=True)
class Pace:
    """``cost`` is left, in the plan's unit. As measured: seconds for a unit of budget, trainings at a time, time left.

    The measured numbers are None while no training has ended well.
    """

    cost: Fraction
    unit_seconds: float | None = None
    at_a_time: float | None = None
    left: timedelta | None = None


def pace_of(snapshot: Snapshot) -> Pace:
    """Read the records of the trainings that have ended well.

    The time left is that of the remaining budget at the mean number of trainings at a time, and never shorter than
    what the longest remaining chain of stages takes one after the other.
    """
    added = {(b.index, s.index): s.spends for b in snapshot.plan.brackets for s in b.stages}
    open_ones = [(slot, stage) for slot, stage, outcome, _ in snapshot.slots() if outcome.status not in ENDED]
    cost = sum((stage.cost / stage.configurations for _, stage in open_ones), Fraction(0))
    good, budget = [], Fraction(0)
    for slot, stage, outcome, _ in snapshot.slots():
        if outcome.result is not None and (attempts := _good_attempts(snapshot, slot, stage)):
            good += attempts
            budget += stage.spends
    seconds, watched = sum(attempt.seconds for attempt in good), _watched(good)
    if not seconds or not watched or not budget:
        return Pace(cost)
    unit, at_a_time = seconds / float(budget), max(seconds / watched, 1e-6)
    work = sum((added[slot.bracket, slot.stage] for slot, _ in open_ones), Fraction(0))
    steps = {(slot.bracket, slot.stage) for slot, _ in open_ones}
    trainings = {(b.index, s.index): max(1, len(s.parts)) for b in snapshot.plan.brackets for s in b.stages}
    one = {step: added[step] / trainings[step] for step in steps}
    chain = max((sum(one[b, s] for b, s in steps if b == own) for own, _ in steps), default=Fraction(0))
    left = timedelta(seconds=round(unit * max(float(work) / at_a_time, float(chain))))
    return Pace(cost, unit, at_a_time, left)


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
    try:
        start, end = (datetime.fromisoformat(text).timestamp() for text in (attempt.start, attempt.end))
    except (ValueError, OverflowError):
        return None  # written by hand, or damaged
    return start, end + 1


def pace_text(snapshot: Snapshot, pace: Pace) -> str:
    """One line."""
    line = f"Remaining - cost {float(pace.cost):.2f} of {float(snapshot.plan.cost):.2f}"
    if pace.left is None or pace.unit_seconds is None:
        return line
    return (
        f"{line}, about {pace.left} at {pace.at_a_time:.3g} trainings at a time; "
        f"a unit of budget took {pace.unit_seconds:.3g} s (planned: cost {_planned(snapshot.plan.settings)})"
    )


def _planned(settings: Settings) -> str:
    return number_text(settings.unit_cost) + (
        f", and {number_text(settings.start_cost)} for each start" if settings.start_cost else ""
    )
