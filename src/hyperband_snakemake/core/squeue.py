"""``python hyperband squeue SECONDS``: ask Slurm for its queue once, on behalf of all that wait."""

from pathlib import Path

from .slurm.queue import ask


def main(argv: list[str]) -> int:
    """Ask, unless somebody else has asked in the last so many seconds.

    These are an argument, so that who waits does not stumble over a mistake that is made in slurm.toml meanwhile.
    """
    ask(Path(), patience=float(argv[0]) if argv else 0)
    return 0
