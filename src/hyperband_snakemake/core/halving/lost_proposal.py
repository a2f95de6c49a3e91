"""Restoring a proposal that was lost after training began: from the copies in its slots, never by drawing again."""

from hashlib import sha256
from pathlib import Path

from ..disk.files import read, write
from ..plan import Plan
from ..tree import layout
from ..tree.apart import make_way
from ..tree.configurations import Drawn, Proposal, proposal_text, read_copy, read_proposal
from ..tree.layout import Slot, slots_of
from ..tree.outcome import EMPTY, PENDING, read_outcome
from ..tree.record import read_attempts


class CopyIsMissing(ValueError):
    """Besides the proposal, a configuration is lost or was changed; says what to do."""


def is_lost(plan: Plan, bracket: int, search: Path = Path()) -> bool:
    """Whether a bracket has no readable proposal although something was trained in it."""
    return read_proposal(bracket, search) is None and any(
        _has_begun(search / run.path)
        for slot, stage in slots_of(plan)
        if slot.bracket == bracket
        for run in slot.runs(stage.fold_names)
    )


def _has_begun(directory: Path) -> bool:
    return bool(read_attempts(directory)) or read_outcome(directory) not in (PENDING, EMPTY)


def read_copies(plan: Plan, bracket: int, search: Path = Path()) -> Proposal:
    """Rebuild the proposal of a bracket from the copies in its slots.

    Raises:
        CopyIsMissing: a slot has no copy, or one that does not match ``configurations.sha256``.
    """
    lines = (read(search / layout.CHECKSUMS) or "").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    slots = [slot for slot, _ in slots_of(plan) if (slot.bracket, slot.stage) == (bracket, 0)]
    while slots and _is_empty(search / slots[-1].path):
        slots.pop()
    found = tuple(_copy_of(slot, search, sums.get(f"{slot}/{layout.CONFIG}")) for slot in slots)
    is_short = len(found) < plan.stage(bracket, 0).configurations
    return Proposal(found, "nothing was found for them when this bracket was proposed." if is_short else "")


def _is_empty(directory: Path) -> bool:
    return read_copy(directory) is None and read_outcome(directory) == EMPTY


def _copy_of(slot: Slot, search: Path, digest: str | None) -> Drawn:
    drawn = read_copy(search / slot.path)
    if drawn is not None and digest in (None, sha256(drawn.text.encode()).hexdigest()):
        return drawn
    what = "is missing, too" if drawn is None else f"is not the one that {layout.CHECKSUMS} names"
    raise CopyIsMissing(
        f"{layout.proposal_path(slot.bracket)} is missing or damaged, and {slot}/{layout.CONFIG} {what}. Training runs "
        f"of bracket {slot.bracket} have begun, so its configurations are not drawn again. Put one of these files back "
        "from a copy of the search, then start again."
    )


def restore_proposal(plan: Plan, bracket: int, sampler: str, search: Path = Path()) -> str:
    """Write a lost proposal again. Return a line for people that says so.

    Raises:
        CopyIsMissing: one of its configurations is lost as well. Nothing is written then.
    """
    text = proposal_text(sampler, read_copies(plan, bracket, search))
    path = search / layout.proposal_path(bracket)
    if read(path) != "":
        make_way(path)
    write(path, text)
    return (
        f"{layout.proposal_path(bracket)} was missing or damaged, although training runs of bracket {bracket} have "
        "begun. It was written again from the configurations in its slots."
    )
