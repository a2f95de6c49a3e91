"""The user's Slurm options, and those that a search has kept."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.disk.files import read
from ..core.slurm.request import RULED
from ..core.tree import layout
from .submit_script import kept_allocation

_KINDS = {  # of options that are not rules
    "cost-unit": (str,),
    "time-factor": (int, float),
    "min-job-time": (str,),
    "array": (int,),
    "poll-seconds": (int, float),
}


@dataclass(frozen=True)
class SlurmOptions:
    """The user's options: ``options`` maps the names in `RULED` to rules as written; the rest is as in slurm.toml."""

    mode: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cost_unit: str = ""
    time_factor: float = 3
    min_job_time: str = ""
    array: int = 0
    poll_seconds: float = 15
    workers: int = 8
    allocation_time: str = ""


def kept_options(search: Path, mode: str) -> dict[str, object]:
    """Give the options in ``slurm.toml``, by the names in `SlurmOptions`, as far as they are valid and fit the mode.

    Without Slurm, they are those from before Slurm was turned off. Rules are under ``options``, as written in the file.
    Mode ``steps`` keeps more in its script.
    """
    allocation = kept_allocation(search) if mode == "steps" else {}
    try:
        data = tomllib.loads(last_toml(search))
    except tomllib.TOMLDecodeError:
        return allocation
    unfit = {"steps": {"array", "min-job-time"}, "executor": {"array"}}.get(mode, set())
    names = [name for name, kinds in _KINDS.items() if name not in unfit and type(data.get(name)) in kinds]
    kept: dict[str, object] = {name.replace("-", "_"): data[name] for name in names}
    rules = {name: data[name] if isinstance(data[name], list) else [data[name]] for name in RULED if name in data}
    options = {name: tuple(str(r) for r in found if r != "") for name, found in rules.items()}
    return allocation | kept | {"options": options}


def last_toml(search: Path) -> str:
    """Text of slurm.toml, or of the one kept when Slurm was turned off; empty if there is neither."""
    return next((text for name in (layout.SLURM, layout.SLURM_OFF) if (text := read(search / name)) is not None), "")
