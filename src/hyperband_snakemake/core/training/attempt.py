"""One start of run.sh: what it is given, what it leaves, and what is left of it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ..plan import number_text
from ..tree import environment, layout, promotion
from ..tree.files import tail
from ..tree.layout import Slot
from ..tree.outcome import RUNNING, Outcome, failed, read_result
from ..tree.planfile import read_plan
from ..tree.reasons import FROM_SIGNAL, exit_reason, slurm_reason, slurm_state
from ..tree.record import holders
from .carry import carry
from .wrong_place import hint_at_directory

DEFAULT_RESULT_WAIT = 10.0
TAIL = 10_000  # bytes at the end of a log that are looked at
GRACE = 5.0  # seconds between asking what a failed attempt left running to end, and killing it


def take_along(slot: Slot, *, tried: bool) -> None:
    """Copy what the plan says from the stage below; ``tried``: there was an attempt before this one."""
    origin, patterns = _below(slot), read_plan(Path()).settings.carry
    if patterns and origin is not None:
        carry(origin.path, slot.path, patterns, tried=tried)


def _below(slot: Slot) -> Slot | None:
    """Where its configuration, and the same fold of it, was trained one stage below; None if it was not."""
    origin = promotion.origin_of(slot)
    if not isinstance(origin, Slot) or (origin.fold and not origin.path.exists()):
        return None  # a repetition that only this stage has
    return origin


def run(slot: Slot, budget: str, number: int) -> tuple[int, float]:
    """Start run.sh once, as train.sh does; its exit status (128 + signal if killed) and the seconds it took."""
    directory = slot.path
    make_way(directory)
    (directory / layout.RESULT).unlink(missing_ok=True)
    search = os.environ.get(environment.SEARCH, ".")
    variables = _variables(slot, budget, number, search)
    folds = [variables[environment.FOLD], variables[environment.REPETITION]] if slot.fold else []
    arguments = [f"{search}/{slot}", budget, variables[environment.PREVIOUS], *folds]
    begin = time.monotonic()
    with (directory / layout.LOG.format(number)).open("wb") as log:
        done = subprocess.run(  # noqa: S603
            ["bash", "--", f"{search}/{layout.RUN}", *arguments],  # noqa: S607
            cwd=os.environ.get(environment.START),
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            close_fds=False,
            check=False,
        )
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return status, time.monotonic() - begin


def _variables(slot: Slot, budget: str, number: int, search: str) -> dict[str, str]:
    """What run.sh finds in its environment about itself; train.sh sets the same for a first attempt."""
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
    }


def judge(directory: Path, number: int, status: int) -> Outcome:
    """Say what a run.sh that ended with this status has left; wait a little for a result that is on its way."""
    if status != 0:
        state = ended_by_slurm(directory, number)
        return failed(slurm_reason(state, "", "job step") if state else _exit_reason(status))
    deadline = time.monotonic() + result_wait()
    while _nothing_yet(outcome := read_result(directory), directory) and time.monotonic() < deadline:
        time.sleep(0.05)
    if outcome == RUNNING:
        why = f"does it write to $1/{layout.RESULT}, and wait for what it starts (sbatch needs --wait)?"
        return failed(f"run.sh ended well but wrote no {layout.RESULT}; {hint_at_directory() or why}")
    return outcome


def _exit_reason(status: int) -> str:
    hint = hint_at_directory() if status < FROM_SIGNAL else ""
    return f"{exit_reason(status)}; {hint}" if hint else exit_reason(status)


def ended_by_slurm(directory: Path, number: int) -> str:
    """State in which Slurm ended a step of this attempt, by the end of its log; empty if it did not."""
    return slurm_state(tail(directory / layout.LOG.format(number), TAIL) or "")


def _nothing_yet(outcome: Outcome, directory: Path) -> bool:
    path = directory / layout.RESULT
    return outcome == RUNNING or (path.is_file() and path.stat().st_size == 0)


def result_wait() -> float:
    """Seconds that a result may come after run.sh has ended well."""
    try:
        return float(os.environ.get(environment.RESULT_WAIT, DEFAULT_RESULT_WAIT))
    except ValueError:
        print(f"{environment.RESULT_WAIT} is not a number of seconds; using {DEFAULT_RESULT_WAIT:g}", file=sys.stderr)
        return DEFAULT_RESULT_WAIT


def make_way(directory: Path) -> None:
    """A directory in the place of the result is the training's; it is kept under another name."""
    if (directory / layout.RESULT).is_dir():
        aside = f"{layout.RESULT}-directory-{time.time_ns()}"
        (directory / layout.RESULT).rename(directory / aside)


def end_leftovers(directory: Path) -> None:
    """End the processes that a failed attempt has left running: the next one must have the directory to itself."""
    deadline = time.monotonic() + GRACE
    sent = signal.SIGTERM
    while left := [pid for pid in holders(directory) if _is_of_this_run(pid)]:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sent)
        if sent == signal.SIGKILL:
            return
        if time.monotonic() > deadline:
            sent = signal.SIGKILL
        time.sleep(0.05)


def _is_of_this_run(pid: int) -> bool:
    """Whether a process got its environment from us: somebody else may just be reading the record."""
    mark = f"{environment.RUN}={environment.run_id()}".encode()
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
