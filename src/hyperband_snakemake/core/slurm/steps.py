"""Job steps that never began: run.sh did not run in them, so they do not count as attempts or failures.

In mode steps, step.py leaves a mark in the stage's file ``steps/config-3``: "asked N" before srun requests the step of
attempt N. The first thing guard.sh does within the step is to add "begun N". A run.sh that calls srun itself leaves no
mark, but if the controller is down or the allocation has ended, its log contains nothing but srun's messages.
"""

import os
import re
import sys
import time
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from ..disk.files import read, tail, write
from ..training.attempt import TAIL, retry_pause
from ..training.starting import STEPS, read_mode, start_command
from ..training.stopping import stop_run
from ..tree import environment, layout
from ..tree.apart import path_apart
from ..tree.environment import current_run
from ..tree.layout import Slot
from ..tree.reasons import NOT_BEGUN
from ..tree.record import Attempt
from .queue import LIVE, call
from .sbatch import AWAY

GONE = (
    "has expired",
    "Invalid job id specified",
    "Job/step already completing or completed",
    "Unable to confirm allocation",
    "Job has been revoked",
)
KEPT = ("SLURM_JOB_ID", "SLURM_JOBID")  # kept in the environment: srun must know its allocation
SRUN = ("srun", "--exact", "--nodes=1", "--ntasks=1", "--export=ALL", "--input=none", "--unbuffered", "--quiet")
MOST_STARTS = 5  # in a row for one training run, if Slurm answers: its reason will not go away
_LAUNCH = '/hyperband" step "$0"'  # in a run.sh that step.py starts again as a step
_ON_NODE = re.compile(r"on node ([\w.-]+)")
NOT_ASKED = "step.py: error: "  # prefix of step.py's message if it cannot request a step
_OURS = re.compile(r"^(srun|sbatch|salloc|slurmstepd|step\.py)(-\S+)?: ")


def mark_path(directory: Path) -> Path:
    """Path of a slot's mark."""
    return path_apart(directory, layout.STEPS)


def note_asked(directory: Path, attempt: str) -> Path:
    """Write that a step is being requested. Return the path of the mark."""
    path = mark_path(directory)
    path.parent.mkdir(exist_ok=True)
    write(path, f"asked {attempt}\n")
    return path


def words_if_never_begun(directory: Path, attempt: int) -> str:
    """Say in Slurm's words why an attempt's step never began; empty if it did, or if none was requested."""
    words = [line for line in (tail(directory / layout.LOG.format(attempt), TAIL) or "").splitlines() if line.strip()]
    said = [_OURS.sub("", line) for line in words if _OURS.match(line)]
    errors = [line.removeprefix("error: ") for line in said if line.startswith("error: ")]
    mark = (read(mark_path(directory)) or "").split("\n")
    if f"begun {attempt}" in mark:
        return ""
    away = [error for error in errors if _is_about(error, AWAY)]  # munge, for one, has srun say other things first
    if f"asked {attempt}" in mark:
        return away[-1] if away else errors[0] if errors else said[-1] if said else "srun has ended and said nothing"
    if _is_to_be_a_step():
        return errors[-1] if errors else "no job step was asked for; is the disk full?"
    is_all = len(said) == len(words)
    return errors[-1] if errors and is_all and _is_about(errors[-1], (*AWAY, *GONE)) else ""


def _is_to_be_a_step() -> bool:
    """Whether run.sh, started here, will run as a job step, which leaves a mark if there is space on the disk."""
    is_here = "SLURM_JOB_ID" in os.environ and not os.environ.get(environment.STEP)
    return is_here and read_mode(Path()) == STEPS and _LAUNCH in (read(Path(layout.RUN)) or "")


def failing_nodes(attempts: Sequence[Attempt]) -> list[str]:
    """Give the nodes on which a training run could not be started since it last began.

    >>> failing_nodes([Attempt(1, slurm="NOT_BEGUN", reason="Task launch for 7.0 failed on node n3: why")])
    ['n3']
    """
    starts = list(takewhile(lambda attempt: attempt.slurm == NOT_BEGUN, reversed(attempts)))
    return sorted({match[1] for attempt in starts if (match := _ON_NODE.search(attempt.reason))})


def refusal_within_a_step(shown: Path) -> str:
    """Say why no job step could ever begin where this program was started; empty if one can.

    That is the case in `srun --pty bash`: that step holds the processors, and srun would silently wait for them.
    ``shown`` is the search's path for the user. The environment may come from a step that this process does not belong
    to, and a step may share its processors (--overlap), so Slurm is asked for a test step.
    """
    if not {"SLURM_JOB_ID", "SLURM_STEP_ID"} <= os.environ.keys():
        return ""
    done = call(
        [*SRUN, "--immediate=5", "--mem=0", "true"], {name: os.environ[name] for name in KEPT if name in os.environ}
    )
    if done is None or "Requested nodes are busy" not in done.stderr:
        return ""
    command = start_command(shown, STEPS)
    return (
        "each training run of this search should be a job step (mode steps), but the step in which you started it "
        "(srun) holds the processors of the allocation, so none could begin. Nothing was started.\n"
        f"  To submit it: {command}\n"
        f"  Or use salloc instead of srun, and in that allocation: bash{command.removeprefix('sbatch')}"
    )


def await_another_start(slot: Slot, words: str, starts: int) -> bool:
    """Pause before a step is requested again; False if the run ends because no step can begin.

    ``starts`` is how many steps in a row of this training run never began; ``words`` say why the last one did not.
    """
    run = current_run()
    if starts == 1:
        print(f"{slot}: it could not be started ({words}). Nothing has failed; it is tried again.", file=sys.stderr)
    if is_allocation_over():
        text = f"Error: the allocation, job {os.environ['SLURM_JOB_ID']}, has ended, so this run ends."
    elif starts >= MOST_STARTS and not _is_about(words, AWAY):
        text = f"Error: {slot} could not be started, {starts} times in a row: {words}. This run was stopped."
    else:
        time.sleep(retry_pause(starts))
        return True
    command = start_command(Path(os.environ.get(environment.SEARCH, ".")), read_mode(Path()))
    if run is not None:
        stop_run(run, f"{text}\n  Nothing has failed, and nothing that is done is lost. To continue: {command}")
    return False


def is_allocation_over() -> bool:
    """Whether this program was started within an allocation that has ended; False if Slurm does not answer."""
    number = os.environ.get("SLURM_JOB_ID", "")
    if not number:
        return False
    done = call(["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={number}"])
    if done is None:
        return False
    if done.returncode:
        return "Invalid job id" in done.stderr
    return done.stdout.strip() not in LIVE - {"COMPLETING"}


def _is_about(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)
