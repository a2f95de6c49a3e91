"""Packs: training runs of a stage that share a job, so that no job is too short for the scheduler."""

import math
from collections.abc import Sequence
from itertools import pairwise

from ..plan import Plan, Stage
from ..plan.units import OptionError
from .request import SlurmConfig

Pack = tuple[str, ...]


def packs_of(plan: Plan, stage: Stage, slurm: SlurmConfig | None) -> list[Pack]:
    """Names of the runs (`Stage.run_names`) that share a job, for each job of a stage; empty: one job for each run.

    A job array takes up to ``array`` of them as its tasks. With ``min-job-time``, they run one after the other instead:
    a job takes at least that long if the stage has enough runs, but no longer than the longest run of the search.

    Raises:
        OptionError: the plan's cost is not a time, so it is unknown how long a training run takes.
    """
    if slurm is None:
        return []
    seconds = slurm.expected_seconds(stage)
    packed = slurm.min_job_seconds and slurm.mode != "steps"
    if packed and seconds is None:
        raise OptionError("min-job-time needs the time of a training run, but cost-unit is empty", "min-job-time")
    if slurm.array > 1:
        return split(stage.run_names, math.ceil(stage.trainings / slurm.array))
    if not packed or seconds is None:
        return []
    if seconds <= 0:
        return split(stage.run_names, 1)
    longest = max(slurm.expected_seconds(s) or 0 for bracket in plan.brackets for s in bracket.stages)
    most = max(1, math.floor(longest / seconds))
    enough = min(most, math.ceil(slurm.min_job_seconds / seconds))
    if enough == 1:
        return []
    number = max(1, stage.trainings // enough, math.ceil(stage.trainings / most))
    return split(stage.run_names, number)


def split(words: Sequence[str], parts: int) -> list[Pack]:
    """Split into parts whose sizes differ by at most one.

    >>> split("abcdefg", 3)
    [('a', 'b'), ('c', 'd'), ('e', 'f', 'g')]
    """
    cuts = [len(words) * part // parts for part in range(parts + 1)]
    return [tuple(words[a:b]) for a, b in pairwise(cuts)]
