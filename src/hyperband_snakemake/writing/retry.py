"""Giving failed configurations another chance."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from ..core.disk.files import exists, free_name
from ..core.plan import counted
from ..core.tree import layout
from ..core.tree.configurations import find_drawn, give_copies
from ..core.tree.layout import Slot, stage_path
from ..core.tree.outcome import Status, read_outcome
from ..core.tree.promotion import find_origin, read_table
from ..core.tree.record import (
    end_text,
    holder_text,
    is_held,
    is_unfinished,
    locked,
    read_attempts,
    retry_text,
    since_retry,
    used,
)
from ..errors import HybandError, UsageError
from ..snapshot.scan import Snapshot
from ..snapshot.stages import BracketView, StageView
from .archiving.marks import refuse_archived
from .lock import held


@dataclass(frozen=True)
class Retry:
    """What to train again: failed ``slots``, and the ``promotions`` (bracket, stage) to redo.

    ``left`` are failed slots that are not retried: others were promoted instead and have results. ``at_risk`` is the
    number of those later training runs.
    """

    slots: tuple[Slot, ...]
    promotions: tuple[tuple[int, int], ...]
    left: tuple[Slot, ...] = ()
    at_risk: int = 0


def plan_retry(snapshot: Snapshot, slots: Sequence[Slot] = (), *, redo_promotions: bool = False) -> Retry:
    """Plan what it takes to train these failed slots again (by default all failed ones).

    A promotion that promoted nothing, or after which no later training run has a result, is redone in any case:
    nothing can be lost. ``redo_promotions``: redo all other promotions above a slot, too.

    Raises:
        UsageError: there is no such slot.
        HybandError: one of them has not failed.
    """
    status = {slot: outcome.status for slot, _, outcome, _ in snapshot.slots()}
    for slot in slots:
        if slot not in status:
            raise UsageError(f"{snapshot.path} has no configuration {slot}; plan.json lists its configurations.")
        if status[slot] is not Status.FAILED:
            raise HybandError(f"{slot} has not failed: it is {status[slot]}. Nothing was done.")
    failed = tuple(slots) or tuple(slot for slot in status if _has_failed(snapshot, slot, status[slot]))
    highest = {bracket.bracket.index: _highest_with_a_number(snapshot, bracket) for bracket in snapshot.brackets}
    at_risk = [slot for slot in failed if _promoted(snapshot, slot) and slot.stage < highest[slot.bracket]]
    chosen = tuple(slot for slot in failed if redo_promotions or slot not in at_risk)
    lowest = {} if slots else dict(_empty_promotions(snapshot, highest))
    for slot in chosen:
        if _promoted(snapshot, slot):
            lowest[slot.bracket] = min(slot.stage, lowest.get(slot.bracket, slot.stage))
    redone = tuple(p for b, s in sorted(lowest.items()) for p in _promotions_from(snapshot, b, s))
    bottom = {slot.bracket: min(s.stage for s in at_risk if s.bracket == slot.bracket) for slot in at_risk}
    later = sum(
        status[slot] in (Status.COMPLETED, Status.FAILED) and slot.stage > bottom.get(slot.bracket, slot.stage)
        for slot in status
    )
    return Retry(chosen, redone, () if redo_promotions else tuple(at_risk), later)


def _has_failed(snapshot: Snapshot, slot: Slot, status: Status) -> bool:
    """Whether it has failed, or a run was stopped before its outcome after failed attempts or a failed fold."""
    if status is not Status.PENDING:
        return status is Status.FAILED
    records = (since_retry(read_attempts(snapshot.path / run.path)) for run in slot.runs(_fold_names(snapshot, slot)))
    return any(used(record, "") and not any(attempt.good for attempt in record) for record in records)


def _highest_with_a_number(snapshot: Snapshot, bracket: BracketView) -> int:
    """Give the highest stage of a bracket in which a training run, or just a fold, has a result; or -1."""
    stages = (view.stage.index for view in reversed(bracket.stages) if _has_a_number(snapshot, view))
    return next(stages, -1)


def _has_a_number(snapshot: Snapshot, view: StageView) -> bool:
    if view.counts[Status.COMPLETED]:
        return True
    slots = (Slot(view.bracket_index, view.stage.index, c) for c in range(len(view.outcomes)))
    folds = view.stage.fold_names
    runs = (run for slot in slots if folds for run in slot.runs(folds))
    return any(read_outcome(snapshot.path / run.path).status is Status.COMPLETED for run in runs)


def _empty_promotions(snapshot: Snapshot, highest: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Bracket and stage of promotions that promoted nothing, although there are results by now."""
    for bracket in snapshot.brackets:
        for view in bracket.stages:
            place = (view.bracket_index, view.stage.index)
            table = read_table(*place, snapshot.path)
            if table and not any(table) and view.counts[Status.COMPLETED] and highest[place[0]] == place[1]:
                yield place


def retry_summary(search: Path, retry: Retry) -> str:
    """Say what will be trained again, and what will not."""
    if not (retry.slots or retry.promotions or retry.left):
        return "No configuration has failed. Nothing was done."
    lines = []
    if retry.slots or not retry.left:
        lines.append(f"{counted(len(retry.slots), 'configuration')} will be trained again.")
    if retry.promotions:
        number, is_risky = len(retry.promotions), retry.at_risk and not retry.left
        lines.append(
            f"{counted(number, 'promotion')}{'' if is_risky else ' without any result'} "
            f"{'is' if number == 1 else 'are'} made again"
            f"{'; configurations that are promoted again keep their results' if is_risky else ''}."
        )
    if number := len(retry.left):
        their, them = ("its stage", "it") if number == 1 else ("their stages", "them")
        lines += [
            (
                f"{counted(number, 'failed configuration')} {'stays' if number == 1 else 'stay'} failed: "
                f"others of {their} were promoted and have results."
            ),
            (
                f"To train {them} again and then promote the best of all, "
                f"which may replace up to {counted(retry.at_risk, 'later training run')}:"
            ),
            f"  hyband retry {quote(str(search))} --redo-promotions",
        ]
    return "\n".join(lines)


def carry_out(snapshot: Snapshot, retry: Retry) -> None:
    """Reset the slots and undo the promotions; the next run of snakemake does the rest.

    Raises:
        HybandError: the search is running, or one of the brackets is archived.
    """
    brackets = {*(slot.bracket for slot in retry.slots), *(bracket for bracket, _ in retry.promotions)}
    refuse_archived(snapshot.path, brackets, "training runs of it would be reset")
    for training in (one for slot in retry.slots for one in slot.runs(_fold_names(snapshot, slot))):
        if is_held(snapshot.path / training.path):
            who = holder_text(snapshot.path / training.path)
            raise HybandError(f"{training} still has something running ({who}). End it first. Nothing was done.")
    with held(snapshot.path):
        _take_back(snapshot, retry.promotions)
        for slot in retry.slots:
            _reset_slot(snapshot, slot)
        if retry.slots or retry.promotions:
            _remove_best(snapshot)


def redo_promotion(snapshot: Snapshot, bracket: int, stage: int) -> None:
    """Undo a promotion and those above it, so that the next run redoes them. The caller must hold the lock."""
    _take_back(snapshot, tuple(_promotions_from(snapshot, bracket, stage)))
    _remove_best(snapshot)


def _take_back(snapshot: Snapshot, promotions: Sequence[tuple[int, int]]) -> None:
    _restore_lost(snapshot, {bracket for bracket, _ in promotions})
    for bracket, stage in reversed(promotions):  # from the top, so that an interruption leaves a consistent state
        for path in snapshot.path.glob(f"{stage_path(bracket, stage + 1)}/config-*/{layout.OUTCOME}"):
            path.unlink()  # snakemake requests it again, and finds the training run's result in the record
        table = snapshot.path / stage_path(bracket, stage) / layout.PROMOTION
        table.rename(free_name(table.with_name(f"{table.name}.{layout.REPLACED}"), "-", numbered=True))


def _remove_best(snapshot: Snapshot) -> None:
    for name in layout.OF_THE_BEST:
        (snapshot.path / name).unlink(missing_ok=True)


def _restore_lost(snapshot: Snapshot, brackets: Collection[int]) -> None:
    """Restore lost or changed copies while the tables still say what belongs where."""
    for slot, *_ in snapshot.slots():
        is_known = slot.bracket in brackets and find_origin(slot, snapshot.path) is not None
        drawn = find_drawn(slot, snapshot.path) if is_known else None
        if drawn is not None:
            give_copies(snapshot.path / slot.path, drawn)


def _reset_slot(snapshot: Snapshot, slot: Slot) -> None:
    """Reset a training run, or the folds without a result if they are separate training runs."""
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
    return exists(snapshot.path / stage_path(slot.bracket, slot.stage) / layout.PROMOTION)


def _promotions_from(snapshot: Snapshot, bracket: int, stage: int) -> Iterator[tuple[int, int]]:
    for number in range(stage, len(snapshot.plan.bracket(bracket).stages)):
        if _promoted(snapshot, Slot(bracket, number, 0)):
            yield bracket, number


def _fold_names(snapshot: Snapshot, slot: Slot) -> tuple[str, ...]:
    return snapshot.plan.stage(slot.bracket, slot.stage).fold_names
