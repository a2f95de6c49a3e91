"""A run of Snakemake on a search: what to do before it, at its start and at its end."""

import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import IO, Any

from .halving.best import best_text, rank_all
from .propose import what_is_missing
from .run import lock, watchdog
from .run.rules import Rules
from .run.scheduler import end_at_sigterm, start_as_many_as_may_run, tune_local_execution
from .slurm import session
from .slurm.request import read_slurm
from .tree import layout
from .tree.environment import JOB, RunId
from .tree.files import read
from .tree.layout import Slot
from .tree.outcome import Status, read_outcome
from .tree.planfile import read_plan
from .tree.proposals import lost_sampling, lost_template, read_sampling

ENVIRONMENT = ("HYBAND_RUN", "HYBAND_START", "HYBAND_SEARCH", "HYBAND_PYTHON")

_rules: Rules
_workflow: Any = None
_lock: IO[str] | None = None


def prepare(search: str, workflow: Any) -> Rules:
    """Read the plan, and tell the programs of this run where they are: in the environment, which jobs inherit.

    ``HYBAND_START`` is where snakemake was started and run.sh starts; ``HYBAND_SEARCH`` is the search, seen from there.
    """
    global _rules, _workflow  # noqa: PLW0603 (for on_start and the others, which Snakemake calls)
    _workflow, path = workflow, Path(search)
    try:
        _rules = Rules(path, read_plan(path), read_slurm(path), read_sampling(path))
    except ValueError as error:
        sys.exit(f"Error: {error}")
    if not workflow.is_main_process:
        session.name_job()
        return _rules  # a job on another node: what it needs came with its environment
    if (lost := lost_sampling(path)) is not None and not _rules.has_all_configurations():
        sys.exit(f"Error: {lost}\n  Nothing was started.")
    os.environ.pop(JOB, None)
    start = os.getcwd()
    os.environ["HYBAND_RUN"] = RunId.new().text
    below = os.path.relpath(search, start)
    os.environ["HYBAND_START"] = start
    below = f"./{below}" if below.startswith("-") else below
    os.environ["HYBAND_SEARCH"] = search if below.startswith("..") else below
    os.environ["HYBAND_PYTHON"] = sys.executable
    if "PYTHONPATH" in os.environ:  # seen from here, also by what runs elsewhere
        entries = os.environ["PYTHONPATH"].split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, entries))
    return _rules


def on_start() -> None:
    """Refuse to run beside another run, or in another directory."""
    global _lock  # noqa: PLW0603 (held for the life of this process)
    if not Path().samefile(_rules.search):
        print(
            f"\nError: this search runs in its own directory, {_rules.search}; leave --directory out.", file=sys.stderr
        )
        sys.exit(1)
    _refuse_if_nothing_can_be_proposed()
    try:
        _lock = lock.take(_rules.search, os.environ["HYBAND_RUN"])
    except lock.SearchIsRunning as error:
        print(f"\nError: {error}\n  Nothing was started. Wait for it, or end it, then start again.", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        where = error.filename or _rules.search
        print(f"\nError: {where}: {error.strerror}. A run must be able to write it.", file=sys.stderr)
        sys.exit(1)
    end_at_sigterm()
    with contextlib.suppress(AttributeError):
        start_as_many_as_may_run(_workflow)
    if _workflow.local_exec:
        with contextlib.suppress(AttributeError):
            tune_local_execution(_workflow)
    if _rules.slurm is not None and _rules.slurm.mode == "jobs":
        session.begin(_rules.slurm, _rules.trainings())
    executor = getattr(_workflow.scheduler, "_executor", None)
    if _rules.slurm is not None and hasattr(executor, "run_uuid"):
        watchdog.watch(_workflow.scheduler, executor, _rules.search)


def _refuse_if_nothing_can_be_proposed() -> None:
    """Say it now, and not when hours of training have gone by."""
    sampling, samplers = _rules.sampling, _rules.samplers_to_come()
    if sampling is None or not samplers:
        return
    if missing := lost_template(_rules.search, sampling) or what_is_missing(samplers):
        print(f"\nError: this search proposes configurations while it runs. {missing}", file=sys.stderr)
        sys.exit(1)


def on_success() -> None:
    """Name the best configurations."""
    _release()
    ranked = rank_all(_rules.plan, _rules.search)
    if ranked:
        print("\n" + best_text(ranked, _shown()), file=sys.stderr)


def on_error() -> None:
    """Say what is missing and how to go on."""
    _release()
    missing = [
        slot
        for number, stage in _rules.stages()
        for slot in (Slot(number, stage.index, c) for c in range(stage.configurations))
        if read_outcome(_rules.search / slot.path).status in (Status.PENDING, Status.RUNNING)
    ]
    again = f"  snakemake --snakefile {shlex.quote(str(_shown() / layout.SNAKEFILE))}"
    if missing:
        number = f"{len(missing)} of {_rules.plan.slots} configurations have no outcome yet"
        print(f"\n{number}. To go on:\n{again}", file=sys.stderr)
    else:
        print(f"\n{read(_rules.search / layout.BEST_LOG) or ''}", file=sys.stderr)
    if _rules.slurm is not None and _rules.slurm.mode == "jobs":
        session.say_what_goes_on(_rules.search, _shown())


def _release() -> None:
    if _lock is not None:
        lock.release(_lock)


def _shown() -> Path:
    return Path(os.environ["HYBAND_SEARCH"])
