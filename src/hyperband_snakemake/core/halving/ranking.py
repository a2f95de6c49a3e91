"""Which configurations are best and which are promoted: pure functions of the outcomes."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from ..tree.outcome import Outcome, Status

Key = TypeVar("Key")


def rank(outcomes: Sequence[Outcome], *, maximize: bool = False) -> list[int]:
    """Numbers of the completed configurations of a stage, best first; ties go to the lower number.

    >>> from hyperband_snakemake.core.tree.outcome import failed
    >>> done = Status.COMPLETED
    >>> rank([Outcome(done, 0.5), failed("nan"), Outcome(done, -1.0), Outcome(done, 0.5)])
    [2, 0, 3]
    >>> rank([Outcome(done, 0.5), failed("nan"), Outcome(done, -1.0), Outcome(done, 0.5)], maximize=True)
    [0, 3, 2]
    """
    finite = [
        (badness(o.result, maximize=maximize), c)
        for c, o in enumerate(outcomes)
        if o.status is Status.COMPLETED and o.result is not None
    ]
    return [c for _, c in sorted(finite)]


def badness(result: float, *, maximize: bool) -> float:
    """A value where lower is better for any metric: the only place that knows the direction."""
    return -result if maximize else result


def promote(outcomes: Sequence[Outcome], slots: int, *, maximize: bool = False) -> list[int | None]:
    """Fill the slots of the next stage with the best of this one; None for slots that stay empty.

    >>> promote([Outcome(Status.COMPLETED, 0.5), Outcome(Status.COMPLETED, 0.1)], 3)
    [1, 0, None]
    """
    best: list[int | None] = list(rank(outcomes, maximize=maximize)[:slots])
    return best + [None] * (slots - len(best))


def order_across(
    entries: Iterable[tuple[Fraction, Key, Outcome]], *, maximize: bool = False
) -> list[tuple[Fraction, Key, Outcome]]:
    """Sort completed training runs with different budgets: largest budget first, then best result.

    Results at different budgets are never compared: one at a small budget says little. ``entries`` are (budget, key,
    outcome); their order decides ties.
    """
    completed = [(e, e[2].result) for e in entries if e[2].status is Status.COMPLETED and e[2].result is not None]
    return [e for e, _ in sorted(completed, key=lambda c: (-c[0][0], badness(c[1], maximize=maximize)))]
