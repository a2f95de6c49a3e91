"""``python hyperband train BRACKET STAGE BUDGET CONFIG``: bring one slot to its outcome.

train.sh handles the simple case (first attempt, exit status 0, a plain number) and calls this program for everything
else. Both run in the search's directory and expect in the environment ``HYBAND_START`` (where snakemake was started)
and ``HYBAND_SEARCH`` (the search as seen from there). train.sh passes the record, open and locked, as descriptor
``HYBAND_RECORD``.

Each training run that is not plain pays for the imports of this program. What only Slurm, failures or files to carry
need is imported where it is used: that saves a quarter of its start.
"""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from .disk.files import try_room
from .run.place import give_place_back, take_place
from .training.attempt import Ended, ended_by_slurm, judge, leftover_wait, retry_pause, run, take_along
from .training.ending import end_leftovers
from .training.limits import await_survivors, limit_of
from .training.stopping import is_run_stopped
from .training.strays import await_strays
from .training.verdict import by_hand, conclude, end_attempt, ensure_config, known, spent
from .tree import layout
from .tree.environment import LEFTOVER_WAIT, RECORD, TOKEN, is_run_alive, run_id
from .tree.layout import Slot
from .tree.outcome import Outcome, Status, failed, verdict_text
from .tree.reasons import FROM_SIGNAL, NOT_BEGUN, REVOKED
from .tree.record import holder_text, is_unfinished, locked, put_back, read_attempts, since_retry, start_text


def main(argv: list[str]) -> int:
    """Bring the slot to its outcome. ``--ended STATUS SECONDS`` at the end: train.sh has run the first attempt."""
    slot, budget = Slot.of(int(argv[0]), int(argv[1]), argv[3]), argv[2]
    first = Ended(int(argv[5]), float(argv[6])) if argv[4:5] == ["--ended"] else None
    outcome = ensure_config(slot) or (None if first else by_hand(slot.path))
    if outcome is not None:
        conclude(slot.path, outcome)
        return 0
    if first is None and is_run_stopped():
        print(f"{slot}: not started, because this run was stopped (run.stopped says why)", file=sys.stderr)
        return 1
    if not Path(layout.RUN).is_file():
        raise FileNotFoundError(errno.ENOENT, "is missing", layout.RUN)
    outcome = _train(slot, budget, first)
    if outcome is None:  # the program that submitted this job submits another
        return 1
    conclude(slot.path, outcome)
    give_place_back()
    print(f"{slot}: {verdict_text(outcome)}{_end_of_log(slot) if outcome.status is Status.FAILED else ''}", end="")
    return 0


def _train(slot: Slot, budget: str, first: Ended | None) -> Outcome | None:
    """Train until the outcome is known; None if the next attempt is for another job."""
    descriptor = int(os.environ[RECORD]) if RECORD in os.environ else None
    with _alone_in(slot, descriptor) as record:
        outcome = _judged(slot, record, 1, first) if first else _next(slot, budget, record)
    failures = starts = 0
    while outcome is None:
        last = next(iter(read_attempts(slot.path)[-1:]), None)
        if last is not None and last.slurm == NOT_BEGUN:
            starts += 1
            from .slurm.steps import await_another_start  # noqa: PLC0415

            if not await_another_start(slot, last.reason, starts):
                return None
        elif TOKEN in os.environ:
            return None
        else:
            failures, starts = failures + 1, 0
            time.sleep(retry_pause(failures))
        if is_run_stopped():
            return None
        with _alone_in(slot, None) as record:  # opened again, to see whether anything still holds it
            outcome = _next(slot, budget, record)
    return outcome


@contextmanager
def _alone_in(slot: Slot, descriptor: int | None) -> Iterator[IO[str]]:
    """Hold the record, after waiting for processes that an earlier attempt has left running there."""
    most = leftover_wait()
    try:
        with locked(slot.path, descriptor, partial(_say_who_holds, slot), most) as record:
            yield record
    except TimeoutError:
        who = f"{holder_text(slot.path)} still uses its directory after {most:g} s ({LEFTOVER_WAIT})"
        raise TimeoutError(f"{slot}: {who}. End it (kill)") from None


def _say_who_holds(slot: Slot) -> None:
    print(
        f"{slot}: waiting for {holder_text(slot.path)}, which an earlier attempt has left running in its directory.\n"
        "  A second training run there would spoil both. If it is no longer needed, end it (kill).",
        file=sys.stderr,
        flush=True,
    )
    await_survivors(slot)


def _next(slot: Slot, budget: str, record: IO[str]) -> Outcome | None:
    """Give the outcome if the record has it, or else train once; None if there is to be another attempt."""
    if is_unfinished(slot.path):
        from .slurm.jobs import await_ending  # noqa: PLC0415

        state, reason = await_ending(read_attempts(slot.path)[-1])
        end_attempt(record, reason=reason, slurm=state)
    if (outcome := known(slot.path)) is not None:
        return outcome
    attempts = read_attempts(slot.path)
    if attempts:
        await_strays(slot, leftover_wait())
    number = max((a.attempt for a in attempts if a.slurm != NOT_BEGUN), default=0) + 1
    take_place(slot)
    limit = limit_of(slot)
    take_along(slot, tried=bool(attempts))
    record.write(start_text(number, run_id()))
    record.flush()
    return _judged(slot, record, number, run(slot, budget, number, record, limit, announced=_announced()))


def _announced() -> str:
    """Name the warning signal that Slurm was asked for; empty if there is none."""
    if not Path(layout.SLURM).exists():
        return ""
    from .slurm.request import announced_signal  # noqa: PLC0415

    return announced_signal()


def _words_if_never_begun(directory: Path, number: int) -> str:
    from .slurm.steps import words_if_never_begun  # noqa: PLC0415

    return words_if_never_begun(directory, number)


def _is_allocation_over() -> bool:
    from .slurm.steps import is_allocation_over  # noqa: PLC0415

    return is_allocation_over()


def _end_of_log(slot: Slot) -> str:
    from .training.all_fail import end_of_log  # noqa: PLC0415

    return end_of_log(slot)


def _judged(slot: Slot, record: IO[str], number: int, ended: Ended) -> Outcome | None:
    """Judge an attempt and record how it ended. Return the outcome, or None if there is to be another attempt."""
    directory, status = slot.path, ended.status
    if ended.stopped:
        raise KeyboardInterrupt  # whatever it left, the line stays open: interrupted, not failed
    over = ended.over
    if status and not over and (words := _words_if_never_begun(directory, number)):
        end_attempt(record, seconds=ended.seconds, reason=words, slurm=NOT_BEGUN)
        return None
    outcome, late = (failed(over.reason), 0.0) if over else judge(directory, number, status)
    if outcome.status is not Status.COMPLETED and not over:
        try_room(directory)  # a full disk is not the configuration's fault: the line stays open
    state = ended_by_slurm(directory, number) if outcome.status is not Status.COMPLETED and not over else ""
    if not over and (state or status > FROM_SIGNAL) and TOKEN not in os.environ and not is_run_alive():
        raise KeyboardInterrupt  # interrupted with snakemake: not the run's own fault, so the line stays open
    if not over and (state or status > FROM_SIGNAL) and TOKEN not in os.environ and _is_allocation_over():
        state = REVOKED
    text, reason = outcome.text, outcome.reason
    limit = over.kind if over else ""
    end_attempt(
        record, seconds=ended.seconds, status=status, result=text, reason=reason, slurm=state, limit=limit, late=late
    )
    put_back(record, directory)
    if outcome.status is Status.COMPLETED:
        return outcome
    last = spent(since_retry(read_attempts(directory)))
    if last is None:
        end_leftovers(slot)
    return last
