"""``python hyperband forward SIGNAL PID...``: signal these processes and their descendants, if they handle it."""

import os
from pathlib import Path

from .slurm.notice import CARRIER
from .slurm.request import announced_signal
from .training.signals import forward


def main(argv: list[str]) -> int:
    """Forward ``SIGNAL``, a name such as USR1. URG stands for the signal that the search has asked Slurm to send."""
    os.chdir(Path(__file__).parent.parent)
    name = announced_signal() if argv[0] == CARRIER else argv[0]
    for pid in argv[1:] if name else ():
        forward(name, int(pid))
    return 0
