"""The state of a whole search in words: only what is true now, not what may happen."""

from dataclasses import dataclass

from ..core.plan import Plan, counted, short_number
from ..core.run import lock
from ..core.training.starting import quoted
from ..core.tree.configurations import find_drawn
from ..core.tree.folds import read_folds, spread
from ..core.tree.outcome import Status
from ..snapshot.scan import Snapshot
from ..space.configurations import read_record
from ..space.parameters import read_parameters
from ..space.values import parameters_text
from .words import result_text

_ON_A_LINE = 20  # parameters
AT_WORK = (Status.RUNNING, Status.QUEUED)


@dataclass(frozen=True)
class State:
    """``kind`` is one of complete, failed, running, stopped; ``words`` describe it."""

    kind: str
    words: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen, even if it is run again."""
        return self.kind in ("complete", "failed")


def state_of(snapshot: Snapshot) -> State:
    """Give the state of a search: running if a run is going on, or any training run is queued or running."""
    if snapshot.complete:
        return State("complete", "complete")
    all_ended = snapshot.done == snapshot.plan.slots
    if all_ended and snapshot.best is None:
        return State("failed", "every training run failed" if snapshot.failed else "it ended without a result")
    if is_at_work(snapshot) or lock.holder_of(snapshot.path):
        return State("running", "running")
    if not any(outcome.status is not Status.PENDING for _, _, outcome, _ in snapshot.slots()):
        return State("stopped", "not begun")
    return State("stopped", "not running; all training runs have ended" if all_ended else "not running")


def is_at_work(snapshot: Snapshot) -> bool:
    """Whether any training run is queued or running."""
    return any(outcome.status in AT_WORK for _, _, outcome, _ in snapshot.slots())


def done_text(snapshot: Snapshot) -> str:
    """How many of all training runs are done."""
    total = snapshot.plan.trainings
    return f"{snapshot.runs_done} of {counted(total, 'training run')} done"


def failed_text(snapshot: Snapshot) -> str:
    """How many training runs failed, or configurations if folds are separate training runs. Empty if none."""
    if not snapshot.failed:
        return ""
    return (
        f"{counted(snapshot.failed, 'configuration')} failed"
        if has_folds(snapshot.plan)
        else f"{snapshot.failed} failed"
    )


def has_folds(plan: Plan) -> bool:
    """Whether each fold is a separate training run."""
    return plan.trainings != plan.slots


def best_text(snapshot: Snapshot) -> str:
    """The best result, the spread of its folds if known, its budget, and how many others have the same result."""
    if snapshot.best is None:
        return "no result" if state_of(snapshot).has_ended else "no result yet"
    budget, _, outcome = snapshot.best
    best = "best" if snapshot.complete else "best so far"
    around = best_spread(snapshot)
    result = result_text(outcome.result) + ("" if around is None else f" +- {around:.3g}")
    ties = f" ({ties_text(snapshot)})" if snapshot.tied else ""
    return f"{best} {result} at budget {short_number(budget)}{ties}"


def ties_text(snapshot: Snapshot) -> str:
    """Say how many others have the same result as the best; empty if none do."""
    number = len(snapshot.tied)
    return f"{number} {'other has' if number == 1 else 'others have'} the same result" if number else ""


def best_spread(snapshot: Snapshot) -> float | None:
    """Standard deviation of the best one's folds; None if they are not separate training runs."""
    if snapshot.best is None:
        return None
    slot = snapshot.best[1]
    stage = snapshot.plan.stage(slot.bracket, slot.stage)
    return spread(read_folds(snapshot.path / slot.path)) if stage.fold_names else None


def best_line(snapshot: Snapshot) -> str:
    """What was drawn for the best configuration; empty if unknown, or too much for a line."""
    drawn = find_drawn(snapshot.best[1], snapshot.path) if snapshot.best else None
    if drawn is None:
        return ""
    record = read_record(drawn.record)
    values = record["values"] if record else read_parameters(drawn.text)
    return f"Its configuration: {parameters_text(values)}" if 0 < len(values) <= _ON_A_LINE else ""


def archived_text(snapshot: Snapshot) -> str:
    """Say which brackets are archived, and how their files come back; empty if none is."""
    numbers = ", ".join(map(str, snapshot.archived))
    brackets = "Bracket" if len(snapshot.archived) == 1 else "Brackets"
    back = f"hyband archive {quoted(snapshot.path)} --undo"
    return f"{brackets} {numbers} archived; to bring the files back: {back}" if numbers else ""


def whole_line(snapshot: Snapshot) -> str:
    """One line for the whole search: its state, progress, how many failed, and the best."""
    plan = snapshot.plan
    parts = [
        state_of(snapshot).words,
        done_text(snapshot),
        failed_text(snapshot),
        f"budget {short_number(snapshot.spent)} of {short_number(plan.budget)} spent",
        best_text(snapshot) + (f": {snapshot.path / snapshot.best[1].path}" if snapshot.best else ""),
    ]
    return f"Search - {', '.join(filter(None, parts))}"
