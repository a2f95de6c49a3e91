"""``python hyperband train BRACKET STAGE CONFIG BUDGET``: see one slot through to its outcome.

train.sh does the plain case (first attempt, exit status 0, a plain number) and calls this program for all else. Both
run in the search's directory and expect in the environment ``HYBAND_START`` (where snakemake was started),
``HYBAND_SEARCH`` (the search as seen from there) and, from train.sh, the record open and locked as descriptor 9.
"""

import os
import socket
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
from .record import Attempt, end_text, locked, read_attempts, start_text

RECORD_FD = 9
RESULT_WAIT = "HYBAND_RESULT_WAIT"  # seconds that a result may come after run.sh has ended well
DEFAULT_RESULT_WAIT = 10.0
MOST_INTERRUPTIONS = 100


def main(argv: list[str]) -> int:
    """See the slot through; ``--ended STATUS SECONDS`` as last arguments: train.sh has run the first attempt."""
    slot, budget = Slot(*map(int, argv[:3])), argv[3]
    ended = (int(argv[5]), float(argv[6])) if argv[4:5] == ["--ended"] else None
    origin = promotion.origin_of(slot)
    if origin is promotion.NOBODY:
        conclude(slot.path, EMPTY)
        return 0
    slot.path.mkdir(parents=True, exist_ok=True)
    with locked(slot.path, RECORD_FD if "HYBAND_RECORD" in os.environ else None) as record:
        if record is None:
            print(
                f"{slot} is being trained by another process (it holds {slot.path / layout.ATTEMPTS}).\n"
                "  Nothing was started. Wait until it has ended, or end it, then run snakemake again.",
                file=sys.stderr,
            )
            return 1
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
    directory = slot.path
    attempts = list(read_attempts(directory))
    if ended is None:
        known = _known(directory, attempts)
        if known is not None:
            outcome, result = known
            conclude(directory, outcome, result)
            return outcome
        if attempts and not attempts[-1].ended:
            reason = "interrupted: killed together with the program that started it"
            record.write(end_text(seconds=0, status=None, result="", reason=reason))
            record.flush()
    allowed = 1 + read_plan(Path()).settings.retries
    counted = sum(1 for a in attempts if a.exit is not None)
    while True:
        if ended is None:
            number = len(attempts) + 1
            record.write(start_text(number, socket.gethostname()))
            record.flush()
            status, seconds = _run(slot, budget, number)
        else:
            (status, seconds), ended = ended, None
        outcome = _judge(directory, status)
        text = (read(directory / layout.RESULT) or "").strip() if outcome.status is Status.COMPLETED else ""
        record.write(end_text(seconds=seconds, status=status, result=text, reason=outcome.reason))
        record.flush()
        os.fsync(record.fileno())
        attempts = list(read_attempts(directory))
        counted += 1
        if outcome.status is Status.COMPLETED or counted >= allowed:
            conclude(directory, outcome)
            return outcome


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
