"""Several GPUs in one machine: the options in ``gpus.toml``, and how training runs share the GPUs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .optionfile import options_from
from .units import OptionError

AUTO = "auto"
COUNTED = ("per-gpu", "gpus-per-run")
OPTIONS = ("gpus", *COUNTED)


@dataclass(frozen=True)
class Gpus:
    """Which GPUs the training runs of a search use: a number of them, or ``auto`` for all that this machine has.

    ``per_gpu`` training runs share each GPU, and each training run has ``per_run`` of them.
    """

    gpus: str = AUTO
    per_gpu: int = 1
    per_run: int = 1

    @property
    def options(self) -> dict[str, Any]:
        """Give the options by their names in the file."""
        return dict(zip(OPTIONS, (self.gpus, self.per_gpu, self.per_run), strict=True))


def gpus_from_toml(text: str) -> Gpus:
    r"""Read the text of ``gpus.toml``.

    >>> gpus_from_toml('format = 1\ngpus = 4\nper-gpu = 3')
    Gpus(gpus='4', per_gpu=3, per_run=1)
    """
    return gpus_from(options_from(text))


def gpus_from(options: Mapping[str, Any]) -> Gpus:
    """Read the options by their names; missing ones have their defaults.

    Raises:
        OptionError: one of them is not valid.
    """
    for name in options:
        if name not in OPTIONS:
            raise OptionError(f"{name!r} is not an option; expected one of {', '.join(OPTIONS)}")
    wanted = options.get("gpus", AUTO)
    gpus = AUTO if wanted == AUTO else str(_count("gpus", wanted))
    return Gpus(gpus, *(_count(name, options.get(name, 1)) for name in COUNTED))


def _count(name: str, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and int(text)):
        expected = f"a number from 1{f' or {AUTO!r}' if name == 'gpus' else ''}"
        raise OptionError(f"{name}: {value!r} is not valid; expected {expected}", name)
    return int(text)


def groups(devices: Sequence[str], per_run: int) -> tuple[str, ...]:
    """Give groups of GPUs, one for each training run at a time, as the vendors' variables name them.

    Raises:
        OptionError: there are too few for one training run.

    >>> groups(["0", "1", "2", "3", "4"], 2)
    ('0,1', '2,3')
    """
    found = [devices[at : at + per_run] for at in range(0, len(devices) - per_run + 1, per_run)]
    if not found:
        raise OptionError(f"gpus-per-run: {per_run} for each training run, but there are {len(devices)}", COUNTED[1])
    return tuple(map(",".join, found))
