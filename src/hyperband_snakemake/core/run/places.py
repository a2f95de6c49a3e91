"""The places of training runs on this machine, for one run of Snakemake: how many there are, and where the locks are.

With ``gpus.toml``, a place is a GPU, several, or a share of one, and all searches of a user on a host use the same
locks. Without, training runs have a place within their search if run.sh uses its number (``HYBAND_SLOT``).
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..disk.files import read
from ..plan import counted
from ..plan.gpus import OPTIONS, Gpus, gpus_from, gpus_from_toml, groups
from ..plan.optionfile import read_options
from ..plan.units import OptionError
from ..tree import environment, layout
from .devices import Devices, find_devices
from .scheduler import let_as_many_run_as_have_a_place

PROGRAM = "hyperband-snakemake"
STATE = ".local/state"  # in the home directory, unless XDG_STATE_HOME says otherwise; /tmp may be cleaned up


@dataclass(frozen=True)
class Places:
    """How many training runs have a place at the same time, where the locks are, and the GPUs of each.

    ``why_not`` says why the wanted GPUs are not available.
    """

    count: int
    directory: Path
    gpus: tuple[str, ...] = ()
    per_gpu: int = 1
    devices: Devices | None = None
    why_not: str = ""


def read_gpus(search: Path, config: Mapping[str, Any] | None = None) -> Gpus | None:
    """Read which GPUs training runs should use: from ``gpus.toml``, or from Snakemake's ``config``.

    Raises:
        OptionError: it cannot be read, or something in it is not valid.
    """
    found = read_options(search / layout.GPUS, gpus_from_toml, f"hyband run {search} --gpus N")
    given = {name: config[name] for name in OPTIONS if config and name in config}
    if not given:
        return found
    return gpus_from((found or Gpus()).options | given)


def find_places(search: Path, wanted: Gpus | None, cores: int) -> Places | None:
    """Find the places on this machine; None if training runs need none.

    Without GPUs, at most ``cores`` training runs run at a time.
    """
    if wanted is None:
        asks = environment.SLOT in (read(search / layout.RUN) or "")
        return Places(cores, search / layout.PLACES) if asks else None
    directory = _directory(search)
    try:
        devices = find_devices(wanted)
        gpus = groups(devices.gpus, wanted.per_run)
    except OptionError as error:
        return Places(1, directory, why_not=str(error))
    return Places(len(gpus) * wanted.per_gpu, directory, gpus, wanted.per_gpu, devices)


def _directory(search: Path) -> Path:
    """Where the GPU locks are: one directory for all searches of this user on this host.

    A search that is started within a training run shares out the GPUs that this run already holds.
    """
    if os.environ.get(environment.HOLDS):
        return search / layout.PLACES
    if given := os.environ.get(environment.GPU_LOCKS):
        return Path(given).absolute()
    home = Path(os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), STATE))
    there = next(path for path in (home, *home.parents) if path.exists())
    if home.is_absolute() and os.access(there, os.W_OK | os.X_OK):
        return home / PROGRAM / f"gpus-{os.uname().nodename}"
    return Path(f"/tmp/{PROGRAM}-{os.getuid()}")  # noqa: S108 (a user without a home directory, or without a name)


def begin(search: Path, wanted: Gpus | None, workflow: Any) -> Places | None:
    """Find the places for a new run of Snakemake, and pass them on to its programs; None if there are none."""
    settings = workflow.resource_settings
    found = find_places(search, wanted, max(settings.nodes or 0, settings.cores or 0, 1))
    if wanted is not None and found is not None:
        let_as_many_run_as_have_a_place(workflow, found.count)
    _give_to_environment(found)
    return found


def _give_to_environment(places: Places | None) -> None:
    known = (environment.PLACES, environment.PLACE_COUNT, environment.GPUS, environment.PER_GPU)
    for name in (*known, environment.GPU_VARIABLES):
        os.environ.pop(name, None)  # a search within a training run inherits those of the outer search
    if places is not None:
        values = (str(places.directory), str(places.count), " ".join(places.gpus), str(places.per_gpu))
        os.environ |= dict(zip(known, values, strict=True))
    if places is not None and places.devices is not None:
        os.environ[environment.GPU_VARIABLES] = " ".join(places.devices.variables)
        for name in places.devices.hidden:
            os.environ.pop(name, None)


def on_start(search: Path, places: Places | None) -> Iterator[str]:
    """Make the lock directory, and give the lines about GPUs for the user.

    Raises:
        SystemExit: the directory is not writable.
    """
    if (search / layout.SLURM).exists():
        if (search / layout.GPUS).exists():
            yield f"{layout.GPUS} has no effect: the GPUs are those that {layout.SLURM} asks for."
        return
    if places is None:
        return
    try:
        places.directory.mkdir(parents=True, exist_ok=True)
        refused = "" if os.access(places.directory, os.W_OK | os.X_OK) else "may not be written"
    except OSError as error:
        refused = error.strerror or str(error)
    if refused:
        hint = f" To put the GPU locks elsewhere, set {environment.GPU_LOCKS}." if places.gpus else ""
        sys.exit(f"\nError: {places.directory}: {refused}. Training runs must be able to write there.{hint}")
    if places.gpus:
        shared = f", {places.per_gpu} training runs on each" if places.per_gpu > 1 else ""
        at_a_time = counted(places.count, "training run")
        yield f"GPUs: {' '.join(places.gpus)}{shared}; {at_a_time} at a time."
