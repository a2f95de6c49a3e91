"""``python hyperband squeue``: ask Slurm for its queue once, on behalf of all that wait."""

from pathlib import Path

from .slurm.queue import ask
from .slurm.request import read_slurm


def main(argv: list[str]) -> int:
    """Ask, unless somebody else has asked a moment ago."""
    del argv
    slurm = read_slurm(Path())
    ask(Path(), patience=slurm.poll_seconds if slurm else 0)
    return 0
