"""Trying one training run outside of a search: start it as the search would, and say what is wrong with it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.files import read
from ..core.plan import Stage, number_text
from ..core.training.logs import last_lines
from ..core.training.wrong_place import hint_at_directory
from ..core.tree import environment, layout
from ..core.tree.configurations import Drawn, find_drawn, give_copies
from ..core.tree.layout import Slot
from ..core.tree.outcome import RUNNING, Outcome, Status, failed, read_result
from ..core.tree.reasons import NO_RESULT, exit_reason
from ..errors import HybandError
from ..snapshot.scan import scan

Show = Callable[[bytes], None]
# Snakemake limits these to the threads of a job; times and scores are only comparable if the trial does the same
THREADS = tuple(f"{name}_NUM_THREADS" for name in ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR"))
THREADS += ("VECLIB_MAXIMUM_THREADS",)
_LOG_LINES = 40  # last lines of a log in which the reason for a failure is searched
_DIRECTORY = re.compile(r"\$\{?1\b|\$\{?[@*]|HYBAND_CONFIG\b")
_BUDGET = re.compile(r"\$\{?2\b|\$\{?[@*]|HYBAND_BUDGET\b")
_MISSING = re.compile(r"No module named '?([\w.]+)|there is no package called .(\w+)|Package (\w+) not found")


@dataclass(frozen=True)
class Trial:
    """What to try: a configuration of a search, and its budget.

    Args:
        search: the search, relative to the working directory.
        run: the run.sh that the user can fix.
        slot: the configuration's slot.
        drawn: the configuration's text, and what was drawn for it.
        stage: the planned stage with the smallest budget.
        budget: the budget as text for run.sh.
        directory: the directory made for this training run.
    """

    search: Path
    run: Path
    slot: Slot
    drawn: Drawn
    stage: Stage
    budget: str
    directory: Path

    @property
    def command(self) -> list[str]:
        """The command to start."""
        folds = ["", *self.stage.fold_names[0].split("-")[::-1]] if self.stage.fold_names else [""]
        return ["bash", "--", f"{self.search}/{layout.RUN}", str(self.directory), self.budget, *folds]


@dataclass(frozen=True)
class Tried:
    """How a trial ended: its outcome in a search, its duration in seconds, and a sentence for each problem.

    ``cores`` is how many cores it kept busy: processor time divided by elapsed time.
    """

    outcome: Outcome
    seconds: float
    findings: tuple[str, ...]
    cores: float = 0.0


def find_trial(search: Path, budget: str | None, shown: Path) -> Trial:
    """Choose the first configuration of the bracket with a search's smallest budget.

    ``shown`` is the directory whose run.sh the user can fix: the search, or its templates.

    Raises:
        NotASearch: the directory is not a search.
        HybandError: it has no configuration.
    """
    plan = scan(search).plan
    bracket = min(plan.brackets, key=lambda b: (b.stages[0].budget, b.index))
    slot, stage = Slot(bracket.index, 0, 0), bracket.stages[0]
    drawn = find_drawn(slot, search)
    if drawn is None:
        raise HybandError(f"{search} has no configuration in {slot}; `hyband check {search}` says what is missing.")
    return Trial(search, shown / layout.RUN, slot, drawn, stage, budget or number_text(stage.budget), _free_name())


def _free_name() -> Path:
    number = 1
    while os.path.lexists(f"hyband-try-{number}"):
        number += 1
    return Path(f"hyband-try-{number}")


def remarks_before(trial: Trial) -> Iterator[str]:
    """Yield problems that can be seen in run.sh before it is started, such as an argument that it does not use."""
    text = re.sub(r"(?m)(^|\s)#.*", r"\1", read(trial.search / layout.RUN) or "")
    where = trial.run
    if not _DIRECTORY.search(text):
        yield f"{where} does not use $1, the directory with config, where it must write the number as result."
    if not _BUDGET.search(text):
        yield f"{where} does not use $2, the budget: all stages would train equally long."


def train(trial: Trial, show: Show) -> Tried:
    """Start run.sh, show its output as it is printed, and wait until it ends.

    Raises:
        KeyboardInterrupt: the user does not want to wait; everything that was started has been ended.
    """
    trial.directory.mkdir()
    give_copies(trial.directory, trial.drawn)
    log = trial.directory / layout.LOG.format(1)
    begin, used = time.monotonic(), _time_of_processors()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            trial.command,
            env=os.environ | _variables(trial),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with log.open("rb") as printed:
            while not _has_ended(process):
                show(printed.read())
            seconds = time.monotonic() - begin
            show(printed.read())
    except BaseException:
        _end(process.pid)
        process.wait()
        raise
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    left = _end(process.pid)
    outcome = failed(exit_reason(status)) if status else read_result(trial.directory)
    findings = tuple(_findings(trial, outcome, left=left))
    cores = (_time_of_processors() - used) / max(seconds, 1e-3)
    return Tried(failed(NO_RESULT) if outcome == RUNNING else outcome, seconds, findings, cores)


def _time_of_processors() -> float:
    """Give the processor time, in seconds, of all child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _variables(trial: Trial) -> dict[str, str]:
    """The environment of run.sh in a search, including the thread limits that Snakemake sets."""
    threads = dict.fromkeys(THREADS, "1") if not (trial.search / layout.SLURM).exists() else {}
    repetition, _, fold = trial.stage.fold_names[0].partition("-") if trial.stage.fold_names else ("", "", "")
    return threads | {
        environment.START: os.getcwd(),
        environment.SEARCH: str(trial.search),
        environment.PYTHON: sys.executable,
        environment.BRACKET: str(trial.slot.bracket),
        environment.STAGE: str(trial.slot.stage),
        environment.CONFIG: str(trial.slot.config),
        environment.BUDGET: trial.budget,
        environment.ATTEMPT: "1",
        environment.SLOT: "0",
        environment.PREVIOUS: "",
        environment.PREVIOUS_BUDGET: "",
        environment.FOLD: fold,
        environment.REPETITION: repetition,
        "PYTHONUNBUFFERED": "1",  # shows output as it is printed
    }


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(group: int) -> bool:
    """End what is left of a process group. Return whether there was anything."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        return True
    return False


def _findings(trial: Trial, outcome: Outcome, *, left: bool) -> Iterator[str]:
    lines = last_lines(trial.directory / layout.LOG.format(1), _LOG_LINES) or ()
    text = "\n".join(lines)
    where = trial.run
    if left:
        yield f"{where} left something running, which was ended: let it wait for what it starts (sbatch needs --wait)."
    if outcome.status is Status.COMPLETED:
        return
    if outcome == RUNNING:
        yield f"It wrote no number to $1/{layout.RESULT}, here {trial.directory / layout.RESULT}."
    if exit_reason(128 + signal.SIGTERM) in outcome.reason:
        yield (
            "If nobody ended it, it sends that signal itself, to its process group (kill 0, os.killpg(0, ...)). In a "
            "search, this ends the whole run, with all that trains: start that program by setsid --wait."
        )
    if hint := _directory_hint(trial):
        yield f"{hint}."
    if match := _MISSING.search(text):
        name = next(filter(None, match.groups()))
        yield (
            f"{name} is missing in the environment where it ran. If the program works in another one, activate that at "
            f"the top of {where}, before `set -u`."
        )
    if "No score" in text:
        yield (
            f"If the number comes only after more than budget {trial.budget}, generate the search with a larger "
            "--min-budget, or with --guaranteed-budget."
        )
    if "." in trial.budget and any(trial.budget in line for line in lines):
        yield (
            f"The program seems to reject the budget {trial.budget}. `hyband generate` rounds budgets without "
            "--fractional-budgets."
        )


def _directory_hint(trial: Trial) -> str:
    """Give a hint if run.sh leaves the directory that $1 is relative to."""
    before = {name: os.environ.get(name) for name in (environment.SEARCH, environment.START)}
    os.environ |= {environment.SEARCH: str(trial.directory), environment.START: os.getcwd()}
    try:
        with chdir(trial.search):
            return hint_at_directory()
    finally:
        for name, value in before.items():
            del os.environ[name]
            os.environ |= {name: value} if value is not None else {}
