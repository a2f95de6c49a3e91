"""``python hyperband aggregate BRACKET STAGE CONFIG``: make one result of those of all folds, and keep each of them."""

import math
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from . import layout
from .files import write
from .folds import read_table, table_text
from .layout import Slot
from .outcome import EMPTY, Outcome, Status, completed, failed, read_outcome
from .planfile import read_plan, stage_of
from .settle import conclude

AGGREGATES: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = {  # exact: sums of large numbers have no limit
    "mean": statistics.mean,
    "median": statistics.median,
    "min": min,
    "max": max,
}


def main(argv: list[str]) -> int:
    """Write ``folds``, ``result`` and ``outcome`` of a configuration whose folds have all ended.

    A result that was made of them before, or put there by hand before any of them was trained, stays as it is.
    """
    bracket, stage, config = map(int, argv)
    slot, plan = Slot(bracket, stage, config), read_plan(Path())
    parts = stage_of(plan, slot).parts
    outcomes = {part: read_outcome(Slot(bracket, stage, config, part).path) for part in parts}
    open_ones = [
        part for part, o in outcomes.items() if o.status not in (Status.COMPLETED, Status.FAILED, Status.EMPTY)
    ]
    if open_ones:
        where = Slot(bracket, stage, config, open_ones[0])
        print(f"{where} has no outcome yet ({len(open_ones)} in all). Run snakemake again.", file=sys.stderr)
        return 1
    outcome = _final(slot, outcomes)
    if outcome is None:
        outcome = aggregate(outcomes, plan.settings.aggregate)
        if outcome.status is not Status.EMPTY:
            write(slot.path / layout.FOLDS, table_text(outcomes))
    conclude(slot.path, outcome)
    return 0


def _final(slot: Slot, outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """Give the outcome that a configuration has already, if it counts whatever its folds are now."""
    own = read_outcome(slot.path)
    if all(outcome.status is Status.EMPTY for outcome in outcomes.values()):
        return own if own.status in (Status.COMPLETED, Status.FAILED) else None
    return own if own.status is Status.COMPLETED and (slot.path / layout.OUTCOME).exists() else None


def aggregate(outcomes: Mapping[str, Outcome], how: str) -> Outcome:
    """One outcome for all folds, each named "REPETITION-FOLD": failed if one of them has failed, which is named.

    >>> aggregate({"0-0": completed(b"0.5"), "0-1": completed(b"0.25")}, "mean").result
    0.375
    >>> aggregate({"0-0": completed(b"0.5"), "0-1": failed("exit status 3")}, "mean").reason
    'repetition 0, fold 1: exit status 3'
    """
    for part, outcome in outcomes.items():
        if outcome.status is Status.EMPTY:
            return EMPTY
        if outcome.status is not Status.COMPLETED:
            repetition, _, fold = part.partition("-")
            return failed(f"repetition {repetition}, fold {fold}: {outcome.reason}")
    values = [Fraction(outcome.result) for outcome in outcomes.values() if outcome.result is not None]
    return completed(repr(float(AGGREGATES[how](values))).encode())


def read_folds(directory: Path) -> tuple[float, ...]:
    """Results of the folds of a configuration, in their order; empty if it has none, or they cannot be read."""
    try:
        return tuple(map(float, read_table(directory).values()))
    except ValueError:
        return ()


def spread(values: Sequence[float]) -> float | None:
    """Sample standard deviation; None of fewer than two, if one of them is no number, or if it is too large for one.

    >>> spread([0.5, 0.25, 0.75]), spread([0.5]), spread([1.7e308, -1.7e308])
    (0.25, None, None)
    """
    try:
        return statistics.stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
    except OverflowError:
        return None
