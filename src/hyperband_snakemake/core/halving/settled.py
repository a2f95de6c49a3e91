"""Checks that all slots have ended before they are ranked."""

import sys
from collections.abc import Mapping

from ..disk.files import read
from ..tree import layout
from ..tree.apart import make_way
from ..tree.layout import Slot
from ..tree.outcome import Outcome, Status


def reopen(outcomes: Mapping[Slot, Outcome]) -> bool:
    """Let the next run of snakemake train slots without an outcome, and say so. False if all have one.

    For Snakemake, a slot with a file ``outcome`` is done, whatever is in it. So one that does not count is removed.
    """
    waits = (Status.PENDING, Status.RUNNING)
    open_slots = [slot for slot, outcome in outcomes.items() if outcome.status in waits]
    for slot in open_slots:
        _take_away(slot)
    if open_slots:
        print(f"{open_slots[0]} has no outcome yet ({len(open_slots)} in all). Run snakemake again.", file=sys.stderr)
    return bool(open_slots)


def _take_away(slot: Slot) -> None:
    """Remove an outcome that does not count. One with a number is renamed: it may be all that is left from a backup."""
    path = slot.path / layout.OUTCOME
    text = (read(path) or "").strip()
    if not text.startswith(Status.COMPLETED):
        path.unlink(missing_ok=True)
        return
    make_way(path)
    what = f"its outcome says {text!r}, but its record has no attempt that ended like this"
    print(f"{slot}: {what}. It is trained again; kept as {path.name}.{layout.REPLACED}-1.", file=sys.stderr)
