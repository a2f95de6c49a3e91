"""Options that have no effect in a search, which is usually a mistake."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ...core.plan import Plan
from ...core.plan.rules import Limits, numbers_of
from ...core.plan.units import OptionError
from ...core.slurm.request import SlurmConfig, read_slurm
from ...core.training.limits import read_limits
from ...core.training.limits import without_effect as limits_without_effect
from ...samplers.names import learns

LIMITS = ("time", "mem", "cost-unit", "time-factor")  # Slurm options that also limit training runs on this machine


def without_effect(plan: Plan, search: Path | None = None) -> Iterator[str]:
    """Give a line for each option of the plan, ``slurm.toml`` or ``limits.toml`` that applies to no stage.

    >>> from hyperband_snakemake.core.plan import Settings, make_plan
    >>> list(without_effect(make_plan(Settings(2, 3, parallel_folds=True, repetitions_at_stage=("2=3", "3=5")))))
    ['Without effect: --repetitions-at-stage 3=5 (the last stage here is 2).']
    """
    stages = [(bracket.index, stage) for bracket in plan.brackets for stage in bracket.stages]
    last, settings = max(stage.index for _, stage in stages), plan.settings
    if settings.last_stage is not None and settings.last_stage > last:
        yield f"Without effect: --last-stage {settings.last_stage} (the last stage here is {last})."
    if settings.parallel_folds and settings.folds == settings.repetitions_at(last) == 1:
        yield "Without effect: --parallel-folds (there is one fold; see --folds and --repetitions)."
    for text in settings.repetitions_at_stage:
        if int(text.partition("=")[0]) > last:
            yield f"Without effect: --repetitions-at-stage {text} (the last stage here is {last})."
    slurm = (read_slurm(search) if search else None) or SlurmConfig("")
    if slurm.array > 1 and slurm.min_job_seconds:
        yield "Without effect: --min-job-time (--array decides what shares a job)."
    limits, said = _limits(search)
    yield from said
    for name, rules in [*slurm.rules.items(), ("time", limits.time), ("mem", limits.mem)]:
        for rule in rules:
            if not any(rule.fits(numbers_of(*stage)) for stage in stages):
                yield f"Without effect: --{name} '{rule}' (no stage here is like that)."


def _limits(search: Path | None) -> tuple[Limits, list[str]]:
    """Give the limits of a search if they have an effect, and a note if they do not."""
    try:
        found = read_limits(search) if search else None
    except OptionError as error:
        return Limits(), [str(error)]
    if search is None or found is None:
        return Limits(), []
    return found, list(limits_without_effect(search))


def unused_share(sampler: str) -> Iterator[str]:
    """Give a line if a share of random configurations has no effect with this sampler.

    >>> list(unused_share("sobol"))
    ['Without effect: --random-share (the sampler sobol does not learn).']
    """
    if not learns(sampler):
        yield f"Without effect: --random-share (the sampler {sampler} does not learn)."


def unused_for_slurm(options: Iterable[str], mode: str) -> Iterator[str]:
    """Give a line for each of these Slurm options without effect in a mode: `off`, empty, or a Slurm mode.

    Without Slurm, those for time, memory and GPUs apply to training runs on this machine.

    >>> list(unused_for_slurm(["--mem", "--workers"], "jobs"))
    ['Without effect: --workers (it is for the mode steps).']
    """
    reasons = {"": "it needs --slurm", "off": "the search runs without Slurm"}
    for option in options:
        is_limit = option.removeprefix("--") in LIMITS
        if (is_limit or option == "--gpus") and mode == "":
            continue
        if option == "--gpus" and mode == "off":
            yield f"Without effect: {option} ({reasons[mode]}, where `hyband run --gpus` sets it)."
            continue
        if is_limit and mode == "off":
            yield f"Without effect: {option} ({reasons[mode]}, where `hyband limits` sets it)."
            continue
        of_steps = option in ("--workers", "--allocation-time") and mode != "steps"
        reason = reasons.get(mode, "it is for the mode steps" if of_steps else "")
        if reason:
            yield f"Without effect: {option} ({reason})."
