"""``python hyperband squeue SECONDS``: ask Slurm for its queue once, on behalf of all that wait."""

from pathlib import Path

from .plan.units import OptionError
from .slurm.queue import ask
from .slurm.request import read_slurm
from .slurm.stuck import look_for_stuck_jobs


def main(argv: list[str]) -> int:
    """Ask, unless somebody else has asked within the last ``SECONDS``, and look for jobs that wait in vain.

    The seconds are an argument, so that who waits does not stumble over a mistake that is made in slurm.toml meanwhile.
    """
    queue = ask(Path(), patience=float(argv[0]) if argv else 0)
    try:
        slurm = read_slurm(Path())
    except OptionError:  # whoever submits the next job says it
        return 0
    if slurm is not None:
        look_for_stuck_jobs(slurm, queue)
    return 0
