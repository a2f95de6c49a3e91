"""What the Snakefile asks: names and numbers for its rules, and what to do at the start and at the end of a run."""

import contextlib
import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from . import layout, runlock, slurmrun, watchdog
from .best import best_text, rank_all
from .files import read
from .layout import Slot, stage_path
from .outcome import Status, read_outcome
from .packs import Pack, packs_of
from .plan import Plan, PlanError, Stage, number_text
from .planfile import read_plan
from .resources import Slurm, read_slurm
from .tuning import end_at_sigterm, start_as_many_as_may_run, tune_local_execution
from .units import SlurmError

ENVIRONMENT = ("HYBAND_RUN", "HYBAND_START", "HYBAND_SEARCH", "HYBAND_PYTHON")

_search = Path()
_plan: Plan
_slurm: Slurm | None = None
_workflow: Any = None
_lock: IO[str] | None = None


def prepare(search: str, workflow: Any) -> None:
    """Read the plan, and tell the programs of this run where they are: in the environment, which jobs inherit.

    ``HYBAND_START`` is where snakemake was started and run.sh starts; ``HYBAND_SEARCH`` is the search, seen from there.
    """
    global _search, _plan, _slurm, _workflow
    _search, _workflow = Path(search), workflow
    try:
        _plan, _slurm = read_plan(_search), read_slurm(_search)
    except (PlanError, SlurmError) as error:
        sys.exit(f"Error: {error}")
    if not workflow.is_main_process:
        slurmrun.name_job()
        return  # a job on another node: what it needs came with its environment
    os.environ.pop(slurmrun.JOB, None)
    start = os.getcwd()
    os.environ["HYBAND_RUN"] = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns()}"
    below = os.path.relpath(search, start)
    os.environ["HYBAND_START"] = start
    below = f"./{below}" if below.startswith("-") else below
    os.environ["HYBAND_SEARCH"] = search if below.startswith("..") else below
    os.environ["HYBAND_PYTHON"] = sys.executable


def stages() -> Iterator[tuple[int, Stage]]:
    """All stages, with the number of their bracket."""
    return ((bracket.index, stage) for bracket in _plan.brackets for stage in bracket.stages)


def trainings() -> Iterator[tuple[int, Stage, Pack]]:
    """What needs a rule: a stage, with its configuration as wildcard, or a pack of trainings that share a job."""
    try:
        for bracket, stage in stages():
            for pack in packs_of(_plan, stage, _slurm) or [()]:
                yield bracket, stage, pack
    except SlurmError as error:
        sys.exit(f"Error: {_search / layout.SLURM}: {error}")


def training_name(bracket: int, stage: Stage, pack: Pack) -> str:
    """Name of the rule."""
    return f"train_bracket_{bracket}_stage_{stage.index}" + (f"_from_{pack[0]}" if pack else "")


def made(bracket: int, stage: Stage, pack: Pack, name: str) -> list[str]:
    """Files of this name that the rule makes."""
    return [path(bracket, stage, f"config-{config}/{name}") for config in pack or ["{config}"]]


def configs(pack: Pack) -> Any:
    """Numbers of the configurations that the rule trains."""
    return " ".join(map(str, pack)) if pack else (lambda wildcards: wildcards.config)


def program(pack: Pack) -> str:
    """Command that trains: here, or by way of Slurm."""
    if _slurm is not None and _slurm.mode == "jobs":
        return '"$HYBAND_PYTHON" -IS hyperband submit'
    return "bash hyperband/pack.sh" if pack else "bash hyperband/train.sh"


def threads(bracket: int, stage: Stage) -> int:
    """Cores that one training uses on the machine where Snakemake starts it."""
    return 1 if _slurm is None or _slurm.mode == "jobs" else _slurm.request(bracket, stage).cpus


def resources(bracket: int, stage: Stage, pack: Pack) -> dict[str, Any]:
    """Give what Snakemake must know of a training's needs."""
    return slurmrun.resources(_slurm, bracket, stage, max(1, len(pack)))


def promoted_stages() -> Iterator[tuple[int, Stage]]:
    """Those stages that another one follows."""
    return ((bracket.index, stage) for bracket in _plan.brackets for stage in bracket.stages[:-1])


def path(bracket: int, stage: Stage, name: str) -> str:
    """Path of something in the directory of a stage, relative to the search."""
    return f"{stage_path(bracket, stage.index)}/{name}"


def budget(stage: Stage) -> str:
    """Give the budget as run.sh gets it."""
    return number_text(stage.budget)


def priority(bracket: int, stage: Stage) -> int:
    """First what has the longest way to go: a long chain of stages that starts last keeps everybody waiting.

    A rank, because Snakemake wants a whole number.
    """
    ahead = {(b.index, s.index): b.ahead(s.index) for b in _plan.brackets for s in b.stages}
    return sum(way <= ahead[bracket, stage.index] for way in set(ahead.values()))


def retries() -> int:
    """How often Snakemake starts train.sh again after it was killed; the last time just to record the failure."""
    return _plan.settings.retries + 1


def promotion_into(bracket: int, stage: Stage) -> list[str]:
    """Give the table that must be there before a stage can start; nothing for stage 0."""
    below = stage_path(bracket, stage.index - 1) / layout.PROMOTION
    return [below.as_posix()] if stage.index else []


def outcomes(bracket: int, stage: Stage) -> list[str]:
    """Outcome files of one stage."""
    return [f"{Slot(bracket, stage.index, c)}/{layout.OUTCOME}" for c in range(stage.configurations)]


def all_outcomes() -> list[str]:
    """Outcome files of the whole search: it is complete when each slot has one."""
    return [name for bracket, stage in stages() for name in outcomes(bracket, stage)]


def tables() -> list[str]:
    """Promotions: Snakemake forgets what waits for one that was cut off at its very end, unless it is wanted, too."""
    return [path(bracket, stage, layout.PROMOTION) for bracket, stage in promoted_stages()]


def last_outcomes() -> list[str]:
    """Outcome files of the last stages, on which all others depend."""
    return [name for bracket in _plan.brackets for name in outcomes(bracket.index, bracket.stages[-1])]


def results() -> list[str]:
    """Result files of the last stages: one that was lost is written again from its record."""
    return [str(Path(name).with_name(layout.RESULT)) for name in last_outcomes()]


def on_start() -> None:
    """Refuse to run beside another run, or in another directory."""
    global _lock  # noqa: PLW0603 (held for the life of this process)
    if not Path().samefile(_search):
        print(f"\nError: this search runs in its own directory, {_search}; leave --directory out.", file=sys.stderr)
        sys.exit(1)
    try:
        _lock = runlock.take(_search, os.environ["HYBAND_RUN"])
    except runlock.SearchIsRunning as error:
        print(f"\nError: {error}\n  Nothing was started. Wait for it, or end it, then start again.", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(
            f"\nError: {error.filename or _search}: {error.strerror}. A run must be able to write it.", file=sys.stderr
        )
        sys.exit(1)
    end_at_sigterm()
    with contextlib.suppress(AttributeError):
        start_as_many_as_may_run(_workflow)
    if _workflow.local_exec:
        with contextlib.suppress(AttributeError):
            tune_local_execution(_workflow)
    if _slurm is not None and _slurm.mode == "jobs":
        slurmrun.begin(_slurm, trainings())
    executor = getattr(_workflow.scheduler, "_executor", None)
    if _slurm is not None and hasattr(executor, "run_uuid"):
        watchdog.watch(_workflow.scheduler, executor, _search)


def on_success() -> None:
    """Name the best configurations."""
    _release()
    ranked = rank_all(_plan, _search)
    if ranked:
        print("\n" + best_text(ranked, _shown()), file=sys.stderr)


def on_error() -> None:
    """Say what is missing and how to go on."""
    _release()
    missing = [
        slot
        for number, stage in stages()
        for slot in (Slot(number, stage.index, c) for c in range(stage.configurations))
        if read_outcome(_search / slot.path).status in (Status.PENDING, Status.RUNNING)
    ]
    again = f"  snakemake --snakefile {shlex.quote(str(_shown() / layout.SNAKEFILE))}"
    if missing:
        print(
            f"\n{len(missing)} of {_plan.trainings} trainings have no outcome yet. To go on:\n{again}", file=sys.stderr
        )
    else:
        print(f"\n{read(_search / layout.BEST_LOG) or ''}", file=sys.stderr)
    if _slurm is not None and _slurm.mode == "jobs":
        slurmrun.say_what_goes_on(_search, _shown())


def _release() -> None:
    if _lock is not None:
        runlock.release(_lock)


def _shown() -> Path:
    return Path(os.environ["HYBAND_SEARCH"])
