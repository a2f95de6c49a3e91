"""How many different configurations a template yields, and how many of them are left: exact, or not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from ..core.tree.layout import Slot
from .configurations import ConfigTemplate
from .distinct import Seen
from .generator import Endless, Replay, every_path

MOST_COUNTED = 10_000  # ways through a template that are listed, which takes some seconds; beyond, nobody knows


@dataclass(frozen=True)
class Tally:
    """The different configurations of a template: ``total``, and those ``left`` that nobody has.

    ``rejected`` is why the template did not want the last one that it rejected.
    """

    total: int
    left: int
    rejected: str = ""


def tally(template: ConfigTemplate, slots: Sequence[Slot]) -> Tally | None:
    """Count what a template yields for these slots; None if nobody knows: see `shortage`."""
    return _count(template, slots, Seen())


def shortage(template: ConfigTemplate, slots: Sequence[Slot], used: Seen) -> Tally | None:
    """Count what is left for slots that each need a configuration which is not ``used``.

    None if there is enough for all of them, or if nobody knows: a real number is drawn, or there are more than
    `MOST_COUNTED` ways through the template.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    return _count(template, slots, used, enough=len(slots)) if slots else None


def _count(template: ConfigTemplate, slots: Sequence[Slot], used: Seen, enough: int | None = None) -> Tally | None:
    """List the configurations of the first slot; of all slots, if the template tells them apart."""
    every, left, listed = Seen(), 0, 0
    try:
        for slot in slots:
            if _seems_vast(template, slot):
                return None
            for _, drawn in every_path(partial(template.draw, slot), MOST_COUNTED):
                if (listed := listed + 1) > MOST_COUNTED or (drawn.identity is None and drawn.record is not None):
                    return None  # with nothing but seeds in it there is no end of them
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
    """Whether the first way through the template has so many siblings that they need not be listed to know."""
    first = Replay([])
    template.draw(slot, first)
    return prod(options for _, options in first.taken) > MOST_COUNTED
