"""Why a training run ended, in words: exit statuses and Slurm states; and which of these texts are alike."""

import re
import signal
from collections.abc import Iterable, Sequence
from typing import TypeVar

from ..disk.printed import alike
from . import layout

FROM_SIGNAL = 128
NO_RESULT = "run.sh exited with status 0 but wrote no result"
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
    """Say what a shell's exit status means.

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


def says_little(reason: str) -> bool:
    """Whether a reason only says how run.sh ended, so that its log may say more.

    >>> says_little("run.sh exited with status 1"), says_little("time limit: it ran longer than 2 h (limits.toml)")
    (True, False)
    """
    ends = ("run.sh exited with status", "run.sh was ended by signal", NO_RESULT)
    return reason.startswith(ends) and not reason.startswith(_WORDS[124])


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
NOT_BEGUN = "NOT_BEGUN"  # not a Slurm state: Slurm could not start an attempt's job step
REVOKED = "REVOKED"  # its allocation has ended
BLAMELESS = frozenset(  # not the training run's fault: does not count as an attempt
    ["NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "REQUEUED", REVOKED, "PACK_TIMEOUT", "STOPPED", NOT_BEGUN]
)
# results of such a job step do not count, whatever its exit status
TOLD_TO_STOP = TIMEOUTS | {"PREEMPTED", "NODE_FAIL", "REQUEUED"}
_STATES = {
    "TIMEOUT": "it reached its time limit",
    "DEADLINE": "it reached its deadline",
    "OUT_OF_MEMORY": "it used more memory than requested",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
    "PREEMPTED": "a more important job took its place",
    "REQUEUED": "Slurm started the job again",
    REVOKED: "its allocation has ended",
    "CANCELLED": "cancelled",
    "COMPLETED": "the job ended while the training was still running",
    "FAILED": "the job ended while the training was still running",
}
_SAID = {  # what slurmstepd and srun print when they end a step
    "DUE TO TIME LIMIT": "TIMEOUT",
    "DUE TO PREEMPTION": "PREEMPTED",
    "DUE TO NODE FAILURE": "NODE_FAIL",
    "DUE TO JOB REQUEUE": "REQUEUED",
    "Node failure": "NODE_FAIL",
    "UNCORRECTABLE MEMORY ERROR": "NODE_FAIL",
    "Out Of Memory": "OUT_OF_MEMORY",
    "oom-kill": "OUT_OF_MEMORY",
    "oom_kill": "OUT_OF_MEMORY",
    "exceeded memory limit": "OUT_OF_MEMORY",
    "Exceeded job memory limit": "OUT_OF_MEMORY",
    "Exceeded step memory limit": "OUT_OF_MEMORY",
    "CANCELLED AT": "CANCELLED",
}


def slurm_reason(state: str, more: str, what: str) -> str:
    """Say what a Slurm state means.

    >>> slurm_reason("CANCELLED", "by 1000", "job 12")
    'CANCELLED: cancelled by 1000 (job 12)'
    """
    words = _STATES.get(state, "Slurm ended it")
    return f"{state}: {words} {more}".strip() + f" ({what})"


def slurm_state(log: str) -> str:
    """State in which Slurm ended a job step, from what srun and slurmstepd printed; empty if they do not say.

    >>> slurm_state("slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***")
    'TIMEOUT'
    >>> slurm_state("slurmstepd: error: *** STEP 608.0 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO JOB REQUEUE ***")
    'REQUEUED'
    """
    said = "\n".join(re.findall(r"^(?:srun|slurmstepd)\S*: .*", log, re.MULTILINE))
    return next((state for phrase, state in _SAID.items() if phrase in said), "")


def reason_of_attempts(reasons: Sequence[str]) -> str:
    """Say why a training run failed, from its attempts' reasons: the last one, and the first if it is different.

    >>> reason_of_attempts(["killed", "exit status 1"]), reason_of_attempts(["exit status 1", "exit status 1"])
    ('exit status 1 (attempt 1: killed)', 'exit status 1')
    """
    last = reasons[-1] or "every attempt was interrupted"
    number, first = next(((n, r) for n, r in enumerate(reasons, 1) if r and r != last), (0, ""))
    return f"{last} (attempt {number}: {first})" if first else last


def without_numbers(reason: str) -> str:
    """Replace numbers and paths in a reason, except exit statuses and signals, so that similar reasons become equal.

    >>> without_numbers("result: it holds 'np.float64(0.14)'; write float(x)")
    "result: it holds 'np.float#(#)'; write float(x)"
    >>> without_numbers("run.sh was killed (status 137, signal 9)")
    'run.sh was killed (status 137, signal 9)'
    """
    parts = _STATUS.split(reason)
    return "".join(part if place % 2 else alike(part) for place, part in enumerate(parts))


_STATUS = re.compile(r"((?:status|signal) \d+)")

Failed = TypeVar("Failed")


def by_reason(failed: Iterable[tuple[Failed, str]]) -> list[tuple[str, list[Failed]]]:
    """Group failures by their reasons, ignoring numbers and paths; each with its first reason, most frequent first.

    >>> by_reason([("a", "job 1 was lost"), ("b", "killed"), ("c", "job 2 was lost"), ("d", "")])
    [('job 1 was lost', ['a', 'c']), ('killed', ['b']), ('no reason recorded', ['d'])]
    """
    groups: dict[str, tuple[str, list[Failed]]] = {}
    for one, reason in failed:
        text = reason or "no reason recorded"
        groups.setdefault(without_numbers(text), (text, []))[1].append(one)
    return sorted(groups.values(), key=lambda group: -len(group[1]))
