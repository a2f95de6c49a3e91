"""One start of run.sh: its arguments and environment, its result, and the processes it leaves behind."""

import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ..disk.files import NotAFile, open_on_disk, tail
from ..disk.processes import adopt_orphans, session_of
from ..plan import number_text
from ..plan.rules import Limit
from ..tree import environment, layout, promotion
from ..tree.apart import make_way
from ..tree.configurations import find_other_table
from ..tree.layout import Slot
from ..tree.outcome import RUNNING, Outcome, failed, read_result
from ..tree.planfile import read_plan
from ..tree.reasons import FROM_SIGNAL, NO_RESULT, TOLD_TO_STOP, exit_reason, slurm_reason, slurm_state
from ..tree.record import handed_down
from .limits import Overrun, await_end
from .old_paths import find_old_paths
from .signals import watched
from .wrong_place import hint_at_directory

DEFAULT_RESULT_WAIT = 10.0
DEFAULT_RETRY_PAUSE = 5.0
LONGEST_PAUSE = 300.0
LATE = 0.1  # seconds after the end of run.sh after which a result is late
TAIL = 10_000  # bytes read from the end of a log


def take_along(slot: Slot, *, tried: bool) -> None:
    """Copy the files to carry from the stage below; ``tried``: there was an attempt before this one."""
    origin, patterns = _below(slot), read_plan(Path()).settings.carry
    if not patterns or origin is None:
        return
    from .carry import carry  # noqa: PLC0415 (slow, and most searches carry nothing)

    carry(origin.path, slot.path, patterns, tried=tried)
    if not tried and (found := find_old_paths(slot.path, patterns, origin)):
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        print(
            f"{found[0]}{more}: carried from {origin}, and contains that path. A program that writes or deletes there "
            "changes the stage below; let it keep paths relative to $1 (docs/checkpoints.md).",
            file=sys.stderr,
        )


def _below(slot: Slot) -> Slot | None:
    """Where the same configuration (and fold) was trained one stage below; None if it was not."""
    other = find_other_table(slot)  # set if an older table was put back
    origin = replace(other, fold=slot.fold) if other else promotion.origin_of(slot)
    if not isinstance(origin, Slot) or (origin.fold and not origin.path.exists()):
        return None  # a repetition that is new in this stage
    return origin


@dataclass(frozen=True)
class Ended:
    """How run.sh ended: its exit status (128 + signal if killed), its duration in seconds, whether it was told to stop.

    ``over``: it was ended because it exceeded a limit.
    """

    status: int
    seconds: float
    stopped: bool = False
    over: Overrun | None = None


def run(slot: Slot, budget: str, number: int, record: IO[str], limit: Limit, *, announced: str = "") -> Ended:
    """Start run.sh once, as train.sh does; it inherits the ``record`` and so its lock.

    ``announced`` is the warning signal that Slurm was asked to send before the end; empty if there is none.
    """
    directory, log = slot.path, slot.path / layout.LOG.format(number)
    clear(directory, log.name)
    search = os.environ.get(environment.SEARCH, ".")
    variables = _variables(slot, budget, number, search)
    folds = [variables[environment.FOLD], variables[environment.REPETITION]] if slot.fold else []
    arguments = [f"{search}/{slot}", budget, variables[environment.PREVIOUS], *folds]
    if limit != Limit():
        adopt_orphans()  # before run.sh can leave orphans
    begin = time.monotonic()
    with log.open("wb") as output, handed_down(record) as descriptor, watched(announced) as signals:
        process = subprocess.Popen(  # noqa: S603
            ["bash", "--", f"{search}/{layout.RUN}", *arguments],  # noqa: S607
            cwd=os.environ.get(environment.START),
            env=os.environ | variables | {environment.RECORD: str(descriptor)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            close_fds=False,
        )
        signals.pid = process.pid
        over = await_end(process, limit, directory)
    status = process.returncode
    return Ended(status if status >= 0 else 128 - status, time.monotonic() - begin, signals.stopped, over)


def clear(directory: Path, log: str) -> None:
    """Remove an earlier attempt's files where this one will write its own; a directory there is renamed and kept."""
    for name in (layout.RESULT, layout.OUTCOME, log):
        if (directory / name).is_dir() and not (directory / name).is_symlink():
            make_way(directory / name)
        else:
            (directory / name).unlink(missing_ok=True)


def _variables(slot: Slot, budget: str, number: int, search: str) -> dict[str, str]:
    """Variables in run.sh's environment about this attempt; train.sh sets the same ones for a first attempt."""
    origin = _below(slot)
    repetition, _, fold = slot.fold.partition("-")
    return {
        environment.BRACKET: str(slot.bracket),
        environment.STAGE: str(slot.stage),
        environment.CONFIG: str(slot.config),
        environment.BUDGET: budget,
        environment.ATTEMPT: str(number),
        environment.PREVIOUS: f"{search}/{origin}" if origin else "",
        environment.PREVIOUS_BUDGET: (
            number_text(read_plan(Path()).stage(origin.bracket, origin.stage).budget) if origin else ""
        ),
        environment.FOLD: fold,
        environment.REPETITION: repetition,
        environment.SESSION: str(session_of(os.getpid()) or ""),
    }


def judge(directory: Path, number: int, status: int) -> tuple[Outcome, float]:
    """Give the outcome of a run.sh that ended with this status; wait a little for a result that is on its way.

    Also gives how many seconds late the result came.
    """
    state = ended_by_slurm(directory, number)
    if status != 0 or state in TOLD_TO_STOP:
        return failed(slurm_reason(state, "", "job step") if state else _exit_reason(status)), 0
    begin = time.monotonic()
    while _nothing_yet(directory / layout.RESULT) and time.monotonic() < begin + result_wait():
        time.sleep(0.05)
    outcome = read_result(directory)
    if outcome == RUNNING:
        hint = hint_at_directory()
        why = f"does it write to $1/{layout.RESULT}, and wait for what it starts (sbatch needs --wait)?"
        again = "It is not tried again, because processes it has started may still write there"
        return failed(f"{NO_RESULT}; {f'{hint}.' if hint else why} {again}"), 0
    late = time.monotonic() - begin
    return outcome, late if late >= LATE else 0


def _exit_reason(status: int) -> str:
    hint = hint_at_directory() if status < FROM_SIGNAL else ""
    return f"{exit_reason(status)}; {hint}" if hint else exit_reason(status)


def ended_by_slurm(directory: Path, number: int) -> str:
    """State in which Slurm ended a step of this attempt, according to the end of its log; empty if it did not."""
    return slurm_state(tail(directory / layout.LOG.format(number), TAIL) or "")


def _nothing_yet(path: Path) -> bool:
    """Whether there is no result, or nothing in it, or it cannot be read now, such as while another host renames it."""
    try:
        with open_on_disk(path) as file:
            return not file.read(1)
    except NotAFile:
        return False
    except OSError:
        return True


def result_wait() -> float:
    """How many seconds after run.sh has exited with status 0 a result may still come."""
    return _seconds(environment.RESULT_WAIT, DEFAULT_RESULT_WAIT)


def retry_pause(failures: int) -> float:
    """Seconds until the next attempt after this many failures in a row: a port or file may be free again by then."""
    return min(_seconds(environment.RETRY_PAUSE, DEFAULT_RETRY_PAUSE) * 4.0 ** min(failures - 1, 10), LONGEST_PAUSE)


def leftover_wait() -> float:
    """Seconds to wait for processes that an earlier attempt has left running."""
    return _seconds(environment.LEFTOVER_WAIT, math.inf)


def _seconds(variable: str, default: float) -> float:
    try:
        return float(os.environ.get(variable, str(default)))
    except ValueError:
        print(f"{variable} is not a number of seconds; using {default:g}", file=sys.stderr)
        return default
