"""``python hyperband train BRACKET STAGE BUDGET CONFIG``: see one slot through to its outcome.

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

from .slurm.jobs import await_ending
from .training.all_fail import end_of_log, is_stopped
from .training.attempt import end_leftovers, ended_by_slurm, judge, run, take_along
from .training.verdict import conclude, end_attempt, ensure_config, known, spent
from .tree import layout
from .tree.environment import RECORD, TOKEN, is_run_alive, run_id
from .tree.layout import Slot
from .tree.outcome import Outcome, Status, verdict_text
from .tree.reasons import FROM_SIGNAL
from .tree.record import holder_text, is_unfinished, locked, read_attempts, since_retry, start_text


def main(argv: list[str]) -> int:
    """See the slot through; ``--ended STATUS SECONDS`` as last arguments: train.sh has run the first attempt."""
    slot, budget = Slot.of(int(argv[0]), int(argv[1]), argv[3]), argv[2]
    ended = (int(argv[5]), float(argv[6])) if argv[4:5] == ["--ended"] else None
    outcome = ensure_config(slot)
    if outcome is not None:
        conclude(slot.path, outcome)
        return 0
    if ended is None and is_stopped():
        print(f"{slot}: not started, since this run was stopped: everything failed", file=sys.stderr)
        return 1
    if not Path(layout.RUN).is_file():
        raise FileNotFoundError(errno.ENOENT, "is missing", layout.RUN)
    descriptor = int(os.environ[RECORD]) if RECORD in os.environ else None
    while outcome is None:
        with locked(slot.path, descriptor, partial(_say_who_holds, slot)) as record:
            if ended is None and is_unfinished(slot.path):
                state, reason = await_ending(read_attempts(slot.path)[-1])
                end_attempt(record, reason=reason, slurm=state)
            outcome = known(slot.path) if ended is None else None
            if outcome is None:
                outcome = _attempt(slot, budget, record, ended)
        if outcome is None and TOKEN in os.environ:  # who has submitted this job submits another
            return 1
        descriptor = ended = None  # the next attempt opens the record anew, and so sees whether anything holds it still
    conclude(slot.path, outcome)
    print(f"{slot}: {verdict_text(outcome)}{end_of_log(slot) if outcome.status is Status.FAILED else ''}", end="")
    return 0


def _say_who_holds(slot: Slot) -> None:
    print(
        f"{slot} is still being trained by {holder_text(slot.path)}, left over from an earlier run.\n"
        "  Waiting until it has ended; a second training in the same directory would spoil both.",
        file=sys.stderr,
        flush=True,
    )


def _attempt(slot: Slot, budget: str, record: IO[str], ended: tuple[int, float] | None) -> Outcome | None:
    """Train once, or judge what train.sh has trained; the outcome, or None if there is another attempt."""
    directory = slot.path
    if ended is None:
        attempts = read_attempts(directory)
        number = max((a.attempt for a in attempts), default=0) + 1
        take_along(slot, tried=bool(attempts))
        record.write(start_text(number, run_id()))
        record.flush()
        status, seconds = run(slot, budget, number)
    else:
        number, (status, seconds) = 1, ended
    outcome = judge(directory, number, status)
    state = ended_by_slurm(directory, number) if status else ""
    if (state or status > FROM_SIGNAL) and TOKEN not in os.environ and not is_run_alive():
        raise KeyboardInterrupt  # cut off together with snakemake: not the training's fault, so the line stays open
    end_attempt(record, seconds=seconds, status=status, result=outcome.text, reason=outcome.reason, slurm=state)
    if outcome.status is Status.COMPLETED:
        return outcome
    last = spent(since_retry(read_attempts(directory)))
    if last is None:
        end_leftovers(directory)
    return last
