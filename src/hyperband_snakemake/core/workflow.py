"""What to do before, at the start and at the end of a run of Snakemake on a search.

What the Snakefile uses from here and from `run.rules` is the interface. The Snakefile is written for one version of it
and passes that number to `begin`. Interface 1 had no number, and `prepare` instead of `begin`.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

from .disk.files import read
from .disk.locks import has_locks
from .halving.best import best_text, rank_all, read_all
from .plan import counted
from .plan.units import OptionError
from .propose import what_is_missing
from .run import lock, places, session, watchdog
from .run.clock import bring_back_from_the_future
from .run.packs.local import find_packs, packs_end
from .run.packs.plain import ENDED
from .run.rules import Rules
from .run.scheduler import end_at_sigterm, give_each_job_a_thread, lift_start_limit, start_as_many_as_may_run
from .run.slots import bring_back, late_text, why_not
from .slurm.request import read_slurm
from .slurm.steps import refusal_within_a_step
from .training import limits, starting, stopping
from .tree import environment, layout
from .tree.environment import JOB, RunId
from .tree.layout import Slot
from .tree.outcome import Outcome, Status
from .tree.planfile import read_plan
from .tree.proposals import lost_sampling, lost_template, read_sampling

INTERFACE = 2
BACKUPS = ".snakemake/backups"  # leftovers of a killed run there stop Snakemake if a training run made a directory
NO_LOCKS = (
    "This file system has no file locks (flock). On this host, two training runs still never share a directory. But "
    "processes that a killed run has left on another host cannot be seen from here: end them before you continue."
)
ENVIRONMENT = (
    *(environment.RUN, environment.START, environment.SEARCH, environment.PYTHON),
    environment.KEEP_FAILING,
)


def begin(search: str, workflow: Any, *, interface: int) -> "Run":
    """Read the plan. Return the rules for the Snakefile, and what it calls at the start and end of a run.

    Args:
        search: Absolute path of the search.
        workflow: Snakemake's workflow object.
        interface: Version of the interface that the Snakefile is written for.

    Raises:
        SystemExit: the search cannot be run, or the Snakefile is written for another version; the text says why.
    """
    if interface != INTERFACE:
        sys.exit(
            f"Error: {search}/{layout.SNAKEFILE} is written for interface {interface}, but {search}/{layout.CORE} "
            f"has interface {INTERFACE}. Take both from the same version."
        )
    path = Path(search)
    os.environ.setdefault(environment.KEEP_FAILING, "0")
    try:
        gpus = places.read_gpus(path, workflow.globals.get("config"))
        plan = read_plan(path)
        packs = find_packs(path, plan, workflow, has_gpus=gpus is not None)
        rules = Rules(path, plan, read_slurm(path), read_sampling(path), packs, gpus is not None)
        limits.read_limits(path)  # a mistake in it is said now
    except ValueError as error:
        sys.exit(f"Error: {error}")
    try:
        rules.packs  # noqa: B018 (worked out here, where a mistake can be reported)
    except OptionError as error:
        sys.exit(f"Error: {path / layout.SLURM}: {error}")
    if not workflow.is_main_process:
        session.name_job()  # a job on another node: it got everything else with its environment
        return Run(rules, workflow)
    if (lost := lost_sampling(path)) is not None and not rules.has_all_configurations():
        sys.exit(f"Error: {lost}\n  Nothing was started.")
    _set_environment(search)
    return Run(rules, workflow, None if rules.slurm else places.begin(path, gpus, workflow))


def _set_environment(search: str) -> None:
    """Set the environment of this run's programs; jobs inherit it.

    ``HYBAND_START`` is where snakemake was started and run.sh starts; ``HYBAND_SEARCH`` is the search as seen from
    there. This cannot wait for `Run.on_start`: Snakemake changes the directory before that, ``envvars:`` needs the
    variables while the Snakefile is read, and ``--no-hooks`` skips ``on_start``. So it happens in a dry run as well.
    """
    start = os.getcwd()
    relative = os.path.relpath(search, start)
    relative = f"./{relative}" if relative.startswith("-") else relative
    os.environ.pop(JOB, None)
    os.environ[environment.RUN] = RunId.new().text
    os.environ[environment.START] = start
    os.environ[environment.SEARCH] = relative if _is_same(relative, search) else search
    os.environ[environment.PYTHON] = sys.executable
    if "PYTHONPATH" in os.environ:  # make it absolute, for programs that run in another directory
        entries = os.environ["PYTHONPATH"].split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, entries))


def _is_same(relative: str, search: str) -> bool:
    """Whether a path leads to the search; False if ``..`` leads through a directory that may not be entered."""
    try:
        return os.path.samefile(relative, search)
    except OSError:
        return False


@dataclass
class Run:
    """A search that this Snakemake process runs: its rules, and its lock once the run has started."""

    rules: Rules
    workflow: Any
    here: places.Places | None = None
    held: IO[str] | None = field(default=None, init=False)

    def on_start(self) -> None:
        """Refuse to run next to another run or in another directory; work around Snakemake's flaws."""
        rules, workflow = self.rules, self.workflow
        if not Path().samefile(rules.search):
            _refuse(f"this search runs in its own directory, {rules.search}; leave --directory out.")
        self._refuse_outside_of_an_allocation()
        self._refuse_if_nothing_can_be_proposed()
        if why := why_not(rules) or (self.here and self.here.why_not):
            _refuse(f"{why}\n  Nothing was started.")
        self._take_lock()
        Path(layout.STOPPED).unlink(missing_ok=True)
        for line in (*bring_back(rules), bring_back_from_the_future(rules.plan, rules.search)):
            if line:
                print(line, file=sys.stderr)
        for line in (
            *limits.without_effect(rules.search),
            *([rules.local.why] if rules.local else []),
            *places.on_start(rules.search, self.here),
            _profile_note(rules),
        ):
            if line:
                print(line, file=sys.stderr)
        end_at_sigterm(packs_end)
        shutil.rmtree(BACKUPS, ignore_errors=True)
        shutil.rmtree(ENDED, ignore_errors=True)  # of earlier runs
        start_as_many_as_may_run(workflow)
        if workflow.local_exec:
            lift_start_limit(workflow)
            give_each_job_a_thread(workflow)
        watchdog.watch_for_a_stop(workflow.scheduler, os.environ[environment.RUN])
        if rules.slurm is not None and self._mode == "jobs":
            session.begin(rules.slurm, rules.packs)
        executor = getattr(workflow.scheduler, "_executor", None)
        if rules.slurm is not None and hasattr(executor, "run_uuid"):
            session.clear_environment()
            watchdog.watch(workflow.scheduler, executor, rules.search)

    @property
    def _mode(self) -> str:
        return "" if self.rules.slurm is None else self.rules.slurm.mode

    def _refuse_outside_of_an_allocation(self) -> None:
        """Train nothing on a login node unasked; jobs of another executor run elsewhere anyway."""
        if self.workflow.local_exec:
            within = refusal_within_a_step(_shown()) if self._mode == starting.STEPS else ""
            if why := starting.refusal(_shown(), self._mode) or within:
                _refuse(why)
            if text := starting.note(self._mode):
                print(text, file=sys.stderr)

    def _refuse_if_nothing_can_be_proposed(self) -> None:
        """Report it now rather than after hours of training."""
        sampling, samplers = self.rules.sampling, self.rules.samplers_to_come()
        if sampling is None or not samplers:
            return
        if missing := lost_template(self.rules.search, sampling) or what_is_missing(samplers):
            _refuse(f"this search proposes configurations while it runs. {missing}")

    def _take_lock(self) -> None:
        try:
            self.held = lock.take(self.rules.search, os.environ[environment.RUN])
            if not has_locks(self.held):
                print(NO_LOCKS, file=sys.stderr)
        except lock.SearchIsRunning as error:
            _refuse(f"{error}\n  Nothing was started. Wait for it, or end it, then start again.")
        except OSError as error:
            _refuse(f"{error.filename or self.rules.search}: {error.strerror}. It must be writable.")

    def on_success(self) -> None:
        """Print the best configurations, and how many have failed."""
        self._release()
        if text := late_text(self.rules.plan, self.rules.search):
            print(f"\n{text}", file=sys.stderr)
        outcomes = read_all(self.rules.plan, self.rules.search)
        ranked = rank_all(self.rules.plan, outcomes)
        if ranked:
            print("\n" + best_text(ranked, self.rules.search, _shown()), file=sys.stderr)
        self._say_failed(outcomes)

    def on_error(self) -> None:
        """Say what is missing, how many have failed, and how to continue."""
        self._release()
        rules, outcomes = self.rules, read_all(self.rules.plan, self.rules.search)
        missing = sum(outcome.status in (Status.PENDING, Status.RUNNING) for outcome in outcomes.values())
        if stopping.stopped_run(rules.search) == os.environ[environment.RUN]:
            print(f"\n{stopping.stop_text(rules.search)}", file=sys.stderr)
        elif missing:
            what = f"{missing} of {counted(rules.plan.slots, 'configuration')} have no outcome yet"
            print(f"\n{what}. To continue:\n  {starting.again_command(_shown(), self._mode)}", file=sys.stderr)
            self._say_failed(outcomes)
        else:
            print(f"\n{read(rules.search / layout.BEST_LOG) or ''}", file=sys.stderr)
        if self._mode == "jobs":
            session.say_what_goes_on(rules.search, _shown())

    def _say_failed(self, outcomes: Mapping[Slot, Outcome]) -> None:
        if number := sum(outcome.status is Status.FAILED for outcome in outcomes.values()):
            what = f"{number} of {counted(self.rules.plan.slots, 'configuration')} failed."
            print(f"{what} Why: hyband failures {shlex.quote(str(_shown()))}", file=sys.stderr)

    def _release(self) -> None:
        if self.held is not None:
            lock.release(self.held)


def _profile_note(rules: Rules) -> str:
    return starting.profile_note(rules.search, Path(os.environ[environment.START]), sys.argv, _shown())


def _refuse(why: str) -> NoReturn:
    print(f"\nError: {why}", file=sys.stderr)
    sys.exit(1)


def _shown() -> Path:
    return Path(os.environ[environment.SEARCH])
