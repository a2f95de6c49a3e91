"""Whether all slots that somebody is about to rank have ended."""

import sys
from collections.abc import Sequence

from ..tree import layout
from ..tree.layout import Slot
from ..tree.outcome import Outcome, Status


def reopen(slots: Sequence[Slot], outcomes: Sequence[Outcome]) -> bool:
    """Let the next run of snakemake train those that have no outcome, and say so; False if all have one.

    Snakemake takes a file ``outcome`` for done, whatever it says: one that does not count is removed.
    """
    found = zip(slots, outcomes, strict=True)
    open_slots = [slot for slot, outcome in found if outcome.status in (Status.PENDING, Status.RUNNING)]
    for slot in open_slots:
        (slot.path / layout.OUTCOME).unlink(missing_ok=True)
    if open_slots:
        print(f"{open_slots[0]} has no outcome yet ({len(open_slots)} in all). Run snakemake again.", file=sys.stderr)
    return bool(open_slots)
