"""The options for several GPUs in one machine, used by `hyband generate` and `hyband run`."""

from collections.abc import Mapping
from typing import Any

import click

from ...core.plan.gpus import COUNTED, OPTIONS
from ...errors import UsageError
from .options import is_given

GPUS = click.option("--gpus", metavar="N|auto", help="GPUs of this machine, for training runs; 0: none any more.")
PER_GPU = click.option("--per-gpu", type=click.IntRange(min=1), help="Training runs that share a GPU.  [default: 1]")
PER_RUN = click.option("--gpus-per-run", type=click.IntRange(min=1), help="GPUs of each training run.  [default: 1]")


def gpus_given(arguments: Mapping[str, Any]) -> dict[str, str | int]:
    """Give the options for this machine's GPUs on the command line of the running command, by name.

    Raises:
        UsageError: one has a form that only works with Slurm.
    """
    given = {option: arguments[name] for option in OPTIONS if is_given(name := option.replace("-", "_"))}
    if isinstance(rules := given.get("gpus"), tuple):  # the form in `hyband generate`, which also serves Slurm
        if len(rules) != 1 or ":" in rules[0]:
            raise UsageError("--gpus is a number of GPUs, or auto; conditions and kinds need --slurm.")
        given["gpus"] = rules[0]
    return given


def given_without_slurm() -> list[str]:
    """Options on the command line of the running command that have no effect with Slurm."""
    return [f"--{option}" for option in COUNTED if is_given(option.replace("-", "_"))]
