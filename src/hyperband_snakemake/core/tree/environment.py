"""All environment variables that a search sets for its programs, and the name of a run of snakemake.

The shell programs repeat these names; a test compares them.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from ..disk.processes import exists

# set by workflow.py for a whole run of snakemake, and inherited by everything it starts
RUN = "HYBAND_RUN"  # the text of a `RunId`; read where an attempt or a job is recorded, and by wait.sh
START = "HYBAND_START"  # where snakemake was started; run.sh starts there
SEARCH = "HYBAND_SEARCH"  # the search as seen from there; read by train.sh, attempt.py, step.py and messages
PYTHON = "HYBAND_PYTHON"  # the Python that runs snakemake; the Snakefile and the shell programs start ours with it

# set by train.sh or attempt.py for one attempt of run.sh, which may read them
BRACKET = "HYBAND_BRACKET"  # counted from 0; step.py reads these three, too
STAGE = "HYBAND_STAGE"
CONFIG = "HYBAND_CONFIG"
BUDGET = "HYBAND_BUDGET"  # in the user's unit, as in $2
ATTEMPT = "HYBAND_ATTEMPT"  # counted from 1
PREVIOUS = "HYBAND_PREVIOUS"  # directory of the same configuration one stage below, as in $3; empty if there is none
PREVIOUS_BUDGET = "HYBAND_PREVIOUS_BUDGET"  # its budget there
FOLD = "HYBAND_FOLD"  # with --parallel-folds: fold and repetition, counted from 0, as in $4 and $5; otherwise empty
REPETITION = "HYBAND_REPETITION"
SESSION = "HYBAND_SESSION"  # the session in which run.sh is started; strays.py recognises daemons by it
STEP = "HYBAND_STEP"  # set by step.py within a job step, so that the run.sh which started it continues there

SLOT = "HYBAND_SLOT"  # number of its place among runs at the same time; empty if there are no places

# set by workflow.py for a whole run where training runs have places; read by place.sh and place.py
PLACES = "HYBAND_PLACES"  # the directory with one lock file for each place
PLACE_COUNT = "HYBAND_PLACE_COUNT"
GPUS = "HYBAND_GPUS"  # the GPUs of each place, separated by blanks; empty if places have none
PER_GPU = "HYBAND_PER_GPU"  # how many training runs share each GPU
GPU_VARIABLES = "HYBAND_GPU_VARIABLES"  # the variables to set to the GPUs of a place
HOLDS = "HYBAND_HOLDS"  # set by place.sh or place.py for run.sh: files that it has locked exclusively

# between our own programs
RECORD = "HYBAND_RECORD"  # set by train.sh for train.py: the descriptor of the record, open and locked
TOKEN = "HYBAND_TOKEN"  # noqa: S105 (set by submission.py: the token under which a job was submitted; pack.sh reads it)
JOB = "HYBAND_JOB"  # set by pack.sh or session.py: the Slurm job that runs only this training run; record.py reads it

# set by the user
RESULT_WAIT = "HYBAND_RESULT_WAIT"  # seconds a result may come after run.sh has succeeded; attempt.py reads it
RETRY_PAUSE = "HYBAND_RETRY_PAUSE"  # seconds before the second attempt, then 4 times as many; attempt.py reads it
LEFTOVER_WAIT = "HYBAND_LEFTOVER_WAIT"  # seconds to wait for processes of an earlier attempt; attempt.py reads it
KEEP_FAILING = "HYBAND_KEEP_FAILING"  # 1: continue even if everything fails; `hyband run` sets it, all_fail.py reads it
GPU_LOCKS = "HYBAND_GPU_LOCKS"  # directory of the GPU locks; run/places.py reads it
HERE = "HYBAND_HERE"  # 1: mode steps may run outside of an allocation; `hyband run` sets it, starting.py reads it


@dataclass(frozen=True)
class RunId:
    """Identifies a run of snakemake: its host and process, and when it began (nanoseconds since 1970).

    >>> RunId.parse("node-7-4711-1700000000000000000")
    RunId(host='node-7', pid=4711, nanoseconds=1700000000000000000)
    """

    host: str
    pid: int
    nanoseconds: int

    @classmethod
    def new(cls) -> "RunId":
        """Make an id for this process's run, which begins now."""
        return cls(os.uname().nodename, os.getpid(), time.time_ns())

    @classmethod
    def parse(cls, text: str) -> "RunId":
        """Read what `text` writes; ValueError for anything else. Host names may contain dashes."""
        host, pid, nanoseconds = text.rsplit("-", 2)
        return cls(host, int(pid), int(nanoseconds))

    @property
    def text(self) -> str:
        """The form used in `RUN`, the record and the lock: "HOST-PID-NANOSECONDS". wait.sh parses it as well."""
        return f"{self.host}-{self.pid}-{self.nanoseconds}"

    def is_here(self) -> bool:
        """Whether its snakemake was started on this host."""
        return self.host == os.uname().nodename

    def is_alive(self) -> bool:
        """Whether its snakemake is still running; assumed to be True on another host, where it cannot be seen."""
        return not self.is_here() or exists(self.pid)

    def terminate(self) -> None:
        """Ask its snakemake to end, if it is on this host."""
        if self.is_here():
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGTERM)


def run_id() -> str:
    """Text of the id of this program's run of snakemake; empty outside of one."""
    return os.environ.get(RUN, "")


def current_run() -> RunId | None:
    """Give this program's run of snakemake; None outside of one."""
    try:
        return RunId.parse(run_id())
    except ValueError:
        return None


def is_run_alive() -> bool:
    """Whether this program's snakemake is still running; it may have been killed alone."""
    run = current_run()
    return run is None or run.is_alive()
