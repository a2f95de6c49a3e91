"""How many different configurations a template yields, and how many of them are left: exact or unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from ..core.tree.layout import Slot
from .configurations import ConfigTemplate
from .distinct import Seen
from .generator import Endless, Replay, every_path

MOST_COUNTED = 10_000  # most paths through a template to list, which takes seconds; beyond: unknown


@dataclass(frozen=True)
class Tally:
    """The number of different configurations of a template: in ``total``, and still ``left`` (unused).

    ``rejected`` is why the template rejected a configuration last.
    """

    total: int
    left: int
    rejected: str = ""


def tally(template: ConfigTemplate, slots: Sequence[Slot]) -> Tally | None:
    """Count what a template yields for these slots; None if unknown (see `shortage`)."""
    return _count(template, slots, Seen())


def shortage(template: ConfigTemplate, slots: Sequence[Slot], used: Seen) -> Tally | None:
    """Count what is left for slots that each need a configuration that is not ``used``.

    None if there is enough for all of them, or if it is unknown: a real number is drawn, or there are more than
    `MOST_COUNTED` paths through the template.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    return _count(template, slots, used, enough=len(slots)) if slots else None


def _count(template: ConfigTemplate, slots: Sequence[Slot], used: Seen, enough: int | None = None) -> Tally | None:
    """List the configurations of the first slot, or of all slots if the template distinguishes between them."""
    every, left, listed = Seen(), 0, 0
    try:
        for slot in slots:
            if _seems_vast(template, slot):
                return None
            for _, drawn in every_path(partial(template.draw, slot), MOST_COUNTED):
                if (listed := listed + 1) > MOST_COUNTED or (drawn.identity is None and drawn.record is not None):
                    return None  # with only seeds in it there is no limit
                if every.is_new(drawn):
                    every.add(drawn)
                    left += used.is_new(drawn)
                    if left == enough:
                        return None
            if not template.tells_slots_apart:
                break
    except Endless:
        return None
    return Tally(every.number, left, every.rejected)


def _seems_vast(template: ConfigTemplate, slot: Slot) -> bool:
    """Whether the first path through the template has too many alternatives for the space to be counted."""
    first = Replay([])
    template.draw(slot, first)
    return prod(options for _, options in first.taken) > MOST_COUNTED
