"""Every variable that a search sets in the environment of its programs, and the name of a run of snakemake.

The shell programs write the same names out; a test compares them with these.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from ..disk.processes import exists

# set by workflow.py for a whole run of snakemake, and inherited by all that it starts
RUN = "HYBAND_RUN"  # the text of a `RunId`; read by whatever records an attempt or a job, and by wait.sh
START = "HYBAND_START"  # where snakemake was started; run.sh starts there
SEARCH = "HYBAND_SEARCH"  # the search as seen from there; read by train.sh, attempt.py, step.py and messages
PYTHON = "HYBAND_PYTHON"  # the Python that runs snakemake; the Snakefile and the shell programs start ours with it

# set by train.sh or attempt.py for one attempt of run.sh, which may read them
BRACKET = "HYBAND_BRACKET"  # numbers from 0; step.py reads these three, too
STAGE = "HYBAND_STAGE"
CONFIG = "HYBAND_CONFIG"
BUDGET = "HYBAND_BUDGET"  # in the user's unit, as in $2
ATTEMPT = "HYBAND_ATTEMPT"  # number from 1
PREVIOUS = "HYBAND_PREVIOUS"  # directory of the same configuration one stage below, as in $3; empty if there is none
PREVIOUS_BUDGET = "HYBAND_PREVIOUS_BUDGET"  # its budget there
FOLD = "HYBAND_FOLD"  # with --parallel-folds: fold and repetition from 0, as in $4 and $5; else empty
REPETITION = "HYBAND_REPETITION"
SESSION = "HYBAND_SESSION"  # the session in which run.sh is started; strays.py tells by it what has begun its own
STEP = "HYBAND_STEP"  # set by step.py within a job step, so that run.sh, which started it, continues there

SLOT = "HYBAND_SLOT"  # number of its place among those that run at the same time; empty if there are no places

# set by workflow.py for a whole run where training runs have places; read by place.sh and place.py
PLACES = "HYBAND_PLACES"  # the directory with a file for each, whose lock is the place
PLACE_COUNT = "HYBAND_PLACE_COUNT"
GPUS = "HYBAND_GPUS"  # those of each training run, separated by blanks; empty if places have none
PER_GPU = "HYBAND_PER_GPU"  # how many share each
GPU_VARIABLES = "HYBAND_GPU_VARIABLES"  # which variables are to name the GPUs of a place
HOLDS = "HYBAND_HOLDS"  # set by place.sh or place.py for run.sh: files that it holds alone

# between our own programs
RECORD = "HYBAND_RECORD"  # set by train.sh for train.py: the descriptor of the record, open and locked
TOKEN = "HYBAND_TOKEN"  # noqa: S105 (set by submission.py: the token under which a job was submitted; pack.sh reads it)
JOB = "HYBAND_JOB"  # set by pack.sh or session.py: the Slurm job of this training run alone; record.py reads it

# set by the user
RESULT_WAIT = "HYBAND_RESULT_WAIT"  # seconds that a result may come after run.sh has succeeded; attempt.py reads it
RETRY_PAUSE = "HYBAND_RETRY_PAUSE"  # seconds before a second attempt, then 4 times as many; attempt.py reads it
LEFTOVER_WAIT = "HYBAND_LEFTOVER_WAIT"  # seconds to wait for what an earlier attempt left running; the same
KEEP_FAILING = "HYBAND_KEEP_FAILING"  # 1: continue even if everything fails; `hyband run` sets it, all_fail.py reads it
GPU_LOCKS = "HYBAND_GPU_LOCKS"  # directory of the places with GPUs; run/places.py reads it
HERE = "HYBAND_HERE"  # 1: a search in the mode steps may run outside of an allocation; the same, starting.py reads it


@dataclass(frozen=True)
class RunId:
    """Which run of snakemake: the host and process of snakemake, and when it began (nanoseconds since 1970).

    >>> RunId.parse("node-7-4711-1700000000000000000")
    RunId(host='node-7', pid=4711, nanoseconds=1700000000000000000)
    """

    host: str
    pid: int
    nanoseconds: int

    @classmethod
    def new(cls) -> "RunId":
        """Name the run of this process, which begins now."""
        return cls(os.uname().nodename, os.getpid(), time.time_ns())

    @classmethod
    def parse(cls, text: str) -> "RunId":
        """Read what `text` writes; ValueError for anything else. A host may have dashes in its name."""
        host, pid, nanoseconds = text.rsplit("-", 2)
        return cls(host, int(pid), int(nanoseconds))

    @property
    def text(self) -> str:
        """As it is in `RUN`, the record and the lock: "HOST-PID-NANOSECONDS"; wait.sh takes it apart as well."""
        return f"{self.host}-{self.pid}-{self.nanoseconds}"

    def is_here(self) -> bool:
        """Whether its snakemake was started on this host."""
        return self.host == os.uname().nodename

    def is_alive(self) -> bool:
        """Whether its snakemake still runs; on another host, where nobody can see that: yes."""
        return not self.is_here() or exists(self.pid)

    def terminate(self) -> None:
        """Ask its snakemake to end, if it is on this host."""
        if self.is_here():
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGTERM)


def run_id() -> str:
    """Name of the run of snakemake that this program works for, as text; empty outside of one."""
    return os.environ.get(RUN, "")


def current_run() -> RunId | None:
    """Give the run of snakemake that this program works for; None outside of one."""
    try:
        return RunId.parse(run_id())
    except ValueError:
        return None


def is_run_alive() -> bool:
    """Whether the snakemake that this program works for still runs; it may have been killed alone."""
    run = current_run()
    return run is None or run.is_alive()
