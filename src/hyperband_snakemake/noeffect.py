"""What was asked for and has no effect in a search: mostly a mistake."""

from collections.abc import Iterator
from pathlib import Path

from .core.plan import Plan
from .core.resources import Slurm, numbers_of, read_slurm


def without_effect(plan: Plan, search: Path | None = None) -> Iterator[str]:
    """Give a line for each option of the plan, and of the ``slurm.toml`` of a search, that is for no stage.

    >>> from .core.plan import Settings, make_plan
    >>> list(without_effect(make_plan(Settings(2, 3, parallel_folds=True, repetitions_at_stage=("2=3", "3=5")))))
    ['Without effect: --repetitions-at-stage 3=5 (the last stage here is 2).']
    """
    stages = [(bracket.index, stage) for bracket in plan.brackets for stage in bracket.stages]
    last = max(stage.index for _, stage in stages)
    for text in plan.settings.repetitions_at_stage:
        if int(text.partition("=")[0]) > last:
            yield f"Without effect: --repetitions-at-stage {text} (the last stage here is {last})."
    slurm = (read_slurm(search) if search else None) or Slurm("")
    if slurm.array > 1 and slurm.min_job_seconds:
        yield "Without effect: --min-job-time (--array decides what shares a job)."
    for name, rules in slurm.rules.items():
        for rule in rules:
            if not any(rule.fits(numbers_of(*stage)) for stage in stages):
                yield f"Without effect: --{name} '{rule}' (no stage here is like that)."
