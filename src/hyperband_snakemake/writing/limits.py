"""Setting the limits of the training runs of a search: its file ``limits.toml``."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.files import read, write
from ..core.plan.rules import Limits
from ..core.plan.units import OptionError
from ..core.training.limits import limits_from_toml
from ..core.tree import layout
from ..errors import HybandError, TemplateError, UsageError
from ..slurm.submit_script import put_aside

_TEXT = """\
# Limits of a training run on this machine. You can change them at any time; changes apply from the next attempt on.
format = 1

# An option is a value or a list of rules; the last matching rule applies:
#     mem = ["4G", "budget>=27: 16G", "stage>=2 and bracket=0: 32G"]
# 0 or an empty text: no limit. Each doubles after each attempt that ran out of it.
time = {time}  # such as "12:00:00", "1-6", "90min"
mem = {mem}  # such as "16G": run.sh and everything it starts, together

# If `time` is empty, the limit is the run's cost (plan.json) x time-factor, at least five minutes.
cost-unit = {cost_unit}  # of the costs in plan.json: seconds, minutes, hours or days; empty: they are not times
time-factor = {time_factor}
"""


@dataclass(frozen=True)
class LimitOptions:
    """The user's options; rules as written. None means not given, so unchanged."""

    time: tuple[str, ...] | None = None
    mem: tuple[str, ...] | None = None
    cost_unit: str | None = None
    time_factor: float | None = None


def set_limits(search: Path, wanted: LimitOptions) -> list[str]:
    """Write ``limits.toml`` into a search; options that are not given are kept.

    Returns:
        Lines for the user about it.

    Raises:
        UsageError: an option is not valid.
        HybandError: the programs of the search are from a version without limits.
    """
    if not (search / layout.CORE / "training" / "limits.py").is_file():
        raise HybandError(
            f"the programs in {search / layout.CORE} have no limits: an earlier version generated this search. In "
            f"{layout.RUN}, `timeout 2h python train.py` ends a training program after two hours."
        )
    told, kept = [], Limits()
    try:
        kept = limits_from_toml(read(search / layout.LIMITS) or "format = 1")
    except (OptionError, tomllib.TOMLDecodeError):
        told.append(put_aside(search / layout.LIMITS))
    write(search / layout.LIMITS, _checked(_text(kept, wanted)))
    return told


def check_limits(tree: Path, source: Path) -> None:
    """Refuse a ``limits.toml`` from the template directory ``source`` that is not such a file."""
    text = read(tree / layout.LIMITS)
    try:
        limits_from_toml("format = 1" if text is None else text)
    except (OptionError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(
            f"{source / layout.LIMITS}: {error}. In a search, a file of this name holds the limits of training runs. "
            "Fix it, or give yours another name. Nothing was written."
        ) from None


def _text(kept: Limits, wanted: LimitOptions) -> str:
    time = wanted.time if wanted.time is not None else tuple(map(str, kept.time))
    mem = wanted.mem if wanted.mem is not None else tuple(map(str, kept.mem))
    unit = wanted.cost_unit if wanted.cost_unit is not None else kept.cost_unit
    factor = wanted.time_factor if wanted.time_factor is not None else float(kept.time_factor)
    if wanted.time_factor is not None and not unit:
        raise UsageError("--time-factor needs --cost-unit: without it, the plan's costs are not times.")
    return _TEXT.format(time=_value(time), mem=_value(mem), cost_unit=json.dumps(unit), time_factor=f"{factor:g}")


def _value(rules: Sequence[str]) -> str:
    return json.dumps(rules[0] if len(rules) == 1 else list(rules) or "", ensure_ascii=False)


def _checked(text: str) -> str:
    try:
        limits_from_toml(text)
    except OptionError as error:
        raise UsageError(f"{'--' if error.option else ''}{error}.") from None
    return text
