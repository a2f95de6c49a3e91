"""Predicting the schedule that Snakemake will follow."""

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from ..core.plan import Bracket, Plan, Stage

MOST_SIMULATED = 200_000  # training runs; more take too long

Waits = Mapping[int, Collection[tuple[int, int]]]  # bracket -> stages (bracket, stage) that must end before it starts
PROPOSED = -1  # instead of a stage: the bracket has its configurations
NO_WAITS: Waits = MappingProxyType({})


@dataclass(frozen=True)
class ScheduledRun:
    """One training run: its slot, its worker, and its start and end in the unit of the plan's cost."""

    bracket: int
    stage: int
    config: int
    worker: int
    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class Schedule:
    """All training runs of a plan, in order of their starts."""

    workers: int
    spans: tuple[ScheduledRun, ...]

    @property
    def wall(self) -> Fraction:
        """Time from the first start to the last end."""
        return max((span.end for span in self.spans), default=Fraction(0))

    @property
    def busy(self) -> Fraction:
        """Share of the workers' time spent on training runs, from 0 to 1."""
        used = sum((span.end - span.start for span in self.spans), Fraction(0))
        return used / (self.workers * self.wall) if self.wall else Fraction(1)


def simulate(plan: Plan, workers: int, waits: Waits = NO_WAITS) -> Schedule:
    """Work out which worker trains what and when, if each training run takes its cost.

    As in the Snakefile, a free worker takes the training run with the most cost ahead to the end of its bracket; a
    stage starts once the stage below has ended completely.

    Args:
        plan: what is trained.
        workers: the number of training runs at a time.
        waits: for each bracket that learns from others, the stages that must end before it starts.

    >>> from hyperband_snakemake.core.plan import Settings, make_plan
    >>> [float(simulate(make_plan(Settings(1, 2)), workers).wall) for workers in (1, 2, 99)]
    [8.0, 5.0, 3.0]
    """
    waiting = _Waiting(plan, waits)
    running: list[tuple[Fraction, int, int, int]] = []
    free = list(range(workers))
    spans: list[ScheduledRun] = []
    now = Fraction(0)
    while waiting.ready or running:
        while waiting.ready and free:
            _, b, s, config = heapq.heappop(waiting.ready)
            worker, takes = heapq.heappop(free), waiting.takes(b, s, config)
            spans.append(ScheduledRun(b, s, config, worker, now, now + takes))
            heapq.heappush(running, (now + takes, worker, b, s))
        now = running[0][0]
        while running and running[0][0] == now:
            _, worker, b, s = heapq.heappop(running)
            heapq.heappush(free, worker)
            waiting.end_one(b, s)
    return Schedule(workers, tuple(spans))


class _Waiting:
    """Training runs that wait for others, and those that are ready, most cost ahead first."""

    def __init__(self, plan: Plan, waits: Waits) -> None:
        self.stages = {(bracket.index, stage.index): stage for bracket in plan.brackets for stage in bracket.stages}
        self.ready: list[tuple[Fraction, int, int, int]] = []
        self._costs = {(b.index, s.index): training_costs(plan, b, s) for b in plan.brackets for s in b.stages}
        self._ahead = {(b.index, s.index): b.ahead(s.index) for b in plan.brackets for s in b.stages}
        self._left = {key: stage.trainings for key, stage in self.stages.items()}
        known = self.stages.keys() | {(bracket.index, PROPOSED) for bracket in plan.brackets}
        self._waits = {bracket.index: known.intersection(waits.get(bracket.index, ())) for bracket in plan.brackets}
        self._open_brackets()

    def takes(self, bracket: int, stage: int, training: int) -> Fraction:
        """Time of one training run of a stage; the runs of a configuration have consecutive numbers."""
        costs = self._costs[bracket, stage]
        return costs[training % len(costs)]

    def end_one(self, bracket: int, stage: int) -> None:
        """Note that a training run of this stage has ended; the last one lets others start."""
        self._left[bracket, stage] -= 1
        if self._left[bracket, stage]:
            return
        if (bracket, stage + 1) in self.stages:
            self._open(bracket, stage + 1)
        for others in self._waits.values():
            others.discard((bracket, stage))
        self._open_brackets()

    def _open_brackets(self) -> None:
        """Start the brackets that no longer wait for others."""
        while free := [bracket for bracket, others in self._waits.items() if not others]:
            for bracket in free:
                del self._waits[bracket]
                self._open(bracket, 0)
            for others in self._waits.values():
                others.difference_update((bracket, PROPOSED) for bracket in free)

    def _open(self, bracket: int, stage: int) -> None:
        for config in range(self.stages[bracket, stage].trainings):
            heapq.heappush(self.ready, (-self._ahead[bracket, stage], bracket, stage, config))


def critical_path(plan: Plan, waits: Waits = NO_WAITS) -> tuple[Bracket | None, Fraction]:
    """Shortest possible time, with unlimited workers, and the bracket that takes it; None if any wait for others."""
    ends: dict[tuple[int, int], Fraction] = {}
    for bracket in sorted(plan.brackets, key=lambda one: len({other for other, _ in waits.get(one.index, ())})):
        end = max((ends[other] for other in waits.get(bracket.index, ()) if other in ends), default=Fraction(0))
        ends[bracket.index, PROPOSED] = end
        for stage in bracket.stages:
            end += max(training_costs(plan, bracket, stage))
            ends[bracket.index, stage.index] = end
    longest = max(plan.brackets, key=lambda bracket: ends[bracket.index, bracket.stages[-1].index])
    return None if any(waits.values()) else longest, ends[longest.index, longest.stages[-1].index]


def training_costs(plan: Plan, bracket: Bracket, stage: Stage) -> tuple[Fraction, ...]:
    """Cost of each training run of a configuration, in the order of `Stage.parts`, in the unit of the plan's cost.

    Costs differ if the search resumes and a stage has more repetitions than the one below: new ones start from scratch.

    >>> from hyperband_snakemake.core.plan import Settings, make_plan
    >>> plan = make_plan(Settings(1, 3, resume=True, parallel_folds=True, repetitions_at_stage=("1=2",)))
    >>> [str(cost) for cost in training_costs(plan, plan.brackets[0], plan.brackets[0].stages[1])]
    ['2', '3']
    """
    if stage.added is None or not stage.fold_names:
        return (stage.cost_each,) * max(1, len(stage.fold_names))
    below = bracket.stages[stage.index - 1]
    unit = plan.settings.unit_cost_at(stage.index) / len(stage.fold_names)
    added, whole = (units * unit + plan.settings.start_cost for units in (stage.budget - below.budget, stage.budget))
    return (added,) * len(below.fold_names) + (whole,) * (len(stage.fold_names) - len(below.fold_names))
