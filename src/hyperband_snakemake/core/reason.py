"""Exit statuses in words."""

import signal

FROM_SIGNAL = 128
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
