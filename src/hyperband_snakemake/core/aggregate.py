"""``python hyperband aggregate BRACKET STAGE CONFIG``: make one result of those of all folds, and keep each of them."""

from collections.abc import Mapping
from pathlib import Path

from .halving.settled import reopen
from .training.verdict import conclude
from .tree import layout
from .tree.apart import put
from .tree.folds import aggregate, table_text
from .tree.layout import Slot
from .tree.outcome import Outcome, Status, read_outcome
from .tree.planfile import read_plan


def main(argv: list[str]) -> int:
    """Write ``folds``, ``result`` and ``outcome`` of a configuration whose folds have all ended.

    A result that was made of them before, or put there by hand before any of them was trained, stays as it is.
    """
    bracket, stage, config = map(int, argv)
    slot, plan = Slot(bracket, stage, config), read_plan(Path())
    parts = plan.stage(bracket, stage).fold_names
    folds = {part: Slot(bracket, stage, config, part) for part in parts}
    outcomes = {part: read_outcome(fold.path) for part, fold in folds.items()}
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
    """Give the outcome that a configuration has already, if it counts whatever its folds are now."""
    own = read_outcome(slot.path)
    if all(outcome.status is Status.EMPTY for outcome in outcomes.values()):
        return own if own.status in (Status.COMPLETED, Status.FAILED) else None
    return own if own.status is Status.COMPLETED and (slot.path / layout.OUTCOME).exists() else None
