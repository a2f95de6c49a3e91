"""``python hyperband squeue SECONDS``: ask Slurm for its queue once, on behalf of all waiting processes."""

from pathlib import Path

from .plan.units import OptionError
from .slurm.queue import ask
from .slurm.request import read_slurm
from .slurm.stuck import look_for_stuck_jobs


def main(argv: list[str]) -> int:
    """Ask, unless another process has asked within the last ``SECONDS``, and look for jobs that can never start.

    The seconds are an argument so that a mistake made in slurm.toml meanwhile does not stop waiting processes.
    """
    queue = ask(Path(), patience=float(argv[0]) if argv else 0)
    try:
        slurm = read_slurm(Path())
    except OptionError:  # reported by the process that submits the next job
        return 0
    if slurm is not None:
        look_for_stuck_jobs(slurm, queue)
    return 0
