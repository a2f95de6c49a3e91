"""The option on training runs that share a job on this machine, which `hyband generate` and `hyband run` have."""

from pathlib import Path

import click

from ...core.plan.units import OptionError
from ...core.run.packs.local import read_packs
from ...core.tree import layout

PACK = click.option(
    "--pack",
    metavar="N|auto",
    default="",
    help="Training runs that share a job of Snakemake, at most, where each takes a second or less; 1: none.",
)


def packs_text(search: Path) -> str:
    """Say in a line that the training runs of a search are packed on this machine; empty if they are not."""
    try:
        packs = None if (search / layout.SLURM).exists() else read_packs(search)
    except OptionError as error:
        return str(error)
    if packs is None:
        return ""
    most = "as many training runs as take two seconds" if packs.most is None else f"up to {packs.most} training runs"
    return f"Packs - {most} share a job of Snakemake ({layout.PACKS})"
