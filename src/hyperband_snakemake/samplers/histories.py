"""The history of each configuration: its results from stage to stage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status
from ..snapshot.scan import Snapshot
from ..snapshot.stages import TRAINED


@dataclass(frozen=True)
class History:
    """The history of one configuration: its slots, and its outcomes by budget, smallest first."""

    slots: Sequence[Slot]
    outcomes: Sequence[tuple[Fraction, Outcome]] = field(default_factory=list)
    last: bool = False  # whether it reached the last stage of its bracket
    passed_over: bool = False  # whether others were promoted instead

    @property
    def born(self) -> Slot:
        """Its slot in stage 0."""
        return self.slots[0]

    @property
    def state(self) -> str:
        """State of the trial, as Optuna names it."""
        if any(outcome.status is Status.FAILED for _, outcome in self.outcomes):
            return "FAIL"
        if self.last and self.outcomes[-1][1].status is Status.COMPLETED:
            return "COMPLETE"
        return "PRUNED" if self.passed_over else "RUNNING"

    @property
    def value(self) -> float | None:
        """Its result, if it reached the last stage."""
        return self.outcomes[-1][1].result if self.state == "COMPLETE" else None


def courses(snapshot: Snapshot) -> Iterator[History]:
    """Follow each started configuration through its stages."""
    for bracket in snapshot.brackets:
        for c in range(len(bracket.stages[0].outcomes)):
            slot, slots, outcomes = Slot(bracket.bracket.index, 0, c), [], []
            passed_over = last = False
            for number, view in enumerate(bracket.stages):
                outcome = view.outcomes[slot.config]
                if outcome.status not in (*TRAINED, Status.RUNNING, Status.QUEUED):
                    break
                slots.append(slot)
                outcomes.append((view.stage.budget, outcome))
                last = number + 1 == len(bracket.stages)
                above = () if last else bracket.stages[number + 1].origins
                if slot not in above:
                    passed_over = any(origin is not None for origin in above)
                    break
                slot = Slot(slot.bracket, number + 1, above.index(slot))
            if outcomes:
                yield History(slots, outcomes, last, passed_over)
