"""`hyband run`, and the view that `hyband status --watch` shares with it."""

import contextlib
import difflib
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.training.starting import note, quoted, read_mode, refusal
from ..core.training.stopping import stop_text, stopped_run
from ..core.tree import layout
from ..core.tree.environment import HERE, KEEP_FAILING, RunId
from ..errors import HybandError, UsageError
from ..slurm.living import ask_for_living, living_text
from ..snapshot.scan import Snapshot
from ..snapshot.watch import Watcher
from ..views.failures import failures_hint
from ..views.state import state_of, whole_line
from ..writing.gpus import set_gpus
from ..writing.lock import held
from ..writing.template_directory import is_search
from .common.gpus import GPUS, PER_GPU, PER_RUN, gpus_given
from .common.options import DIRECTORY, warn
from .common.watching import watch

LAST_LINES = 15
REFUSED = "snakemake: error: "  # begins the last line of its page on a wrong option
MOST_ASKED = 3  # times: to end, at once, and whatever it does
ELSEWHERE = ("-n", "--dry-run", "--dryrun", "-e", "--executor")  # options with which nothing is trained here


def snakemake_program() -> str:
    """The snakemake of this environment before any other."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return shutil.which("snakemake", path=places) or "snakemake"


class Stop:
    """Handles the signals that ask to end: tells snakemake and all that it started, more urgently each time.

    Nothing is raised, so nothing is left behind, whatever comes while it ends. What is ignored stays ignored, as SIGHUP
    is under nohup, and SIGINT, which what is started then ignores, too, in the background of a script.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._deaf = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self)

    def begin(self, child: "subprocess.Popen[bytes]") -> None:
        """Be there for this child, the leader of a group of processes."""
        self._child = child
        if self.asked:
            self._tell()

    def __call__(self, *_: object) -> None:
        """Ask to end."""
        self.asked += 1
        self._tell()
        if self.asked > MOST_ASKED:  # the files are what hangs
            raise KeyboardInterrupt

    def _tell(self) -> None:
        if self._child is not None:
            first = signal.SIGTERM if self._deaf else signal.SIGINT
            number = (first, signal.SIGTERM, signal.SIGKILL)[min(self.asked, MOST_ASKED) - 1]
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


@cloup.command(context_settings={"ignore_unknown_options": True})
@click.argument("search", type=DIRECTORY)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[SNAKEMAKE OPTIONS]...")
@click.option("--keep-failing", is_flag=True, help="Continue even if the first configurations all fail.")
@click.option("--local", is_flag=True, help="Mode steps: train on this machine, outside of a Slurm allocation.")
@GPUS
@PER_GPU
@PER_RUN
def run(search: Path, options: tuple[str, ...], *, keep_failing: bool, local: bool, **on_gpus: Any) -> None:
    """Run a search with Snakemake, and show its progress. Further options are passed to snakemake.

    If the first five configurations fail and nothing has ever succeeded in the search, the run stops there.

    With --gpus, each training run has its own GPU, and as many run at a time as there are GPUs. That stays with the
    search (gpus.toml), for snakemake alone, too.

    \b
    Example:
        hyband run my-search --cores 8
    """
    _check_order(search, options)
    before = Watcher(search).look()  # says what is wrong before anything starts
    command = [snakemake_program(), "--snakefile", str(search / layout.SNAKEFILE), *options]
    if given := gpus_given(on_gpus):
        _set_gpus(search, given)
    if local:
        os.environ[HERE] = "1"
    _check_place(search, options)
    flags = [*["--local"] * local, *["--keep-failing"] * keep_failing]
    words = [quoted(search), *flags, *map(shlex.quote, options)]
    again = f"To continue: hyband run {' '.join(words)}"
    stop, last, child, log = _watched(search, command, before, keep_failing=keep_failing)
    where, lines = _log_of(log)
    if stop.asked:
        click.echo(f"\nStopped. Runs that were interrupted do not count as attempts. {again}")
        _say_what_lives(search)
        click.echo(f"Snakemake's log: {where}")
        sys.exit(130)
    if child.returncode:
        if refused := _refused(lines):
            log.unlink(missing_ok=True)
            raise UsageError(refused)
        why = _stopped(search, child.pid) or _all_failed(last) or _why(child.returncode, lines, again)
        if child.returncode < 0:  # it could not say so itself
            _say_what_lives(search)
        raise HybandError(f"{why}\nSnakemake's log: {where}")
    trained = any(line.startswith("Best configurations:") for line in lines)
    if not trained and not any(line.startswith("Nothing to be done") for line in lines):  # --dry-run and the like
        click.echo("\n".join(lines))
    click.echo("\n".join(filter(None, [whole_line(last), failures_hint(last)])))
    if where == str(log):  # all of it was shown
        log.unlink()
    else:
        click.echo(f"Snakemake's log: {where}")


def _watched(
    search: Path, command: list[str], before: Snapshot, *, keep_failing: bool
) -> "tuple[Stop, Snapshot, subprocess.Popen[bytes], Path]":
    """Start snakemake and show the search until it has ended; what asked for that, the last look, and the output."""
    stop = Stop()
    with tempfile.NamedTemporaryFile(prefix="hyband-run-", suffix=".log", delete=False) as log:
        # of a session of its own, so that a Ctrl-C reaches it once and through us
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | ({KEEP_FAILING: "1"} if keep_failing else {}),
        )
    try:
        stop.begin(child)
        last = watch(search, lambda _: child.poll() is not None, 1.0, before)
    finally:  # a view that failed leaves nothing behind
        if child.poll() is None:
            stop()
            child.wait()
    return stop, last, child, Path(log.name)


def _check_order(search: Path, options: tuple[str, ...]) -> None:
    """Refuse an option of Snakemake before the search."""
    if not str(search).startswith("-"):
        return
    found = next((one for one in options if is_search(Path(one))), "SEARCH")
    rest = [str(search), *(one for one in options if one != found)]
    raise UsageError(f"SEARCH comes first, then Snakemake's options: hyband run {found} {shlex.join(rest)}")


def _refused(lines: list[str]) -> str:
    """Say which option Snakemake does not take, and which one may be meant; empty if that is not why it ended."""
    last = lines[-1] if lines else ""
    if not last.startswith(REFUSED):
        return ""
    known = set(re.findall(r"--[a-z][a-z-]+", "\n".join(lines[:-1])))
    word = next((word for word in last.split() if word.startswith("--")), "")
    near = difflib.get_close_matches(word.partition("=")[0].rstrip(":"), known, 1, 0.75) if word not in known else []
    meant = f" (Did you mean {near[0]}?)" if near else ""
    return f"Snakemake refuses its options: {last.removeprefix(REFUSED)}.{meant} `snakemake --help` explains them."


def _set_gpus(search: Path, given: dict[str, str | int]) -> None:
    with held(search):
        warn(set_gpus(search, given))


def _check_place(search: Path, options: tuple[str, ...]) -> None:
    """Refuse to train on a login node unasked, as snakemake would, and say it where all of a search is trained here."""
    if not any(option.startswith(ELSEWHERE) for option in options):
        mode = read_mode(search)
        if why := refusal(search, mode):
            raise HybandError(why)
        if text := note(mode):
            click.echo(text)


def _say_what_lives(search: Path) -> None:
    """Say which jobs continue in Slurm after a run that has ended before them."""
    if read_mode(search) == "jobs" and (numbers := ask_for_living(search)):
        click.echo(living_text(search, numbers, "The next run takes the results."))


def _stopped(search: Path, snakemake: int) -> str:
    """What the user is told where everything failed and this run was stopped; empty if it was not."""
    try:
        is_this_one = RunId.parse(stopped_run(search)).pid == snakemake
    except ValueError:
        return ""
    return stop_text(search).removeprefix("Error: ") if is_this_one else ""


def _all_failed(snapshot: Snapshot) -> str:
    """What the user is told where all was tried and failed, which is what Snakemake then calls an error."""
    return f"Every training run failed.\n{failures_hint(snapshot)}" if state_of(snapshot).kind == "failed" else ""


def _why(status: int, lines: list[str], again: str) -> str:
    """Why snakemake ended: its last lines, from its last error on if that is among them; if it is not, that as well."""
    if status < 0:
        return f"snakemake was killed by signal {-status} ({signal.Signals(-status).name}). {again}"
    errors = [at for at, line in enumerate(lines) if line.startswith("Error: ")]
    begin = max(0, len(lines) - LAST_LINES)
    if errors and errors[-1] >= begin:
        begin = errors[-1]
    elif errors:
        more = itertools.takewhile(lambda line: line.startswith("  "), lines[errors[-1] + 1 : begin])
        return "\n".join([f"snakemake ended with status {status}:", lines[errors[-1]], *more, "...", *lines[begin:]])
    return "\n".join([f"snakemake ended with status {status}:", *lines[begin:]])


def _log_of(printed: Path) -> tuple[str, list[str]]:
    """Name of snakemake's own log, and what it printed; where it keeps none, what it printed is the log."""
    lines = printed.read_text(encoding="utf-8", errors="replace").splitlines()
    own = next((line.partition(": ")[2] for line in reversed(lines) if line.startswith("Complete log(s): ")), "")
    if own:
        printed.unlink()
    return own or str(printed), lines
