"""What was taken over from an old tree, in numbers, and the notes about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.plan import Plan, counted
from ...core.tree.outcome import Status
from .old_tree import OldSlot
from .takeover import TakenBracket


@dataclass(frozen=True)
class Adopted:
    """What was taken over, in numbers, and the notes about it.

    ``left`` is how many training runs remain; fewer, if ``loose`` ones find their place again.
    """

    plan: Plan
    completed: int
    failed: int
    unfinished: int
    left: int
    loose: int
    promotions: int
    complete: bool
    notes: tuple[str, ...]


def count(plan: Plan, taken: Sequence[TakenBracket], notes: Sequence[str]) -> Adopted:
    """Count what was taken over; ``notes`` come before the notes about that."""
    fixed = [one for bracket in taken for one in bracket.slots.values()]
    loose = [one for bracket in taken for one in bracket.loose.values() if one.outcome is not None]
    ended = [one.outcome.status for one in (*fixed, *loose) if one.outcome is not None]
    begun = [one for one in fixed if one.outcome is None and one.begun]
    left = plan.slots - (len(ended) - len(loose))
    done, failed = ended.count(Status.COMPLETED), ended.count(Status.FAILED)
    more = [_note_of_begun(begun)] if begun else []
    if plan.settings.last_stage is not None:
        more.append(
            f"The brackets end after stage {plan.settings.last_stage} (--last-stage, if that is wrong), at different "
            "budgets. The best is searched at the largest of them; the original compares the results of all brackets."
        )
    promotions = sum(len(bracket.tables) for bracket in taken)
    return Adopted(plan, done, failed, len(begun), left, len(loose), promotions, False, (*notes, *more))


def _note_of_begun(begun: Sequence[OldSlot]) -> str:
    have = "has" if len(begun) == 1 else "have"
    return (
        f"{counted(len(begun), 'training run')} {have} begun and {have} no result, such as {begun[0].path}: trained "
        "again. If the old search is still running, end it, and adopt it then."
    )
