"""``python hyperband train BRACKET STAGE CONFIG BUDGET``: see one slot through to its outcome.

train.sh does the plain case (first attempt, exit status 0, a plain number) and calls this program for all else. Both
run in the search's directory and expect in the environment ``HYBAND_START`` (where snakemake was started),
``HYBAND_SEARCH`` (the search as seen from there) and, from train.sh, the record open and locked as descriptor 9.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from . import layout, promotion
from .files import read, write
from .layout import Slot
from .outcome import EMPTY, RUNNING, Outcome, Status, failed, read_outcome, read_result, verdict_text
from .planfile import read_plan
from .reason import exit_reason
from .record import Attempt, end_text, holder_text, locked, read_attempts, since_retry, start_text, used

RECORD_FD = 9
RESULT_WAIT = "HYBAND_RESULT_WAIT"  # seconds that a result may come after run.sh has ended well
DEFAULT_RESULT_WAIT = 10.0
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
    slot.path.mkdir(parents=True, exist_ok=True)

    def on_wait() -> None:
        print(
            f"{slot} is still being trained by {holder_text(slot.path)}, left over from an earlier run.\n"
            "  Waiting until it has ended; a second training in the same directory would spoil both.",
            file=sys.stderr,
            flush=True,
        )

    with locked(slot.path, RECORD_FD if "HYBAND_RECORD" in os.environ else None, on_wait) as record:
        if not promotion.restore_config(slot, origin):
            conclude(slot.path, failed(f"{layout.CONFIG} is missing; write it, then run `hyband retry`"))
            return 0
        outcome = _settle(slot, budget, record, ended)
    print(f"{slot}: {verdict_text(outcome)}", end="")
    return 0


def conclude(directory: Path, outcome: Outcome, result: str | None = None) -> None:
    """Write ``result``, then ``outcome``; a failure's result is ``nan``."""
    directory.mkdir(parents=True, exist_ok=True)
    _make_way(directory)
    if outcome.status is not Status.COMPLETED:
        write(directory / layout.RESULT, "nan\n")
    elif result is not None:
        write(directory / layout.RESULT, result + "\n")
    write(directory / layout.OUTCOME, verdict_text(outcome))


def _make_way(directory: Path) -> None:
    """A directory in the place of the result is the training's; it is kept under another name."""
    if (directory / layout.RESULT).is_dir():
        aside = f"{layout.RESULT}-directory-{time.time_ns()}"
        (directory / layout.RESULT).rename(directory / aside)


def _settle(slot: Slot, budget: str, record: IO[str], ended: tuple[int, float] | None) -> Outcome:
    """Bring the slot to its outcome: from its record if that says enough, else by training."""
    directory, run = slot.path, os.environ.get("HYBAND_RUN", "")
    if ended is None:
        attempts = read_attempts(directory)
        if (known := _known(directory, since_retry(attempts))) is not None:
            conclude(directory, *known)
            return known[0]
        if attempts and not attempts[-1].ended:
            _end(record, seconds=0, status=None, result="", reason=INTERRUPTED)
        if (spent := _spent(since_retry(read_attempts(directory)), run)) is not None:
            conclude(directory, spent)
            return spent
    while True:
        if ended is None:
            number = max((a.attempt for a in read_attempts(directory)), default=0) + 1
            record.write(start_text(number, run))
            record.flush()
            status, seconds = _run(slot, budget, number)
        else:
            (status, seconds), ended = ended, None
        outcome = _judge(directory, status)
        text = (read(directory / layout.RESULT) or "").strip() if outcome.status is Status.COMPLETED else ""
        _end(record, seconds=seconds, status=status, result=text, reason=outcome.reason)
        attempts = read_attempts(directory)
        if outcome.status is Status.COMPLETED or _spent(since_retry(attempts), run) is not None:
            conclude(directory, outcome)
            return outcome


def _end(record: IO[str], *, seconds: float, status: int | None, result: str, reason: str) -> None:
    record.write(end_text(seconds=seconds, status=status, result=result, reason=reason))
    record.flush()
    os.fsync(record.fileno())


def _spent(attempts: list[Attempt], run: str) -> Outcome | None:
    """Give the outcome of a configuration that has used up its attempts; None if it has one left."""
    allowed = 1 + read_plan(Path()).settings.retries
    if not attempts or (used(attempts, run) < allowed and len(attempts) < MOST_INTERRUPTIONS + allowed):
        return None
    return failed(attempts[-1].reason or "every attempt was cut off")


def _known(directory: Path, attempts: list[Attempt]) -> tuple[Outcome, str | None] | None:
    """Give the outcome, and the result if it was lost, where nothing needs to be trained."""
    here = read_outcome(directory)
    good = [a for a in attempts if a.good]
    if good:
        restored = None if read_result(directory).status is Status.COMPLETED else good[-1].result
        return Outcome(Status.COMPLETED), restored
    if not attempts and here.status in (Status.COMPLETED, Status.FAILED):
        return here, None
    return None


def _run(slot: Slot, budget: str, number: int) -> tuple[int, float]:
    """Start run.sh once, as train.sh does; its exit status (128 + signal if killed) and the seconds it took."""
    directory = slot.path
    _make_way(directory)
    (directory / layout.RESULT).unlink(missing_ok=True)
    search = os.environ.get("HYBAND_SEARCH", ".")
    origin = promotion.origin_of(slot)
    previous = f"{search}/{origin}" if origin else ""
    environment = os.environ | {
        "HYBAND_BRACKET": str(slot.bracket),
        "HYBAND_STAGE": str(slot.stage),
        "HYBAND_CONFIG": str(slot.config),
        "HYBAND_BUDGET": budget,
        "HYBAND_ATTEMPT": str(number),
        "HYBAND_PREVIOUS": previous,
    }
    begin = time.monotonic()
    with (directory / layout.LOG.format(number)).open("wb") as log:
        done = subprocess.run(  # noqa: S603
            ["bash", f"{search}/{layout.RUN}", f"{search}/{slot}", budget, previous],  # noqa: S607
            cwd=os.environ.get("HYBAND_START"),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=False,
            check=False,
        )
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return status, time.monotonic() - begin


def _judge(directory: Path, status: int) -> Outcome:
    if status != 0:
        return failed(exit_reason(status))
    deadline = time.monotonic() + float(os.environ.get(RESULT_WAIT, DEFAULT_RESULT_WAIT))
    while (outcome := read_result(directory)) == RUNNING:
        if time.monotonic() >= deadline:
            return failed(
                f"run.sh ended well but wrote no {layout.RESULT}; does it write to $1/{layout.RESULT}, and does it "
                "wait for what it starts (sbatch needs --wait)?"
            )
        time.sleep(0.05)
    return outcome
