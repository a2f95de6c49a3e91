"""The script ``submit.sh`` of a search: the allocation in which it runs, and what happens to an adapted one."""

import math
import re
import shlex
from pathlib import Path

from ..core.disk.files import free_name, read
from ..core.plan import Plan
from ..core.plan.units import OptionError, parse_time_limit
from ..core.slurm.notice import notice_of, without
from ..core.slurm.request import Request, SlurmConfig
from ..core.slurm.sbatch import job_name
from ..core.tree import layout

STOP_AHEAD, SHORTEST_STOP = 120, 15

_WORKERS = re.compile(r"^#SBATCH\s+(?:--ntasks[=\s]\s*|-n\s*)([1-9]\d*)\s*(?:#.*)?$", re.MULTILINE)
_TIME = re.compile(r"^#SBATCH\s+(?:--time[=\s]\s*|-t\s*)(\S+)\s*(?:#.*)?$", re.MULTILINE)


def kept_allocation(search: Path) -> dict[str, object]:
    """Give the options that only ``submit.sh`` holds, by the names in `slurm.SlurmOptions`."""
    text = read(search / layout.SUBMIT_SCRIPT) or ""
    workers, time = _WORKERS.search(text), _TIME.search(text)
    kept: dict[str, object] = {"workers": int(workers[1])} if workers else {}
    return kept | ({"allocation_time": time[1]} if time else {})


def submit_values(name: str, plan: Plan, slurm: SlurmConfig, workers: int, time: str) -> dict[str, object]:
    """Give the values for submit.sh: the allocation must have room for each stage's training runs."""
    requests = [slurm.request(b.index, stage) for b in plan.brackets for stage in b.stages]
    most = max(requests, key=lambda request: request.cpus)
    memory = [math.ceil(r.megabytes / r.cpus) for r in requests if r.megabytes]
    gpus = max(requests, key=lambda request: request.gpu_count)
    options = [f"--cpus-per-task={most.cpus}"]
    options += [f"--mem-per-cpu={max(memory)}M"] if memory else []
    options += [f"--gpus-per-task={gpus.gpus}"] if gpus.gpus else []
    options += [f"--time={time}"] if time else []
    place = Request(most.partition, most.account, most.qos, most.constraint)
    options += [option for option in place.job_options if not option.startswith("--cpus-per-task")]
    extra, notice = without(most.extra), notice_of(most.extra)
    options += [shlex.join(extra)] if extra else []  # on one line: an option and its value may be separate words
    return {
        "name": job_name(name, 0, 0, ("0",)).removesuffix("-b0-s0-c0"),
        "workers": workers,
        "allocation": options,
        "gpus": gpus.gpu_count,
        "stop_ahead": _stop_ahead(time),
        "announced": notice.seconds if notice else 0,
    }


def _stop_ahead(time: str) -> int:
    """How many seconds before the end of an allocation its training runs are interrupted, at most a quarter of it."""
    try:
        seconds = parse_time_limit(time)
    except OptionError:  # the partition's longest time, or whatever an adapted submit.sh says
        return STOP_AHEAD
    return max(SHORTEST_STOP, min(STOP_AHEAD, seconds // 4)) if seconds else STOP_AHEAD


def asks_for_the_same(one: str, other: str) -> bool:
    """Whether two scripts request the same from Slurm, whatever else is in them."""
    first, second = ([line for line in text.splitlines() if line.startswith("#SBATCH")] for text in (one, other))
    return first == second


def put_aside(path: Path, ending: str = "old") -> str:
    """Rename a file to the first free name of NAME.old, NAME.old2, ... Return a line that says so."""
    aside = free_name(path.with_name(f"{path.name}.{ending}"), "")
    path.rename(aside)
    return f"{path} was written again; the previous one is {aside}. Copy your changes from there."
