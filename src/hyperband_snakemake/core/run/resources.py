"""The resources that Snakemake must know for a training run: those on Slurm, or a place with GPUs on this machine."""

import shlex
from collections.abc import Callable
from typing import Any

from ..plan import Stage
from ..slurm.notice import carried
from ..slurm.request import SlurmConfig

PLACE = "place"  # Snakemake's name for a place with GPUs on this machine


def resources_of(slurm: SlurmConfig, bracket: int, stage: Stage, trainings: int) -> dict[str, Any]:
    """Resources of a rule, as Snakemake and its Slurm executor name them. Time and memory grow with retries."""
    request = slurm.request(bracket, stage)
    if slurm.mode == "steps":
        return {"gpus": request.gpu_count} if request.gpu_count else {}
    known: dict[str, Any] = {
        "slurm_partition": request.partition,
        "slurm_account": request.account,
        "qos": request.qos,
        "constraint": request.constraint,
        "gres": f"gpu:{request.gpus}" if request.gpus else "",
        "slurm_extra": shlex.join(carried(request.extra, to_the_script=False)),
    }
    known = {name: value for name, value in known.items() if value}
    if request.seconds:  # the executor cannot ask for "no limit"; then the partition's default applies
        known["runtime"] = _growing(-(-trainings * request.seconds // 60))
    if request.megabytes is not None:
        known["mem_mb"] = _growing(request.megabytes)
    return known


def _growing(amount: int) -> Callable[..., int]:
    """Double with each attempt; Snakemake passes the arguments by name."""

    def resource(wildcards: Any, attempt: int) -> int:
        del wildcards
        return int(amount * 2 ** (attempt - 1))

    return resource
