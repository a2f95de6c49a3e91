"""Whether all slots that somebody is about to rank have ended."""

import sys
from collections.abc import Mapping

from ..tree import layout
from ..tree.layout import Slot
from ..tree.outcome import Outcome, Status


def reopen(outcomes: Mapping[Slot, Outcome]) -> bool:
    """Let the next run of snakemake train those that have no outcome, and say so; False if all have one.

    Snakemake takes a file ``outcome`` for done, whatever it says: one that does not count is removed.
    """
    waits = (Status.PENDING, Status.RUNNING)
    open_slots = [slot for slot, outcome in outcomes.items() if outcome.status in waits]
    for slot in open_slots:
        (slot.path / layout.OUTCOME).unlink(missing_ok=True)
    if open_slots:
        print(f"{open_slots[0]} has no outcome yet ({len(open_slots)} in all). Run snakemake again.", file=sys.stderr)
    return bool(open_slots)
