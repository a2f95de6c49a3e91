"""`hyband run`, which shares its view with `hyband status --watch`."""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.disk.processes import children_below, is_alive
from ..core.run.lock import LOOK, holder_of
from ..core.training.starting import PROFILE_OPTION, gives_profile, note, quoted, read_mode, refusal
from ..core.tree import layout
from ..core.tree.environment import HERE, KEEP_FAILING
from ..errors import HybandError, UsageError
from ..snapshot.scan import Snapshot
from ..snapshot.watch import Watcher
from ..writing.gpus import set_gpus, set_packs
from ..writing.lock import held
from ..writing.template_directory import is_search
from .common.ended import Ended, tell_end
from .common.gpus import GPUS, PER_GPU, PER_RUN, gpus_given
from .common.options import DIRECTORY, warn
from .common.packs import PACK
from .common.watching import watch

MOST_ASKED = 3  # signals: end, end at once, kill
HANGS = 60  # seconds that snakemake may take to end, once nothing it has started is left
ELSEWHERE = ("-n", "--dry-run", "--dryrun", "-e", "--executor")  # with these options, nothing is trained here


def snakemake_program() -> str:
    """The snakemake of this environment, or else the first in PATH."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return shutil.which("snakemake", path=places) or "snakemake"


class Stop:
    """Handles signals to end: forwards them to snakemake and everything it started, more urgently each time.

    It raises nothing, so nothing is left behind, whatever signals arrive meanwhile. Ignored signals stay ignored, such
    as SIGHUP under nohup, and SIGINT in the background of a script, which child processes then ignore, too.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._alone: float | None = None  # since when nothing it has started is left
        self._deaf = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self)

    def begin(self, child: "subprocess.Popen[bytes]") -> None:
        """Handle signals for this child, the leader of a process group."""
        self._child = child
        if self.asked:
            self._tell()

    def __call__(self, *_: object) -> None:
        """Ask the child to end."""
        self.asked += 1
        self._tell()
        if self.asked > MOST_ASKED:  # the file system hangs
            raise KeyboardInterrupt

    def look_after(self) -> bool:
        """Return whether the child has ended. Kill it if it was asked twice and hangs although nothing else is left.

        Two signals at once may leave Snakemake waiting for a lock that is never released.
        """
        assert self._child is not None
        if self._child.poll() is not None:
            return True
        if self.asked < MOST_ASKED - 1 or _has_more_to_end(self._child.pid):
            self._alone = None
        elif self._alone is None:
            self._alone = time.monotonic()
        elif time.monotonic() - self._alone > HANGS:
            self.asked = MOST_ASKED
            self._tell()
        return False

    def _tell(self) -> None:
        if self._child is not None:
            first = signal.SIGTERM if self._deaf else signal.SIGINT
            number = (first, signal.SIGTERM, signal.SIGKILL)[min(self.asked, MOST_ASKED) - 1]
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)


def _has_more_to_end(pid: int) -> bool:
    """Whether a process has children that are alive; True if unknown."""
    return not Path("/proc/self/stat").exists() or any(map(is_alive, children_below(pid).get(pid, ())))


@cloup.command(context_settings={"ignore_unknown_options": True})
@click.argument("search", type=DIRECTORY)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[SNAKEMAKE OPTIONS]...")
@click.option("--keep-failing", is_flag=True, help="Continue even if the first configurations all fail.")
@click.option("--wait", is_flag=True, help="If another run has the search, wait until it has ended, then continue.")
@click.option("--local", is_flag=True, help="Mode steps: train on this machine, outside of a Slurm allocation.")
@GPUS
@PER_GPU
@PER_RUN
@PACK
def run(
    search: Path,
    options: tuple[str, ...],
    *,
    keep_failing: bool,
    wait: bool,
    local: bool,
    pack: str,
    **on_gpus: Any,
) -> None:
    """Run a search with Snakemake, and show its progress. Further options are passed to snakemake.

    If the first five configurations fail and nothing has ever succeeded in the search, the run stops there.

    With --gpus, each training run has its own GPU, and as many run at a time as there are GPUs. The search keeps this
    setting (gpus.toml), and that of --pack (packs.toml), also for runs with plain snakemake.

    \b
    Example:
        hyband run my-search --cores 8
    """
    _check_order(search, options)
    if wait:
        _await_end_of_other(search)
    before = Watcher(search).look()  # reports problems before anything starts
    own = ["--snakefile", str(search / layout.SNAKEFILE), *_own_profile(search, options)]
    command = [snakemake_program(), *own, *options]
    _keep_settings(search, gpus_given(on_gpus), pack)
    if local:
        os.environ[HERE] = "1"
    _check_place(search, options)
    flags = [*["--wait"] * wait, *["--local"] * local, *["--keep-failing"] * keep_failing]
    words = [quoted(search), *flags, *map(shlex.quote, options)]
    tell_end(search, _watched(search, command, before, keep_failing=keep_failing), f"hyband run {' '.join(words)}")


def _watched(search: Path, command: list[str], before: Snapshot, *, keep_failing: bool) -> Ended:
    """Start snakemake and show the search until it has ended."""
    stop = Stop()
    with tempfile.NamedTemporaryFile(prefix="hyband-run-", suffix=".log", delete=False) as log:
        # in its own session, so that Ctrl-C reaches it only once, through us
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
        last = watch(search, lambda _: stop.look_after(), 1.0, before)
    finally:  # even if the view fails, leave nothing running
        if child.poll() is None:
            stop()
            child.wait()
    return Ended(child.pid, child.returncode, stop.asked > 0, last, Path(log.name))


def _check_order(search: Path, options: tuple[str, ...]) -> None:
    """Refuse a Snakemake option before the search."""
    if not str(search).startswith("-"):
        return
    found = next((one for one in options if is_search(Path(one))), "SEARCH")
    rest = [str(search), *(one for one in options if one != found)]
    raise UsageError(f"SEARCH comes first, then Snakemake's options: hyband run {found} {shlex.join(rest)}")


def _await_end_of_other(search: Path) -> None:
    """Wait until nobody else runs the search: a run may continue even if the process that started it is dead."""
    said = False
    while (holder := holder_of(search)) is not None:
        if not said:
            click.echo(f"{holder} Waiting for it to end.")
            said = True
        time.sleep(LOOK)


def _own_profile(search: Path, options: tuple[str, ...]) -> tuple[str, ...]:
    """Name the search's profile: Snakemake would prefer one in the directory where it is started."""
    profile = search / Path(layout.PROFILE).parent
    return () if gives_profile(options) or not profile.exists() else (PROFILE_OPTION, str(profile))


def _keep_settings(search: Path, gpus: dict[str, str | int], pack: str) -> None:
    """Write the settings that stay with the search, if any are given."""
    if not gpus and not pack:
        return
    with held(search):
        if gpus:
            warn(set_gpus(search, gpus))
        if pack:
            set_packs(search, pack)


def _check_place(search: Path, options: tuple[str, ...]) -> None:
    """Refuse to train on a login node unasked, as snakemake would, and say if the whole search is trained here."""
    if not any(option.startswith(ELSEWHERE) for option in options):
        mode = read_mode(search)
        if why := refusal(search, mode):
            raise HybandError(why)
        if text := note(mode):
            click.echo(text)
