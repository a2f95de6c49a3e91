"""What the cluster offers, asked at the start of a run: the time limit of a partition, and nodes that are down.

Slurm accepts a job that is longer than its partition allows, but never starts it. And if all suitable nodes are down or
drained, `sbatch --test-only` refuses a job that sbatch itself accepts.
"""

import re
from collections.abc import Iterator

from ..plan.units import OptionError, parse_duration, slurm_time
from .queue import call
from .request import Request

NOT_AVAILABLE = "Requested node configuration is not available"
_UP = frozenset(["idle", "mixed", "allocated", "completing", "planned"])
_NODE_FORMAT = "%N|%T|%c|%m|%G|%f"
_PARTITION_OR_TIME = ("-p", "--partition", "-t", "--time", "-q", "--qos")
_PLACE = ("-p", "--partition", "-M", "--clusters")


def too_long(request: Request) -> str:
    """Say why a job would wait forever because of its time limit; empty if it would not, as far as is known.

    Also empty if the user's own options decide, or a QOS that may allow more.
    """
    if request.seconds is None or _has(request, _PARTITION_OR_TIME):
        return ""
    minutes = -(-request.seconds // 60)
    if request.qos:
        most = _most_of_qos(request.qos)
        is_too_long = most is not None and minutes * 60 > most
        return _words(request, f"QOS {request.qos} gives (MaxWall", most or 0) if is_too_long else ""
    times = list(_longest_times(request.partition))
    if not times or any(longest is None or minutes * 60 <= longest for longest in times):
        return ""
    name = f"partition {request.partition}" if request.partition else "the default partition"
    return _words(request, f"{name} gives (MaxTime", max(longest or 0 for longest in times))


def _words(request: Request, where: str, most: int) -> str:
    return f"its time limit, {slurm_time(request.seconds or 0)}, is longer than {where} {slurm_time(most)})"


def _has(request: Request, options: tuple[str, ...]) -> bool:
    return any(word.partition("=")[0] in options or word[:2] in options for word in request.extra)


def _longest_times(names: str) -> Iterator[int | None]:
    """Longest time of each of these partitions, or of the default one; None if there is no limit or it is unknown."""
    for line in _lines(["scontrol", "--oneliner", "show", "partition"]):
        fields = dict(re.findall(r"(\w+)=(\S*)", line))
        wanted = fields.get("PartitionName") in names.split(",") if names else fields.get("Default") == "YES"
        if wanted:
            has_own_qos = fields.get("QoS", "N/A") != "N/A"  # which may allow more
            yield None if has_own_qos else _seconds(fields.get("MaxTime", ""))


def _most_of_qos(name: str) -> int | None:
    """Longest time of a QOS; None if it has no limit, or accounting does not answer or enforce limits."""
    enforced = next((line for line in _lines(["scontrol", "show", "config"]) if "AccountingStorageEnforce" in line), "")
    if not re.search(r"limits|safe", enforced):
        return None
    found = _lines(["sacctmgr", "--noheader", "--parsable2", "show", "qos", name, "format=MaxWall"])
    return _seconds(found[0]) if found else None


def _seconds(text: str) -> int | None:
    try:
        return parse_duration(text)
    except OptionError:  # UNLIMITED, or empty
        return None


def nodes_to_wait_for(request: Request) -> list[str]:
    """Nodes (in the job's partition, or in all) that would suit a job but are down, drained or reserved."""
    command = ["sinfo", "--noheader", "--Node", f"--format={_NODE_FORMAT}"]
    if request.partition and not _has(request, _PLACE):
        command.append(f"--partition={request.partition}")
    found = (line.split("|") for line in _lines(command))
    wide = [parts for parts in found if len(parts) == _NODE_FORMAT.count("|") + 1]
    return sorted({parts[0] for parts in wide if parts[1] not in _UP and _would_do(request, *parts[2:])})


def _would_do(request: Request, cpus: str, megabytes: str, gres: str, features: str) -> bool:
    """Whether a node has as much as a job requests; anything unknown is assumed to suffice."""
    enough = _number(cpus) >= request.cpus and _number(megabytes) >= (request.megabytes or 0)
    kind = request.gpus.rpartition(":")[0]
    gpus = re.findall(r"gpu:(?:(\w[^:,(]*):)?(\d+)", gres)
    has_gpus = sum(int(number) for name, number in gpus if kind in ("", name)) >= request.gpu_count
    words = set(re.findall(r"[\w.-]+", request.constraint))
    has_features = not words or bool(words & set(features.split(",")))
    return enough and has_gpus and has_features


def _number(text: str) -> int:
    match = re.match(r"\d+", text)
    return int(match[0]) if match else 0


def _lines(command: list[str]) -> list[str]:
    done = call(command)
    return done.stdout.splitlines() if done is not None and done.returncode == 0 else []
