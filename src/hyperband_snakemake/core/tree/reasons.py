"""What ended a training, in words: exit statuses, and the states of Slurm."""

import re
import signal

from . import layout

FROM_SIGNAL = 128
NO_RESULT = "run.sh ended well but wrote no result"
_WORDS = {
    1: "run.sh exited with status 1",
    126: "run.sh exited with status 126: a program in it may not be executed",
    127: "run.sh exited with status 127: a program in it was not found",
    128 + signal.SIGKILL: "run.sh was killed (status 137, signal 9): out of memory, or by the scheduler",
    128 + signal.SIGTERM: "run.sh was terminated (status 143, signal 15): time limit, or cancelled",
    128 + signal.SIGXCPU: "run.sh was stopped (status 152, signal 24): its limit of processor time",
    128 + signal.SIGXFSZ: "run.sh was stopped (status 153, signal 25): its limit of file size",
    124: "run.sh exited with status 124: time limit (timeout)",
}


def exit_reason(status: int) -> str:
    """Say what an exit status of a shell means.

    >>> exit_reason(3)
    'run.sh exited with status 3'
    >>> exit_reason(139)
    'run.sh was ended by signal 11 (SIGSEGV)'
    """
    if status in _WORDS:
        return _WORDS[status]
    if status > FROM_SIGNAL:
        number = status - FROM_SIGNAL
        try:
            return f"run.sh was ended by signal {number} ({signal.Signals(number).name})"
        except ValueError:
            pass
    return f"run.sh exited with status {status}"


TIME, MEMORY = "time", "memory"  # limits of a training run
_TOO_MUCH = {TIME: "ran longer than", MEMORY: "used more memory than"}


def limit_reason(kind: str, amount: str) -> str:
    """Say which limit a training run has exceeded.

    >>> limit_reason("time", "2 h")
    'time limit: it ran longer than 2 h (limits.toml)'
    """
    return f"{kind} limit: it {_TOO_MUCH[kind]} {amount} ({layout.LIMITS})"


OUT_OF_MEMORY = "OUT_OF_MEMORY"
TIMEOUTS = frozenset(["TIMEOUT", "DEADLINE"])
BLAMELESS = frozenset(  # not the training's fault: uses up no attempt
    ["NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "REQUEUED", "REVOKED", "PACK_TIMEOUT", "STOPPED"]
)
TOLD_TO_STOP = TIMEOUTS | {"PREEMPTED", "NODE_FAIL"}  # no number of such a job step counts, whatever its exit status
_STATES = {
    "TIMEOUT": "its time limit was over",
    "DEADLINE": "its deadline was over",
    "OUT_OF_MEMORY": "it used more memory than it had asked for",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
    "PREEMPTED": "a more important job took its place",
    "REQUEUED": "Slurm started the job again",
    "CANCELLED": "cancelled",
    "COMPLETED": "the job ended while the training was still running",
    "FAILED": "the job ended while the training was still running",
}
_SAID = {  # what slurmstepd and srun print when they end a step
    "DUE TO TIME LIMIT": "TIMEOUT",
    "DUE TO PREEMPTION": "PREEMPTED",
    "DUE TO NODE FAILURE": "NODE_FAIL",
    "Node failure": "NODE_FAIL",
    "Out Of Memory": "OUT_OF_MEMORY",
    "oom-kill": "OUT_OF_MEMORY",
    "oom_kill": "OUT_OF_MEMORY",
    "exceeded memory limit": "OUT_OF_MEMORY",
    "Exceeded job memory limit": "OUT_OF_MEMORY",
    "CANCELLED AT": "CANCELLED",
}


def slurm_reason(state: str, more: str, what: str) -> str:
    """Say what a state of Slurm means.

    >>> slurm_reason("CANCELLED", "by 1000", "job 12")
    'CANCELLED: cancelled by 1000 (job 12)'
    """
    words = _STATES.get(state, "Slurm ended it")
    return f"{state}: {words} {more}".strip() + f" ({what})"


def slurm_state(log: str) -> str:
    """State in which Slurm ended a job step, by what srun and slurmstepd printed; empty if they say nothing of it.

    >>> slurm_state("slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***")
    'TIMEOUT'
    """
    said = "\n".join(re.findall(r"^(?:srun|slurmstepd)\S*: .*", log, re.MULTILINE))
    return next((state for phrase, state in _SAID.items() if phrase in said), "")
