"""``python hyperband propose BRACKET``: fill stage 0 of a bracket with configurations that are proposed now.

The one program of a search that needs the package hyperband-snakemake itself, with its extra ``optuna``: models are not
copied into searches. What was proposed stays, whatever becomes of the package.
"""

import importlib
import importlib.util
import sys
from collections.abc import Collection
from pathlib import Path

from .tree.configurations import give_copies, read_drawn
from .tree.layout import Slot
from .tree.proposals import read_sampling

PACKAGE = "hyperband_snakemake"
NEEDED = {"gp": "torch", "cmaes": "cmaes"}  # what a sampler needs beside Optuna


def main(argv: list[str]) -> int:
    """Propose unless that was done before, then write what is missing."""
    bracket = int(argv[0])
    if read_drawn(bracket) is None:
        sampling = read_sampling(Path())
        if (missing := what_is_missing([sampling.learners[bracket].sampler] if sampling else [])) is not None:
            print(f"Error: the configurations of bracket {bracket} cannot be proposed. {missing}", file=sys.stderr)
            return 1
        status: int = importlib.import_module(f"{PACKAGE}.propose").main(Path(), bracket)
        if status:
            return status
    configurations = read_drawn(bracket)
    assert configurations is not None
    for config, drawn in enumerate(configurations):
        give_copies(Slot(bracket, 0, config).path, drawn)
    print(f"bracket {bracket}: {len(configurations)} configurations proposed")
    return 0


def what_is_missing(samplers: Collection[str]) -> str | None:
    """Say what must be installed before these samplers can propose anything; None if nothing."""
    modules = [name.rpartition(".")[0] for name in samplers if "." in name]
    own = sorted({name for name in modules if not _is_installed(name)} - {"optuna.samplers"})
    ours = [
        name for name in (PACKAGE, "optuna", *(NEEDED[s] for s in samplers if s in NEEDED)) if not _is_installed(name)
    ]
    extra = "gp" if "gp" in samplers else "optuna"
    how = [f"  {sys.executable} -m pip install 'hyperband-snakemake[{extra}]'"] if ours else []
    how += [f"  {name} is the module from which a sampler is to come." for name in own]
    if not how:
        return None
    names = " and ".join(dict.fromkeys([*ours, *own]))
    where = f"This needs {names} in the Python that runs snakemake, {sys.executable}:"
    return "\n".join([where, *how, "  Then run snakemake again; nothing is lost."])


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # its package is missing, or is no package
        return False
