"""``python hyperband propose BRACKET``: propose configurations for stage 0 of a bracket and write them to its slots.

The only program of a search that needs the package hyperband-snakemake itself, with its ``optuna`` extra: the models
are not copied into searches. What has been proposed stays valid, whatever happens to the package.
"""

import importlib
import importlib.util
import sys
from collections.abc import Collection
from pathlib import Path

from .disk.files import write
from .halving.lost_proposal import CopyIsMissing, is_lost, restore_proposal
from .tree import layout
from .tree.configurations import Proposal, give_copies, is_left_empty, read_proposal
from .tree.layout import Slot
from .tree.outcome import EMPTY, verdict_text
from .tree.planfile import read_plan
from .tree.proposals import read_sampling

PACKAGE = "hyperband_snakemake"
NEEDED = {"gp": "torch", "cmaes": "cmaes", "joint": "scipy"}  # what a sampler needs in addition to Optuna


def main(argv: list[str]) -> int:
    """Propose, unless that was done before, then write what is missing."""
    bracket, plan = int(argv[0]), read_plan(Path())
    if read_proposal(bracket) is None:
        sampling = read_sampling(Path())
        if sampling and is_lost(plan, bracket):
            try:
                print(restore_proposal(plan, bracket, sampling.learners[bracket].sampler), file=sys.stderr)
            except CopyIsMissing as error:
                print(f"Error: {error}", file=sys.stderr)
                return 1
    if read_proposal(bracket) is None:
        if (missing := what_is_missing([sampling.learners[bracket].sampler] if sampling else [])) is not None:
            print(f"Error: the configurations of bracket {bracket} cannot be proposed. {missing}", file=sys.stderr)
            return 1
        status: int = importlib.import_module(f"{PACKAGE}.propose").main(Path(), bracket)
        if status:
            return status
    proposal = read_proposal(bracket)
    assert proposal is not None
    for config, drawn in enumerate(proposal.configurations):
        give_copies(Slot(bracket, 0, config).path, drawn)
    number = plan.stage(bracket, 0).configurations
    for slot in (Slot(bracket, 0, config) for config in range(number)):
        if is_left_empty(slot) and not any((slot.path / name).exists() for name in (layout.CONFIG, layout.OUTCOME)):
            slot.path.mkdir(parents=True, exist_ok=True)
            write(slot.path / layout.OUTCOME, verdict_text(EMPTY))
    print(_summary(bracket, number, proposal))
    return 0


def _summary(bracket: int, number: int, proposal: Proposal) -> str:
    """Say how many were proposed, and which slots stay empty and why."""
    found = len(proposal.configurations)
    failed = f"\n  {proposal.failed}" if proposal.failed else ""
    if found >= number:
        return f"bracket {bracket}: {found} configurations proposed{failed}"
    last = f" to config-{number - 1}" if found + 1 < number else ""
    return (
        f"bracket {bracket}: {found} of {number} configurations proposed. {Slot(bracket, 0, found)}{last} "
        f"stay{'' if last else 's'} empty: {proposal.empty or 'no other configuration was found.'}{failed}"
    )


def what_is_missing(samplers: Collection[str]) -> str | None:
    """Say what must be installed before these samplers can propose anything; None if nothing is missing."""
    modules = [name.rpartition(".")[0] for name in samplers if "." in name]
    own = sorted({name for name in modules if not _is_installed(name)} - {"optuna.samplers"})
    ours = [
        name for name in (PACKAGE, "optuna", *(NEEDED[s] for s in samplers if s in NEEDED)) if not _is_installed(name)
    ]
    extra = "gp" if "gp" in samplers else "optuna"
    how = [f"  {sys.executable} -m pip install 'hyband[{extra}]'"] if ours else []
    how += [f"  {name} is the module that defines a sampler." for name in own]
    if not how:
        return None
    names = " and ".join(dict.fromkeys([*ours, *own]))
    where = f"This needs {names} in the Python that runs snakemake, {sys.executable}:"
    return "\n".join([where, *how, "  Then run snakemake again; nothing is lost."])


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # its package is missing, or is not a package
        return False
