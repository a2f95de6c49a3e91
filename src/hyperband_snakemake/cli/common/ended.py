"""The final messages of `hyband run`: whether the search is done, or why not and how to continue."""

import difflib
import itertools
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ...core.training.starting import read_mode
from ...core.training.stopping import stop_text, stopped_run
from ...core.tree.environment import RunId
from ...errors import HybandError, UsageError
from ...slurm.living import ask_for_living, living_text
from ...snapshot.scan import Snapshot
from ...views.failures import failures_hint
from ...views.state import best_line, state_of, whole_line

LAST_LINES = 15
REFUSED = "snakemake: error: "  # prefix of its last line if an option is wrong
OURS = "Fix that, then run snakemake again."  # end of what a program of the search says if it cannot do its work


@dataclass(frozen=True)
class Ended:
    """A snakemake that has ended.

    Attributes:
        pid: its process number.
        status: its exit status, or the negative number of the signal that killed it.
        is_stopped: whether the user asked it to end.
        last: the state of the search afterwards.
        printed: the file with its output.
    """

    pid: int
    status: int
    is_stopped: bool
    last: Snapshot
    printed: Path


def tell_end(search: Path, ended: Ended, command: str) -> None:
    """Say how it ended, where its log is, and which command continues.

    Raises:
        HybandError: it failed; the text says why.
        SystemExit: the user stopped it.
    """
    where, lines = _log_of(ended.printed)
    again = f"To continue: {command}"
    if ended.is_stopped:
        click.echo(f"\nStopped. Runs that were interrupted do not count as attempts. {again}")
        _say_what_lives(search)
        click.echo(f"Snakemake's log: {where}")
        sys.exit(130)
    if ended.status:
        if refused := _refused(lines):
            ended.printed.unlink(missing_ok=True)
            raise UsageError(refused)
        why = _stopped(search, ended.pid) or _all_failed(ended.last) or _why(ended.status, lines, again)
        if ended.status < 0:  # it could not report that itself
            _say_what_lives(search)
        raise HybandError(f"{why}\nSnakemake's log: {where}")
    trained = any(line.startswith("Best configurations:") for line in lines)
    if not trained and not any(line.startswith("Nothing to be done") for line in lines):  # --dry-run and the like
        click.echo("\n".join(lines))
    click.echo("\n".join(filter(None, [whole_line(ended.last), best_line(ended.last), failures_hint(ended.last)])))
    if where == str(ended.printed):  # all of it was shown
        ended.printed.unlink()
    else:
        click.echo(f"Snakemake's log: {where}")


def _refused(lines: list[str]) -> str:
    """Say which option Snakemake rejects, and which one may be meant; empty if that is not why it ended."""
    last = lines[-1] if lines else ""
    if not last.startswith(REFUSED):
        return ""
    known = set(re.findall(r"--[a-z][a-z-]+", "\n".join(lines[:-1])))
    word = next((word for word in last.split() if word.startswith("--")), "")
    near = difflib.get_close_matches(word.partition("=")[0].rstrip(":"), known, 1, 0.75) if word not in known else []
    meant = f" (Did you mean {near[0]}?)" if near else ""
    return f"Snakemake refuses its options: {last.removeprefix(REFUSED)}.{meant} `snakemake --help` explains them."


def _say_what_lives(search: Path) -> None:
    """Say which Slurm jobs keep running after the run has ended."""
    if read_mode(search) == "jobs" and (numbers := ask_for_living(search)):
        click.echo(living_text(search, numbers, "The next run collects the results."))


def _stopped(search: Path, snakemake: int) -> str:
    """The message if this run was stopped because everything failed; empty if it was not."""
    try:
        is_this_one = RunId.parse(stopped_run(search)).pid == snakemake
    except ValueError:
        return ""
    return stop_text(search).removeprefix("Error: ") if is_this_one else ""


def _all_failed(snapshot: Snapshot) -> str:
    """The message if everything was tried and failed, which Snakemake reports as an error."""
    return f"Every training run failed.\n{failures_hint(snapshot)}" if state_of(snapshot).kind == "failed" else ""


def _why(status: int, lines: list[str], again: str) -> str:
    """Why snakemake ended: its last lines, starting with or preceded by its last error."""
    if status < 0:
        return f"snakemake was killed by signal {-status} ({signal.Signals(-status).name}). {again}"
    errors = [at for at, line in enumerate(lines) if line.startswith("Error: ") or line.endswith(OURS)]
    begin = max(0, len(lines) - LAST_LINES)
    if errors and errors[-1] >= begin:
        begin = errors[-1]
    elif errors:
        more = itertools.takewhile(lambda line: line.startswith("  "), lines[errors[-1] + 1 : begin])
        return "\n".join([f"snakemake ended with status {status}:", lines[errors[-1]], *more, "...", *lines[begin:]])
    return "\n".join([f"snakemake ended with status {status}:", *lines[begin:]])


def _log_of(printed: Path) -> tuple[str, list[str]]:
    """Name of snakemake's log, and its output; if it keeps no log, the output serves as one."""
    lines = printed.read_text(encoding="utf-8", errors="replace").splitlines()
    own = next((line.partition(": ")[2] for line in reversed(lines) if line.startswith("Complete log(s): ")), "")
    if own:
        printed.unlink()
    return own or str(printed), lines
