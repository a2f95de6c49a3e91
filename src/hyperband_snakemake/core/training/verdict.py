"""What is known of one slot without training it, and how its outcome is written."""

import os
from pathlib import Path
from typing import IO

from ..tree import layout, promotion
from ..tree.environment import run_id
from ..tree.files import write
from ..tree.folds import known_by_its_configuration
from ..tree.layout import Slot
from ..tree.outcome import EMPTY, RUNNING, Outcome, Status, completed, failed, read_result, verdict_text
from ..tree.planfile import read_plan
from ..tree.reasons import reason_of_attempts
from ..tree.record import Attempt, end_text, read_attempts, since_retry, used
from .all_fail import stop_if_all_fail
from .attempt import make_way

MOST_INTERRUPTIONS = 100


def ensure_config(slot: Slot) -> Outcome | None:
    """See to it that a slot holds the configuration that is to be trained; its outcome if there is nothing to train."""
    origin = promotion.origin_of(slot.configuration)
    if origin is promotion.NOBODY:
        return EMPTY
    slot.path.mkdir(parents=True, exist_ok=True)
    found = promotion.restore_config(slot.configuration, origin)
    if found and slot.fold:
        promotion.give_fold_its_config(slot)
    if not found:
        return failed(f"{layout.CONFIG} is missing; write it, then run `hyband retry`")
    return known_by_its_configuration(slot) if slot.fold else None


def known(directory: Path) -> Outcome | None:
    """Give the outcome where nothing needs to be trained: by the record, or by a result that was put there by hand."""
    attempts = since_retry(read_attempts(directory))
    good = [attempt for attempt in attempts if attempt.good]
    if good:
        return completed(good[-1].result.encode())
    if attempts:
        return spent(attempts)
    by_hand = read_result(directory)
    return None if by_hand == RUNNING or read_attempts(directory) else by_hand


def spent(attempts: list[Attempt]) -> Outcome | None:
    """Give the outcome of a configuration that has used up its attempts; None if it has one left."""
    allowed = 1 + read_plan(Path()).settings.retries
    if not attempts or (used(attempts, run_id()) < allowed and len(attempts) < MOST_INTERRUPTIONS + allowed):
        return None
    return failed(reason_of_attempts([attempt.reason for attempt in attempts]))


def end_attempt(
    record: IO[str], *, seconds: float = 0, status: int | None = None, result: str = "", reason: str, slurm: str = ""
) -> None:
    """Write the second half of the attempt that was begun last, safely on disk."""
    record.write(end_text(seconds=seconds, status=status, result=result, reason=reason, slurm=slurm))
    record.flush()
    os.fsync(record.fileno())


def conclude(directory: Path, outcome: Outcome) -> None:
    """Write ``result`` unless it is there already, then ``outcome``; a failure's result is ``nan``."""
    directory.mkdir(parents=True, exist_ok=True)
    make_way(directory)
    if outcome.status is not Status.COMPLETED:
        write(directory / layout.RESULT, "nan\n")
    elif read_result(directory).result != outcome.result:
        write(directory / layout.RESULT, outcome.text + "\n")
    write(directory / layout.OUTCOME, verdict_text(outcome))
    if outcome.status is Status.FAILED:
        stop_if_all_fail()
