"""Give failed configurations another chance."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.tree import layout
from ..core.tree.configurations import find_drawn, give_copies
from ..core.tree.files import free_name
from ..core.tree.layout import Slot, stage_path
from ..core.tree.outcome import Status, read_outcome
from ..core.tree.record import end_text, holder_text, is_held, is_unfinished, locked, retry_text
from ..errors import HybandError, UsageError
from ..plural import counted
from ..snapshot.scan import Snapshot
from .lock import held


@dataclass(frozen=True)
class Retry:
    """What `plan_retry` found: slots to train again, and the promotions (bracket, stage) that have to be made again."""

    slots: tuple[Slot, ...]
    promotions: tuple[tuple[int, int], ...]
    later_trainings: int


def plan_retry(snapshot: Snapshot, slots: Sequence[Slot] = ()) -> Retry:
    """Say what it takes to train these failed slots again (none given: all failed ones).

    Raises:
        UsageError: there is no such slot.
        HybandError: one of them has not failed.
    """
    status = {slot: outcome.status for slot, _, outcome, _ in snapshot.slots()}
    for slot in slots:
        if slot not in status:
            raise UsageError(f"{snapshot.path} has no configuration {slot}; plan.json says what it has.")
        if status[slot] is not Status.FAILED:
            raise HybandError(f"{slot} has not failed: it is {status[slot]}. Nothing was done.")
    chosen = tuple(slots) or tuple(slot for slot, is_now in status.items() if is_now is Status.FAILED)
    lowest: dict[int, int] = {}
    for slot in chosen:
        if _promoted(snapshot, slot):
            lowest[slot.bracket] = min(slot.stage, lowest.get(slot.bracket, slot.stage))
    redone = tuple(p for b, s in sorted(lowest.items()) for p in _promotions_from(snapshot, b, s))
    done = (Status.COMPLETED, Status.FAILED)
    later = sum(1 for slot in status if slot.stage > lowest.get(slot.bracket, 10**9) and status[slot] in done)
    return Retry(chosen, redone, later)


def not_promoted(snapshot: Snapshot, retry: Retry) -> Retry:
    """The part of a retry that changes no promotion."""
    return Retry(tuple(slot for slot in retry.slots if not _promoted(snapshot, slot)), (), 0)


def retry_summary(snapshot: Snapshot, retry: Retry, *, redo_promotions: bool) -> str:
    """Say what will be trained again, what stays as it is, and which later trainings may change."""
    simple = len(not_promoted(snapshot, retry).slots)
    again, stay = counted(simple, "configuration"), len(retry.slots) - simple
    if not retry.promotions:
        return f"{again} will be trained again."
    later = (
        f"{counted(len(retry.promotions), 'promotion')} {_are(len(retry.promotions))} made again, and up to "
        f"{counted(retry.later_trainings, 'later training run')} may change; "
        "those whose configuration stays keep their results."
    )
    if redo_promotions:
        return f"{counted(len(retry.slots), 'configuration')} will be trained again: {later}"
    return (
        f"{again} will be trained again. {stay} more {_are(stay)} in stages that were promoted, and will not be. "
        f"With --redo-promotions {'it is' if stay == 1 else 'they are'} trained again: {later}"
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def carry_out(snapshot: Snapshot, retry: Retry) -> None:
    """Reset the slots and take back the promotions; the next run of snakemake does the rest.

    Raises:
        HybandError: the search is being run.
    """
    for training in (one for slot in retry.slots for one in slot.runs(_fold_names(snapshot, slot))):
        if is_held(snapshot.path / training.path):
            who = holder_text(snapshot.path / training.path)
            raise HybandError(f"{training} still has something running ({who}). End it first. Nothing was done.")
    with held(snapshot.path):
        _restore_lost(snapshot, {bracket for bracket, _ in retry.promotions})
        for bracket, stage in reversed(retry.promotions):  # from above, so that a cut leaves nothing behind
            for path in snapshot.path.glob(f"{stage_path(bracket, stage + 1)}/config-*/{layout.OUTCOME}"):
                path.unlink()  # snakemake asks for it again, and finds what the training left in its record
            table = snapshot.path / stage_path(bracket, stage) / layout.PROMOTION
            table.rename(free_name(table.with_name(f"{table.name}.{layout.REPLACED}"), "-", numbered=True))
        for slot in retry.slots:
            _reset_slot(snapshot, slot)
        if retry.slots:
            for name in layout.OF_THE_BEST:
                (snapshot.path / name).unlink(missing_ok=True)


def _restore_lost(snapshot: Snapshot, brackets: Collection[int]) -> None:
    """Give back copies that were lost or changed, while the tables still say whose they are."""
    for slot, _, _, origin in snapshot.slots():
        drawn = find_drawn(slot, snapshot.path) if slot.bracket in brackets and origin is not None else None
        if drawn is not None:
            give_copies(snapshot.path / slot.path, drawn)


def _reset_slot(snapshot: Snapshot, slot: Slot) -> None:
    """Reset a training; where each fold is one, those that have no result."""
    folds = _fold_names(snapshot, slot)
    for training in slot.runs(folds):
        if not folds or read_outcome(snapshot.path / training.path).status is not Status.COMPLETED:
            _reset(snapshot.path / training.path)
    if folds:
        for name in (layout.OUTCOME, layout.RESULT, layout.FOLDS):
            (snapshot.path / slot.path / name).unlink(missing_ok=True)


def _reset(directory: Path) -> None:
    with locked(directory) as record:
        if is_unfinished(directory):
            record.write(end_text(seconds=0, status=None, result="", reason="cut off"))
        record.write(retry_text())
    for name in (layout.OUTCOME, layout.RESULT):
        (directory / name).unlink(missing_ok=True)


def _promoted(snapshot: Snapshot, slot: Slot) -> bool:
    return (snapshot.path / stage_path(slot.bracket, slot.stage) / layout.PROMOTION).exists()


def _promotions_from(snapshot: Snapshot, bracket: int, stage: int) -> Iterator[tuple[int, int]]:
    for number in range(stage, len(snapshot.plan.bracket(bracket).stages)):
        if _promoted(snapshot, Slot(bracket, number, 0)):
            yield bracket, number


def _fold_names(snapshot: Snapshot, slot: Slot) -> tuple[str, ...]:
    return snapshot.plan.stage(slot.bracket, slot.stage).fold_names
