"""``python hyperband aggregate BRACKET STAGE CONFIG``: combine the results of all folds, and keep each of them."""

from collections.abc import Mapping
from pathlib import Path

from .halving.settled import reopen
from .training.verdict import conclude
from .tree import layout
from .tree.apart import put
from .tree.folds import aggregate, read_whole, table_text
from .tree.layout import Slot
from .tree.outcome import INTERRUPTED, Outcome, Status, has_lost_its_record, read_outcome
from .tree.planfile import read_plan
from .tree.record import read_attempts


def main(argv: list[str]) -> int:
    """Write ``folds``, ``result`` and ``outcome`` of a configuration once all its folds have ended.

    A result that was put there by hand before any fold was trained is left alone.
    """
    bracket, stage, config = map(int, argv)
    slot, plan = Slot(bracket, stage, config), read_plan(Path())
    parts = plan.stage(bracket, stage).fold_names
    folds = {part: Slot(bracket, stage, config, part) for part in parts}
    is_whole = read_whole(slot.path, parts).status in (Status.COMPLETED, Status.FAILED)
    begun = any(read_attempts(fold.path) for fold in folds.values())
    outcomes = {part: _read(fold, is_whole=is_whole or not begun) for part, fold in folds.items()}
    if reopen({folds[part]: outcome for part, outcome in outcomes.items()}):
        return 1
    outcome = _final(slot, outcomes)
    if outcome is None:
        outcome = aggregate(outcomes, plan.settings.aggregate)
        if outcome.status is not Status.EMPTY:
            put(slot.path / layout.FOLDS, table_text(outcomes))
    conclude(slot.path, outcome)
    return 0


def _final(slot: Slot, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """Return an outcome that does not depend on the folds (which are then all empty)."""
    own = read_whole(slot.path, tuple(outcomes))
    is_alone = all(outcome.status is Status.EMPTY for outcome in outcomes.values())
    return own if is_alone and own.status in (Status.COMPLETED, Status.FAILED) else None


def _read(fold: Slot, *, is_whole: bool) -> Outcome:
    """Read the outcome of a fold. If it has a log but no record, while other folds have one, it was copied there."""
    outcome = read_outcome(fold.path)
    is_copy = not is_whole and outcome.status in (Status.COMPLETED, Status.FAILED)
    return INTERRUPTED if is_copy and not read_attempts(fold.path) and has_lost_its_record(fold.path) else outcome
