"""The state of the stages and brackets of a search."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ..core.halving import ranking
from ..core.plan import Bracket, Stage
from ..core.tree.layout import Slot
from ..core.tree.outcome import Outcome, Status

TRAINED = (Status.COMPLETED, Status.FAILED)
ENDED = (*TRAINED, Status.EMPTY)


@dataclass(frozen=True)
class StageView:
    """The state of one stage: outcome and origin of each of its slots, in numerical order."""

    bracket_index: int
    stage: Stage
    outcomes: tuple[Outcome, ...]
    origins: tuple[Slot | None, ...]
    maximize: bool = False

    @cached_property
    def counts(self) -> Counter[Status]:
        """How many slots are in each state."""
        return Counter(outcome.status for outcome in self.outcomes)

    @cached_property
    def ended(self) -> bool:
        """Whether all its slots have ended."""
        return all(outcome.status in ENDED for outcome in self.outcomes)

    @cached_property
    def started(self) -> bool:
        """Whether anything has happened in it."""
        return any(outcome.status is not Status.PENDING for outcome in self.outcomes)

    @cached_property
    def top(self) -> list[int]:
        """Numbers of the completed configurations, best first."""
        return ranking.rank(self.outcomes, maximize=self.maximize)


@dataclass(frozen=True)
class BracketView:
    """The state of one bracket."""

    bracket: Bracket
    stages: tuple[StageView, ...]

    @cached_property
    def stages_completed(self) -> int:
        """How many of its stages have ended."""
        return sum(stage.ended for stage in self.stages)

    @cached_property
    def current(self) -> StageView:
        """Its latest stage in which something has happened, or its first."""
        return next((stage for stage in reversed(self.stages) if stage.started), self.stages[0])
