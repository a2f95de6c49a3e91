"""What is known about a slot without training it, and how its outcome is written."""

import os
import sys
from pathlib import Path
from typing import IO

from ..disk.files import refuse_unreadable
from ..tree import layout, promotion
from ..tree.apart import move_apart, put
from ..tree.configurations import find_drawn, find_other_table, give_copies, is_left_empty
from ..tree.environment import SEARCH, run_id
from ..tree.folds import known_by_its_configuration
from ..tree.layout import Slot
from ..tree.outcome import (
    EMPTY,
    RUNNING,
    Outcome,
    Status,
    completed,
    failed,
    has_lost_its_record,
    read_result,
    used_up,
    verdict_text,
)
from ..tree.planfile import read_plan
from ..tree.record import Attempt, end_text, read_attempts, record_path, since_retry


def ensure_config(slot: Slot) -> Outcome | None:
    """Make sure that a slot holds the configuration to train. Return its outcome if there is nothing to train.

    Raises:
        ValueError: the promotion table that says what belongs there is damaged.
    """
    if slot.stage and promotion.is_damaged(slot.bracket, slot.stage - 1):
        raise ValueError(promotion.damage_text(slot.bracket, slot.stage - 1, os.environ.get(SEARCH, ".")))
    if promotion.origin_of(slot.configuration) is promotion.NOBODY and find_other_table(slot) is None:
        return EMPTY
    if is_left_empty(slot):
        return EMPTY
    drawn = find_drawn(slot)
    if drawn is None:
        below = [layout.stage_path(slot.bracket, stage) / layout.PROMOTION for stage in range(slot.stage)]
        refuse_unreadable(slot.configuration.path / layout.CONFIG, layout.proposal_path(slot.bracket), *below)
        return failed(f"{layout.CONFIG} is missing; write it, then run `hyband retry`")
    if give_copies(slot.configuration.path, drawn) | (bool(slot.fold) and give_copies(slot.path, drawn)):
        what = f"its {layout.CONFIG} or {layout.PARAMETERS} was changed or removed; both are restored as drawn"
        print(f"{slot}: {what}.", file=sys.stderr)
    move_apart(slot.path)
    return known_by_its_configuration(slot) if slot.fold else None


def by_hand(directory: Path) -> Outcome | None:
    """Give the outcome of a slot in which nothing was trained but a result was put by hand; None if there is none."""
    if record_path(directory).exists() or has_lost_its_record(directory):
        return None
    refuse_unreadable(directory / layout.RESULT)
    found = read_result(directory)
    return None if found == RUNNING else found


def known(directory: Path) -> Outcome | None:
    """Give the outcome if the record shows that nothing needs to be trained."""
    refuse_unreadable(record_path(directory))
    attempts = since_retry(read_attempts(directory))
    good = [attempt for attempt in attempts if attempt.good]
    return completed(good[-1].result.encode()) if good else spent(attempts)


def spent(attempts: list[Attempt]) -> Outcome | None:
    """Give the outcome of a configuration that has used up its attempts; None if it has one left."""
    return used_up(attempts, read_plan(Path()).settings.retries, run_id())


def end_attempt(
    record: IO[str],
    *,
    seconds: float = 0,
    status: int | None = None,
    result: str = "",
    reason: str,
    slurm: str = "",
    limit: str = "",
    late: float = 0,
) -> None:
    """Write the second half of the last attempt's line, and flush it to disk."""
    half = end_text(seconds=seconds, status=status, result=result, reason=reason, slurm=slurm, limit=limit, late=late)
    record.write(half)
    record.flush()
    os.fsync(record.fileno())


def conclude(directory: Path, outcome: Outcome) -> None:
    """Write ``result``, unless it exists, then ``outcome``. The result of a failure is ``nan``."""
    directory.mkdir(parents=True, exist_ok=True)
    if outcome.status is not Status.COMPLETED:
        put(directory / layout.RESULT, "nan\n")
    elif read_result(directory).result != outcome.result:
        put(directory / layout.RESULT, outcome.text + "\n")
    put(directory / layout.OUTCOME, verdict_text(outcome))
    if outcome.status is Status.FAILED:
        from .all_fail import stop_if_all_fail  # noqa: PLC0415 (slow, and most training runs succeed)

        stop_if_all_fail()
