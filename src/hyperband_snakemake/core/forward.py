"""``python hyperband forward SIGNAL PID...``: signal these processes, and those below, that handle it."""

from .training.signals import forward


def main(argv: list[str]) -> int:
    """Forward ``SIGNAL``, a name such as USR1."""
    for pid in argv[1:]:
        forward(f"SIG{argv[0]}", int(pid))
    return 0
