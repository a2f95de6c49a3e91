"""Which GPUs there are: those that the user has made visible, or else those that the vendor's tool lists."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from ..plan import counted
from ..plan.gpus import AUTO, Gpus
from ..plan.units import OptionError

CUDA, HIP, ROCR, ZE = "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK"
PATIENCE = 60  # seconds: without its daemon, nvidia-smi wakes up the GPUs one by one
_NVIDIA, _AMD = ("nvidia-smi", "-L"), ("rocm-smi", "--showid")
_GPU = re.compile(r"GPU (\d+):.*\(UUID: ([^)\s]+)\)")
_PART = re.compile(r"\s+MIG .*\(UUID: ([^)\s]+)\)")


@dataclass(frozen=True)
class Devices:
    """GPUs that training runs may use, by number or name, and the variables that make only one of them visible.

    ``hidden`` are variables that must not be set in addition: they count only the GPUs that the others leave visible.
    """

    gpus: tuple[str, ...]
    variables: tuple[str, ...]
    hidden: tuple[str, ...] = ()


def find_devices(wanted: Gpus, environment: Mapping[str, str] = os.environ) -> Devices:
    """Find the wanted GPUs of this machine, among those that are visible.

    Raises:
        OptionError: there are fewer, or none, or their number cannot be determined.
    """
    source = next((name for name in (ROCR, CUDA, HIP, ZE) if name in environment), "")
    if source:
        there = _listed(environment[source])
        numbers = _numbers() if any(not name.isdigit() for name in there) and source == CUDA else {}
        there = tuple(next((n for uuid, n in numbers.items() if uuid.startswith(name)), name) for name in there)
        where = f"{source} ({environment[source]!r}) leaves {counted(len(there), 'GPU')}"
    elif wanted.gpus == AUTO:
        there, where = _asked(), "this machine has none"
    else:
        there, where = tuple(map(str, range(int(wanted.gpus)))), ""
    number = len(there) if wanted.gpus == AUTO else int(wanted.gpus)
    if number > len(there) or not there:
        raise OptionError(f"gpus: {wanted.gpus!r} is wanted, but {where}", "gpus")
    return Devices(there[:number], *_variables(source, there[:number]))


def _listed(text: str) -> tuple[str, ...]:
    """Give the GPUs in such a variable, up to the first entry that is not a GPU."""
    found = list[str]()
    for name in text.split(","):
        if not re.fullmatch(r"[\w.-]+", name.strip()) or name.strip().startswith("-") or name.strip() in found:
            break
        found.append(name.strip())
    return tuple(found)


def _variables(source: str, gpus: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the variables to set, and those to unset. AMD's programs read the variables for CUDA and for HIP alike.

    Within ``ROCR_VISIBLE_DEVICES``, the other two count from 0 again: then only one of the three may be set.
    """
    if source in (ROCR, ZE):
        return (source,), (CUDA, HIP) if source == ROCR else ()
    return (CUDA, HIP, *[ZE] * all(gpu.isdigit() for gpu in gpus)), ()


def _asked() -> tuple[str, ...]:
    """Ask the vendor's tools.

    Raises:
        OptionError: none of them is installed, or one fails.
    """
    tools = [tool for tool in (_NVIDIA, _AMD) if shutil.which(tool[0])]
    if not tools:
        names = " nor ".join(tool[0] for tool in (_NVIDIA, _AMD))
        raise OptionError(f"gpus: neither {names} is installed here to count the GPUs; give their number", "gpus")
    failures = list[str]()
    for tool in tools:
        try:
            printed = _printed(tool)
        except OptionError as error:
            failures.append(str(error))
            continue
        if found := _of_nvidia(printed) if tool == _NVIDIA else _of_amd(printed):
            return found
    if failures:
        raise OptionError(failures[0], "gpus")
    return ()


def _of_nvidia(printed: str) -> tuple[str, ...]:
    """Give the GPUs by number; for a partitioned one (MIG), its parts by name."""
    found = list[str]()
    whole = False
    for line in printed.splitlines():
        if match := _GPU.match(line):
            found.append(match[1])
            whole = True
        elif match := _PART.match(line):
            if whole:
                found.pop()
            found.append(match[1])
            whole = False
    return tuple(found)


def _of_amd(printed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"GPU\[(\d+)\]", printed)))


def _numbers() -> dict[str, str]:
    """Map the name (UUID) of each GPU to its number, so that a GPU has the same name in all searches."""
    if not shutil.which(_NVIDIA[0]):
        return {}
    try:
        return {uuid: number for number, uuid in _GPU.findall(_printed(_NVIDIA))}
    except OptionError:
        return {}


def _printed(tool: tuple[str, ...]) -> str:
    command = " ".join(tool)
    try:
        done = subprocess.run(tool, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OptionError(f"gpus: {command} failed ({error}); give the number of GPUs") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[:1]
        raise OptionError(f"gpus: {command} failed ({''.join(said)}); give the number of GPUs")
    return done.stdout
