"""``python hyperband propose BRACKET``: fill stage 0 of a bracket with configurations that are proposed now.

The one program of a search that needs the package hyperband-snakemake itself, with its extra ``optuna``: models are not
copied into searches. What was proposed stays, whatever becomes of the package.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

from .layout import Slot
from .proposals import read_proposal, restore_proposed

PACKAGE = "hyperband_snakemake"


def main(argv: list[str]) -> int:
    """Propose unless that was done before, then write what is missing."""
    bracket = int(argv[0])
    if read_proposal(bracket) is None:
        if (missing := what_is_missing()) is not None:
            print(f"Error: the configurations of bracket {bracket} cannot be proposed. {missing}", file=sys.stderr)
            return 1
        status: int = importlib.import_module(f"{PACKAGE}.propose").main(Path(), bracket)
        if status:
            return status
    proposal = read_proposal(bracket)
    assert proposal is not None
    for config in range(len(proposal["configurations"])):
        restore_proposed(Slot(bracket, 0, config))
    print(f"bracket {bracket}: {len(proposal['configurations'])} configurations proposed")
    return 0


def what_is_missing() -> str | None:
    """Say what must be installed before anything can be proposed; None if nothing."""
    missing = [name for name in (PACKAGE, "optuna") if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    return (
        f"This needs {' and '.join(missing)} in the Python that runs snakemake, {sys.executable}:\n"
        f"  {sys.executable} -m pip install 'hyperband-snakemake[optuna]'\n"
        "  Then run snakemake again; nothing is lost."
    )
