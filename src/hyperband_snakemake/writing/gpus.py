"""Setting how training runs share this machine: its GPUs (``gpus.toml``), and jobs of Snakemake (``packs.toml``)."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.disk.files import read, write
from ..core.plan.gpus import AUTO, Gpus, gpus_from, gpus_from_toml
from ..core.plan.packs import packs_from, packs_from_toml
from ..core.plan.units import OptionError
from ..core.tree import layout
from ..errors import HybandError, TemplateError, UsageError
from ..slurm.submit_script import put_aside

NONE = "0"
_TEXT = """\
# Which GPUs of this machine the training runs use; if CUDA_VISIBLE_DEVICES is set, among those that it names.
# Changes apply from the next start of a run on.
format = 1

gpus = {gpus}  # how many, or "auto": all that nvidia-smi or rocm-smi lists
per-gpu = {per_gpu}  # training runs that share a GPU
gpus-per-run = {per_run}  # GPUs of each training run
"""
_PACKS = """\
# How many training runs share a job of Snakemake, for runs that take a second or less: a number, which is the most, or
# "auto", by the time that they have taken so far. It holds from the next start of a run on.
format = 1

pack = {pack}
"""


def set_gpus(search: Path, wanted: Mapping[str, str | int]) -> list[str]:
    """Write ``gpus.toml`` into a search, changing the ``wanted`` options (option -> value). 0 GPUs deletes the file.

    Returns:
        Lines for the user about it.

    Raises:
        UsageError: an option is not valid.
        HybandError: the programs of the search are from a version without GPU support.
    """
    path = search / layout.GPUS
    if not (search / layout.CORE / "place.sh").is_file():
        raise HybandError(
            f"the programs in {search / layout.CORE} do not support GPUs: an earlier version generated this search. "
            f"Its {layout.RUN} must choose a GPU itself."
        )
    if (search / layout.SLURM).exists():
        raise UsageError("--gpus is for this machine, but Slurm runs this search; `hyband slurm` sets its GPUs.")
    if str(wanted.get("gpus")) == NONE:
        path.unlink(missing_ok=True)
        return []
    told, kept = [], None
    try:
        kept = gpus_from_toml(text) if (text := read(path)) is not None else None
    except (OptionError, tomllib.TOMLDecodeError):
        told.append(put_aside(path))
    if kept is None and "gpus" not in wanted:
        raise UsageError(f"--{next(iter(wanted))} needs --gpus: this search uses no GPUs yet.")
    new = _text({**(kept or Gpus()).options, **wanted})
    if new != text:
        write(path, new)
    return told


def _text(options: Mapping[str, Any]) -> str:
    try:
        found = gpus_from(options)
    except OptionError as error:
        raise UsageError(f"--{error}.") from None
    gpus = f'"{AUTO}"' if found.gpus == AUTO else found.gpus
    return _TEXT.format(gpus=gpus, per_gpu=found.per_gpu, per_run=found.per_run)


def check_gpus(tree: Path, source: Path) -> None:
    """Refuse the file ``gpus.toml`` that came from the template directory ``source`` if it is no such file."""
    _check(tree, source, layout.GPUS, gpus_from_toml, "which GPUs training runs use")


def check_packs(tree: Path, source: Path) -> None:
    """Refuse such a file ``packs.toml``."""
    _check(tree, source, layout.PACKS, packs_from_toml, "how many training runs share a job")


def _check(tree: Path, source: Path, name: str, parse: Callable[[str], object], says: str) -> None:
    text = read(tree / name)
    try:
        if text is not None:
            parse(text)
    except (OptionError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(
            f"{source / name}: {error}. In a search, a file of this name says {says}. "
            "Fix it, or give yours another name. Nothing was written."
        ) from None


def set_packs(search: Path, wanted: str) -> None:
    """Write ``packs.toml`` into a search: a number or ``auto``; 1 deletes it, since each training run has its own job.

    Raises:
        UsageError: that means nothing, or Slurm runs the search.
        HybandError: the programs of the search are of a version that knows no packs on this machine.
    """
    path = search / layout.PACKS
    if not (search / layout.CORE / "pack.py").is_file():
        raise HybandError(
            f"the programs in {search / layout.CORE} know no packs on this machine: an earlier version generated this "
            "search. It runs as before without --pack."
        )
    if (search / layout.SLURM).exists():
        raise UsageError("--pack is for this machine; on Slurm, --min-job-time or --array of `hyband slurm` packs.")
    try:
        most = packs_from(wanted).most
    except OptionError as error:
        raise UsageError(f"--{error}.") from None
    if most == 1:
        path.unlink(missing_ok=True)
    else:
        write(path, _PACKS.format(pack=f'"{AUTO}"' if most is None else most))
