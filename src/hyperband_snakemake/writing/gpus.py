"""Setting which GPUs the training runs of a search use: its file ``gpus.toml``."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..core.disk.files import read, write
from ..core.plan.gpus import AUTO, Gpus, gpus_from, gpus_from_toml
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
    """Refuse a ``gpus.toml`` from the template directory ``source`` that is not such a file."""
    text = read(tree / layout.GPUS)
    try:
        if text is not None:
            gpus_from_toml(text)
    except (OptionError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(
            f"{source / layout.GPUS}: {error}. In a search, a file of this name says which GPUs training runs use. "
            "Fix it, or give yours another name. Nothing was written."
        ) from None
