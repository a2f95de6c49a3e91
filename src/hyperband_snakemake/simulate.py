"""The schedule that Snakemake will follow, worked out before anything runs."""

import heapq
from dataclasses import dataclass
from fractions import Fraction

from .core.plan import Bracket, Plan

MOST_SIMULATED = 200_000  # trainings; more take too long


@dataclass(frozen=True)
class Span:
    """One training: which, on which worker, from when to when in the unit of the plan's cost."""

    bracket: int
    stage: int
    config: int
    worker: int
    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class Schedule:
    """All trainings of a plan in the order in which they start."""

    workers: int
    spans: tuple[Span, ...]

    @property
    def wall(self) -> Fraction:
        """From the first start to the last end."""
        return max((span.end for span in self.spans), default=Fraction(0))

    @property
    def busy(self) -> Fraction:
        """Share of the workers' time that is spent on trainings, from 0 to 1."""
        used = sum((span.end - span.start for span in self.spans), Fraction(0))
        return used / (self.workers * self.wall) if self.wall else Fraction(1)


def simulate(plan: Plan, workers: int, *, in_turn: bool = False) -> Schedule:
    """Work out who trains what when, if each training takes its cost.

    As the Snakefile says: a worker that is free takes a training with the longest way to go to the end of its
    bracket; a stage starts once all of the stage below it have ended. ``in_turn``: a bracket starts once the one
    before it has ended, as where it learns from that.

    >>> from .core.plan import Settings, make_plan
    >>> [float(simulate(make_plan(Settings(1, 2)), workers).wall) for workers in (1, 2, 99)]
    [8.0, 5.0, 3.0]
    """
    stages = {(bracket.index, stage.index): stage for bracket in plan.brackets for stage in bracket.stages}
    ahead = {(b.index, s.index): b.ahead(s.index) for b in plan.brackets for s in b.stages}
    left = {key: stage.trainings for key, stage in stages.items()}
    ready: list[tuple[Fraction, int, int, int]] = []  # the longest way first
    running: list[tuple[Fraction, int, int, int]] = []
    free = list(range(workers))
    spans: list[Span] = []

    def open_stage(bracket: int, stage: int) -> None:
        for config in range(stages[bracket, stage].trainings):
            heapq.heappush(ready, (-ahead[bracket, stage], bracket, stage, config))

    now = Fraction(0)
    waiting = [bracket.index for bracket in reversed(plan.brackets)]
    for _ in plan.brackets[:1] if in_turn else plan.brackets:
        open_stage(waiting.pop(), 0)
    while ready or running:
        while ready and free:
            _, b, s, config = heapq.heappop(ready)
            worker, takes = heapq.heappop(free), stages[b, s].cost_each
            spans.append(Span(b, s, config, worker, now, now + takes))
            heapq.heappush(running, (now + takes, worker, b, s))
        now = running[0][0]
        while running and running[0][0] == now:
            _, worker, b, s = heapq.heappop(running)
            heapq.heappush(free, worker)
            left[b, s] -= 1
            if not left[b, s] and (b, s + 1) in stages:
                open_stage(b, s + 1)
            elif not left[b, s] and waiting:
                open_stage(waiting.pop(), 0)
    return Schedule(workers, tuple(spans))


def critical_path(plan: Plan, *, in_turn: bool = False) -> tuple[Bracket | None, Fraction]:
    """Shortest possible time, with endless workers, and the bracket that needs it; in turn all of them do."""
    if in_turn:
        return None, sum((bracket.ahead(0) for bracket in plan.brackets), Fraction(0))
    return max(((bracket, bracket.ahead(0)) for bracket in plan.brackets), key=lambda found: found[1])
