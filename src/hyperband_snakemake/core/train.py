"""``python hyperband train BRACKET STAGE CONFIG BUDGET``: see one slot through to its outcome.

train.sh does the plain case (first attempt, exit status 0, a plain number) and calls this program for all else. Both
run in the search's directory and expect in the environment ``HYBAND_START`` (where snakemake was started),
``HYBAND_SEARCH`` (the search as seen from there) and, from train.sh, the record open and locked as
descriptor ``HYBAND_RECORD``.
"""

import errno
import os
import sys
from functools import partial
from pathlib import Path
from typing import IO

from . import layout, promotion
from .files import write
from .layout import Slot
from .outcome import EMPTY, RUNNING, Outcome, Status, completed, failed, read_result, verdict_text
from .planfile import read_plan
from .record import (
    Attempt,
    end_text,
    holder_text,
    is_unfinished,
    locked,
    read_attempts,
    since_retry,
    start_text,
    used,
)
from .training import end_leftovers, judge, make_way, run

MOST_INTERRUPTIONS = 100
INTERRUPTED = "cut off: run.sh and the program that started it were killed (out of memory, or by the scheduler)"


def main(argv: list[str]) -> int:
    """See the slot through; ``--ended STATUS SECONDS`` as last arguments: train.sh has run the first attempt."""
    slot, budget = Slot(*map(int, argv[:3])), argv[3]
    ended = (int(argv[5]), float(argv[6])) if argv[4:5] == ["--ended"] else None
    origin = promotion.origin_of(slot)
    if origin is promotion.NOBODY:
        conclude(slot.path, EMPTY)
        return 0
    if not Path(layout.RUN).is_file():
        raise FileNotFoundError(errno.ENOENT, "is missing", layout.RUN)
    slot.path.mkdir(parents=True, exist_ok=True)
    if not promotion.restore_config(slot, origin):
        conclude(slot.path, failed(f"{layout.CONFIG} is missing; write it, then run `hyband retry`"))
        return 0
    descriptor = int(os.environ["HYBAND_RECORD"]) if "HYBAND_RECORD" in os.environ else None
    outcome: Outcome | None = None
    while outcome is None:
        with locked(slot.path, descriptor, partial(_say_who_holds, slot)) as record:
            if ended is None and is_unfinished(slot.path):
                _end(record, seconds=0, status=None, result="", reason=INTERRUPTED)
            outcome = _known(slot.path) if ended is None else None
            if outcome is None:
                outcome = _attempt(slot, budget, record, ended)
        descriptor = ended = None  # the next attempt opens the record anew, and so sees whether anything holds it still
    conclude(slot.path, outcome)
    print(f"{slot}: {verdict_text(outcome)}", end="")
    return 0


def _say_who_holds(slot: Slot) -> None:
    print(
        f"{slot} is still being trained by {holder_text(slot.path)}, left over from an earlier run.\n"
        "  Waiting until it has ended; a second training in the same directory would spoil both.",
        file=sys.stderr,
        flush=True,
    )


def conclude(directory: Path, outcome: Outcome) -> None:
    """Write ``result`` unless it is there already, then ``outcome``; a failure's result is ``nan``."""
    directory.mkdir(parents=True, exist_ok=True)
    make_way(directory)
    if outcome.status is not Status.COMPLETED:
        write(directory / layout.RESULT, "nan\n")
    elif read_result(directory).result != outcome.result:
        write(directory / layout.RESULT, outcome.text + "\n")
    write(directory / layout.OUTCOME, verdict_text(outcome))


def _known(directory: Path) -> Outcome | None:
    """Give the outcome where nothing needs to be trained: by the record, or by a result that was put there by hand."""
    attempts = since_retry(read_attempts(directory))
    good = [attempt for attempt in attempts if attempt.good]
    if good:
        return completed(good[-1].result.encode())
    if attempts:
        return _spent(attempts)
    by_hand = read_result(directory)
    return None if by_hand == RUNNING or read_attempts(directory) else by_hand


def _attempt(slot: Slot, budget: str, record: IO[str], ended: tuple[int, float] | None) -> Outcome | None:
    """Train once, or judge what train.sh has trained; the outcome, or None if there is another attempt."""
    directory = slot.path
    if ended is None:
        attempts = read_attempts(directory)
        number = max((a.attempt for a in attempts), default=0) + 1
        record.write(start_text(number, _run_id()))
        record.flush()
        status, seconds = run(slot, budget, number)
    else:
        status, seconds = ended
    outcome = judge(directory, status)
    _end(record, seconds=seconds, status=status, result=outcome.text, reason=outcome.reason)
    if outcome.status is Status.COMPLETED:
        return outcome
    spent = _spent(since_retry(read_attempts(directory)))
    if spent is None:
        end_leftovers(directory)
    return spent


def _end(record: IO[str], *, seconds: float, status: int | None, result: str, reason: str) -> None:
    record.write(end_text(seconds=seconds, status=status, result=result, reason=reason))
    record.flush()
    os.fsync(record.fileno())


def _spent(attempts: list[Attempt]) -> Outcome | None:
    """Give the outcome of a configuration that has used up its attempts; None if it has one left."""
    allowed = 1 + read_plan(Path()).settings.retries
    if not attempts or (used(attempts, _run_id()) < allowed and len(attempts) < MOST_INTERRUPTIONS + allowed):
        return None
    return failed(attempts[-1].reason or "every attempt was cut off")


def _run_id() -> str:
    return os.environ.get("HYBAND_RUN", "")
