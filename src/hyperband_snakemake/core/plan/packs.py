"""Packs on this machine: how many training runs share a job of Snakemake, by the file ``packs.toml``."""

import math
from dataclasses import dataclass
from typing import Any

from . import Plan, Stage
from .optionfile import options_from
from .units import OptionError

AUTO = "auto"
OPTION = "pack"
MOST = 1000
PER_CORE = 4  # packs of a stage for each core, at least: none of them is waited for long
LONG_ENOUGH = 2.0  # seconds of a pack, of which the 20 ms of a job are one in a hundred
NO_TIME = 0.2  # seconds of a pack that nobody minds to wait for
UNKNOWN = 32  # training runs in a pack where nobody knows yet how long they take
NOT_LONG = 30.0  # seconds for which jobs that train a stage together may have their cores
SEVERAL = 2  # training runs of this budget that take as long as the longest one of the search, at least
SINGLES = 16  # training runs of a stage that may have a job each


@dataclass(frozen=True)
class Packs:
    """The largest number of training runs that share a job; None: decided by the time that they take."""

    most: int | None = None


def packs_from_toml(text: str) -> Packs:
    r"""Read the text of ``packs.toml``.

    >>> packs_from_toml('format = 1\npack = 16'), packs_from_toml('format = 1\npack = "auto"')
    (Packs(most=16), Packs(most=None))
    """
    data = options_from(text)
    wanted = data.pop(OPTION, AUTO)
    if data:
        raise OptionError(f"{next(iter(data))!r} is not an option; expected {OPTION}")
    return packs_from(wanted)


def packs_from(wanted: Any) -> Packs:
    """Read the value of the option.

    Raises:
        OptionError: it means nothing.
    """
    text = str(wanted)
    if text == AUTO:
        return Packs()
    if isinstance(wanted, bool) or not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST):
        raise OptionError(f"{OPTION}: {wanted!r} means nothing here; expected 1 to {MOST} or {AUTO!r}", OPTION)
    return Packs(int(text))


def pack_size(plan: Plan, stage: Stage, packs: Packs, *, left: int, cores: int, seconds: float | None = None) -> int:
    """Give how many training runs of a stage share a job at most, with ``left`` of them to be done; 1: none.

    However many are asked for, each core has several packs of the stage, so near its end no core is idle for long;
    only packs that take next to no time may be fewer. If it is not known how many ``seconds`` a training run of the
    stage takes, its budget stands for that: a pack then takes no longer than the longest training run of the search.
    """
    evenly = left // (PER_CORE * max(1, cores))
    if packs.most is not None:
        return max(1, min(packs.most, evenly))
    if seconds is None:
        longest = max(other.budget for bracket in plan.brackets for other in bracket.stages)
        return max(1, min(UNKNOWN, evenly, math.floor(longest / stage.budget) if stage.budget else 1))
    shortest = max(seconds, LONG_ENOUGH / MOST)
    if shortest >= LONG_ENOUGH:
        return 1
    return max(1, min(math.ceil(LONG_ENOUGH / shortest), max(evenly, math.floor(NO_TIME / shortest)), left))


def share_jobs(plan: Plan, stage: Stage, packs: Packs, *, left: int, cores: int, seconds: float | None) -> int:
    """Give how many jobs train a stage together, with ``left`` of its training runs to be done; 0: it is packed.

    They take what is left from each other, so there are no more than cores, unless it is not known how many
    ``seconds`` a training run takes, and it may be as long as the longest of the search: then each has its job.
    """
    if packs.most is not None or stage.fold_names or not left:
        return 0
    if seconds is None:
        longest = max(other.budget for bracket in plan.brackets for other in bracket.stages)
        if longest >= SEVERAL * stage.budget:
            return min(cores, left)
        return stage.configurations if left == stage.configurations <= SINGLES else 0
    total = left * seconds
    if seconds >= LONG_ENOUGH or total > NOT_LONG * cores:
        return 0
    return max(1, min(cores, left, math.ceil(total / NO_TIME)))
