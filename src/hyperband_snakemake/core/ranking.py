"""Who is best and who is promoted: pure functions of the outcomes."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from .outcome import Outcome, Status

Key = TypeVar("Key")


def rank(outcomes: Sequence[Outcome]) -> list[int]:
    """Numbers of the completed configurations of a stage, best first; ties go to the lower number.

    >>> from .outcome import failed
    >>> done = Status.COMPLETED
    >>> rank([Outcome(done, 0.5), failed("nan"), Outcome(done, -1.0), Outcome(done, 0.5)])
    [2, 0, 3]
    """
    finite = [(o.result, c) for c, o in enumerate(outcomes) if o.status is Status.COMPLETED and o.result is not None]
    return [c for _, c in sorted(finite)]


def promote(outcomes: Sequence[Outcome], slots: int) -> list[int | None]:
    """Fill the slots of the next stage with the best of this one; None where there are too few.

    >>> promote([Outcome(Status.COMPLETED, 0.5), Outcome(Status.COMPLETED, 0.1)], 3)
    [1, 0, None]
    """
    best: list[int | None] = list(rank(outcomes)[:slots])
    return best + [None] * (slots - len(best))


def order_across(entries: Iterable[tuple[Fraction, Key, Outcome]]) -> list[tuple[Fraction, Key, Outcome]]:
    """Sort completed trainings of different budgets: the largest budget first, within it the lowest result.

    A result at a small budget says little beside one at a large budget, so they are never compared. ``entries`` are
    (budget, key, outcome) in the order that decides ties.
    """
    completed = [entry for entry in entries if entry[2].status is Status.COMPLETED]
    return sorted(completed, key=lambda entry: (-entry[0], entry[2].result))


def direction(settings: object) -> int:
    """1 if a lower result is better in a search with these settings, -1 if a higher one is.

    >>> direction(None)
    1
    """
    return -1 if getattr(settings, "maximize", False) else 1
