"""How much of a search is left, and how long that will take at the speed measured so far."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from ..core.plan import Plan, Stage, short_number
from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status
from ..core.tree.record import Attempt, read_attempts, timestamp
from .durations import duration
from .scan import Snapshot
from .stages import ENDED


@dataclass(frozen=True)
class Speed:
    """Seconds that a training run takes for each unit of its budget, and for its start."""

    unit_seconds: float
    start_seconds: float = 0.0

    def takes(self, budget: Fraction) -> float:
        """Seconds of a training run that spends this budget."""
        return self.start_seconds + self.unit_seconds * float(budget)


@dataclass(frozen=True)
class Pace:
    """The remaining ``cost``, in the plan's unit, and measurements: speed, training runs at a time, time left.

    The measurements are None while no training run has succeeded.
    """

    cost: Fraction
    speed: Speed | None = None
    at_a_time: float | None = None
    left: timedelta | None = None


@dataclass(frozen=True)
class Timing:
    """A training run that succeeded: the budget it spent, the seconds it took, and between which moments."""

    budget: Fraction
    seconds: float
    span: tuple[float, float] | None


def pace_of(snapshot: Snapshot, now: float | None = None) -> Pace:
    """Work out the pace of a search once; `PaceReader` does it repeatedly."""
    return PaceReader().pace(snapshot, now)


class PaceReader:
    """Works out the pace of a search repeatedly; records of ended runs are read once, unless they change."""

    def __init__(self) -> None:
        self._read: dict[Slot, tuple[Outcome, list[Timing]]] = {}

    def pace(self, snapshot: Snapshot, now: float | None = None) -> Pace:
        """Read the records of successful and running training runs, and work out the pace.

        The time left assumes that as many training runs as on average so far run at a time. It is at least the time of
        the longest remaining chain of stages. For running ones, the elapsed time is subtracted.

        Args:
            snapshot: the present state of the search.
            now: time in seconds since 1970; None asks the clock.
        """
        open_ones = [
            (slot, stage, _records(snapshot, slot, stage, outcome))
            for slot, stage, outcome, _ in snapshot.slots()
            if outcome.status not in ENDED
        ]
        cost = sum((stage.cost / stage.configurations for _, stage, _ in open_ones), Fraction(0))
        seen = self._timings(snapshot)
        speed = speed_of([(one.budget, one.seconds) for one in seen], snapshot.plan)
        watched = _watched([one.span for one in seen if one.span])
        if speed is None or not watched:
            return Pace(cost)
        at_a_time = max(sum(one.seconds for one in seen) / watched, 1e-6)
        moment = time.time() if now is None else now
        rests = [
            (slot, [_rest(record, speed.takes(stage.spends), moment) for record in records])
            for slot, stage, records in open_ones
        ]
        work = sum(sum(seconds) for _, seconds in rests)
        left = max(work / at_a_time, _longest_chain(rests, snapshot))
        return Pace(cost, speed, at_a_time, timedelta(seconds=round(left)))

    def _timings(self, snapshot: Snapshot) -> list[Timing]:
        """All training runs that have succeeded."""
        found: list[Timing] = []
        for slot, stage, outcome, _ in snapshot.slots():
            if outcome.result is None:
                continue
            if slot not in self._read or self._read[slot][0] != outcome:
                attempts = _good_attempts(snapshot, slot, stage)
                self._read[slot] = outcome, [Timing(stage.spends, one.seconds, _span(one)) for one in attempts]
            found += self._read[slot][1]
        return found


def _records(snapshot: Snapshot, slot: Slot, stage: Stage, outcome: Outcome) -> list[tuple[Attempt, ...]]:
    """Records of a configuration's unfinished training runs; nothing is read if none is running."""
    if outcome.status is not Status.RUNNING:
        return [()] * max(1, len(stage.fold_names))
    return [read_attempts(snapshot.path / training.path) for training in slot.runs(stage.fold_names)]


def _rest(record: Sequence[Attempt], takes: float, now: float) -> float:
    """Seconds that one training run will still take, according to its record."""
    if not record or (record[-1].end and not record[-1].good):
        return takes
    if record[-1].good:
        return 0.0
    start = timestamp(record[-1].start)
    return takes if start is None else max(0.0, takes - max(0.0, now - start))


def speed_of(seen: Sequence[tuple[Fraction, float]], plan: Plan) -> Speed | None:
    """Estimate the speed from budgets and seconds of training runs, by least squares.

    If that makes no sense, as with a single budget, the start gets the same share as in the plan.

    >>> from hyperband_snakemake.core.plan import Settings, make_plan
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
    """Cost of a unit of budget in a training run."""
    stage = plan.brackets[0].stages[0]
    return (stage.cost_each - plan.settings.start_cost) / stage.spends


def _longest_chain(rests: Sequence[tuple[Slot, list[float]]], snapshot: Snapshot) -> float:
    """Seconds of the longest chain of unfinished stages, including brackets that wait for those they learn from."""
    chains: dict[int, dict[int, float]] = {}
    for slot, seconds in rests:
        stages = chains.setdefault(slot.bracket, {})
        stages[slot.stage] = max(stages.get(slot.stage, 0.0), *seconds)
    learners = snapshot.sampling.learners if snapshot.sampling else {}
    waits_for = {b: learners[b].awaited(snapshot.plan) if b in learners else [] for b in chains}
    ends: dict[tuple[int, int], float] = {}
    proposed = 0.0  # one after the other
    for bracket in sorted(
        chains, key=lambda b: len((*learners[b].learns, *learners[b].beside)) if b in learners else 0
    ):
        end = max((ends.get((other, stage.index), 0.0) for other, stage in waits_for[bracket]), default=0.0)
        if bracket in learners:
            end = proposed = max(end, proposed)
        for stage, takes in sorted(chains[bracket].items()):
            end += takes
            ends[bracket, stage] = end
    return max(ends.values(), default=0.0)


def _good_attempts(snapshot: Snapshot, slot: Slot, stage: Stage) -> list[Attempt]:
    """The last successful attempt of each training run of a configuration."""
    records = (read_attempts(snapshot.path / training.path) for training in slot.runs(stage.fold_names))
    found = (next((a for a in reversed(record) if a.good), None) for record in records)
    return [attempt for attempt in found if attempt is not None]


def _watched(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds during which at least one training run was running.

    >>> _watched([(0.0, 10.0), (5.0, 20.0), (90.0, 91.0)])
    21.0
    """
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _span(attempt: Attempt) -> tuple[float, float] | None:
    """When it ran, from its start and its seconds: the clock may be changed while it runs."""
    start = timestamp(attempt.start)
    return None if start is None else (start, start + max(1.0, attempt.seconds))


def pace_text(snapshot: Snapshot, pace: Pace, *, is_running: bool = True) -> str:
    """What is left, in one line; for a search that is not running, the time it takes once it runs again."""
    line = f"Remaining - cost {float(pace.cost):.2f} of {float(snapshot.plan.cost):.2f}"
    if pace.left is None or pace.speed is None:
        return line
    start = f", a start {pace.speed.start_seconds:.3g} s" if pace.speed.start_seconds else ""
    time = f"about {duration(pace.left.total_seconds())}{'' if is_running else ' once it runs again'}"
    runs = f"{pace.at_a_time:.3g} training run{'' if f'{pace.at_a_time:.3g}' == '1' else 's'} at a time"
    return (
        f"{line}, {time}, at {runs}; "
        f"a unit of budget took {pace.speed.unit_seconds:.3g} s{start} (planned: cost {_planned(snapshot.plan)})"
    )


def _planned(plan: Plan) -> str:
    start_cost = plan.settings.start_cost
    return short_number(_planned_unit(plan)) + (f", a start {short_number(start_cost)}" if start_cost else "")
