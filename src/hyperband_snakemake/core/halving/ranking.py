"""Who is best and who is promoted: pure functions of the outcomes."""

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
    """Lower is better, whatever the user's metric is: the only place that knows the direction."""
    return -result if maximize else result


def promote(outcomes: Sequence[Outcome], slots: int, *, maximize: bool = False) -> list[int | None]:
    """Fill the slots of the next stage with the best of this one; None where there are too few.

    >>> promote([Outcome(Status.COMPLETED, 0.5), Outcome(Status.COMPLETED, 0.1)], 3)
    [1, 0, None]
    """
    best: list[int | None] = list(rank(outcomes, maximize=maximize)[:slots])
    return best + [None] * (slots - len(best))


def order_across(
    entries: Iterable[tuple[Fraction, Key, Outcome]], *, maximize: bool = False
) -> list[tuple[Fraction, Key, Outcome]]:
    """Sort completed training runs of different budgets: the largest budget first, within it the best result.

    A result at a small budget says little beside one at a large budget, so they are never compared. ``entries`` are
    (budget, key, outcome) in the order that decides ties.
    """
    completed = [(e, e[2].result) for e in entries if e[2].status is Status.COMPLETED and e[2].result is not None]
    return [e for e, _ in sorted(completed, key=lambda c: (-c[0][0], badness(c[1], maximize=maximize)))]
