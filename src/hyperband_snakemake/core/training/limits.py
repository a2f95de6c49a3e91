"""Limits of a training run on this machine: the file ``limits.toml`` of a search, which the user may edit."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..disk.locks import running_since
from ..disk.processes import takes_more
from ..plan.optionfile import options_from, read_options
from ..plan.rules import DEFAULT_FACTOR, UNITS, Limit, Limits, number_from, one_of, rules_from
from ..plan.units import OptionError, duration_text, memory_text
from ..tree import layout
from ..tree.layout import Slot
from ..tree.planfile import read_plan
from ..tree.reasons import MEMORY, TIME, limit_reason
from ..tree.record import read_attempts, since_retry, too_little
from .ending import GRACE, Family, end_survivors, survivors

RULED = ("time", "mem")
LOOK = 1.0  # seconds between two checks
SECOND_LOOK = 0.1  # seconds until the check that confirms it: a process that starts another counts twice for a moment
LONGEST_GAP = 5.0  # seconds between two checks that count; after a longer gap, run.sh was suspended together with us
SHORT_GRACE = 2.0  # seconds, for a run that uses too much memory: it may use more and more


def read_limits(search: Path) -> Limits | None:
    """Read ``limits.toml``; None if there is none.

    Raises:
        OptionError: it cannot be read, or something in it is not valid; the text names the file.
    """
    return read_options(search / layout.LIMITS, limits_from_toml, "hyband limits")


def limits_from_toml(text: str) -> Limits:
    r"""Read the text of ``limits.toml``.

    >>> limits_from_toml('format = 1\nmem = "4G"').mem
    (Rule(conditions=(), value='4G'),)
    """
    data = options_from(text)
    for_time, for_mem = (rules_from(name, data.pop(name, "")) for name in RULED)
    unit = one_of(("", *UNITS), data.pop("cost-unit", ""))
    factor = number_from("time-factor", data.pop("time-factor", DEFAULT_FACTOR))
    if data:
        expected = ", ".join((*RULED, "cost-unit", "time-factor"))
        raise OptionError(f"{next(iter(data))!r} is not an option; expected one of {expected}")
    return Limits(for_time, for_mem, unit, factor)


def limit_of(slot: Slot) -> Limit:
    """Give the limit for the next attempt of a slot; none under Slurm, which has its own."""
    limits = None if Path(layout.SLURM).exists() else read_limits(Path())
    if limits is None:
        return Limit()
    timeouts, memory_kills = too_little(since_retry(read_attempts(slot.path)))
    stage = read_plan(Path()).stage(slot.bracket, slot.stage)
    limit = limits.of(slot.bracket, stage, timeouts=timeouts, memory_kills=memory_kills)
    return Limit(limit.seconds or None, limit.megabytes or None)  # 0: none


def without_effect(search: Path) -> Iterator[str]:
    """Before a run: say why the limits of the search have no effect in it, if so."""
    limits = read_limits(search)
    if limits is not None and (search / layout.SLURM).exists():
        yield f"{layout.LIMITS} has no effect: the limits are those in {layout.SLURM}."
    elif limits is not None and limits.mem and not Path("/proc/self/statm").exists():
        yield f"{layout.LIMITS}: mem has no effect on this system, which has no /proc with the memory of processes."


@dataclass(frozen=True)
class Overrun:
    """The limit that a run.sh has exceeded, also in words."""

    kind: str
    reason: str


def await_end(process: "subprocess.Popen[bytes]", limit: Limit, directory: Path) -> Overrun | None:
    """Wait for the end of run.sh; if it exceeds its limit, end it and everything it has started.

    Orphans are seen only if `adopt_orphans` was called before run.sh was started.
    """
    if limit == Limit():
        process.wait()
        return None
    family = Family(directory, process.pid)
    ran, last, much = 0.0, time.monotonic(), False
    while not _has_ended(process, SECOND_LOOK if much else min(LOOK, max(0, (limit.seconds or LOOK + ran) - ran))):
        now = time.monotonic()
        ran, last = ran + min(now - last, LONGEST_GAP), now
        if limit.seconds is not None and ran >= limit.seconds:
            return _end(process, family, Overrun(TIME, limit_reason(TIME, duration_text(limit.seconds))), GRACE)
        before, much = much, limit.megabytes is not None and takes_more(family.members(), limit.megabytes)
        if limit.megabytes is not None and before and much:
            reason = limit_reason(MEMORY, memory_text(limit.megabytes))
            return _end(process, family, Overrun(MEMORY, reason), SHORT_GRACE)
    return None


def await_survivors(slot: Slot) -> None:
    """Wait for what an earlier run has left of a training run, and end it at its time limit, as nobody else does."""
    limit = limit_of(slot)
    while limit.seconds is not None and (left := survivors(slot.path)):
        if max(running_since(pid) or 0 for pid in left) > limit.seconds:
            print(f"{slot}: it has run longer than {duration_text(limit.seconds)} ({layout.LIMITS}) and is ended now.")
            end_survivors(slot.path)
            return
        time.sleep(LOOK)


def _end(process: "subprocess.Popen[bytes]", family: Family, overrun: Overrun, grace: float) -> Overrun:
    family.end(grace)
    process.wait()
    return overrun


def _has_ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
