"""`hyband run`, and the view that `hyband status --watch` shares with it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from hyperband_snakemake.core import layout
from hyperband_snakemake.errors import HybandError
from hyperband_snakemake.live import news, settled, view
from hyperband_snakemake.scan import Snapshot
from hyperband_snakemake.status import whole_line
from hyperband_snakemake.watch import Watcher

from .options import DIRECTORY, quoted

LAST_LINES = 15


def watch(search: Path, ended: Callable[[Snapshot], bool], seconds: float) -> Snapshot:
    """Show a search until it has ended: a live view on a terminal, elsewhere a line for each event."""
    watcher, console, old = Watcher(search), Console(highlight=False), None
    new = watcher.look()
    begun = (time.time(), settled(new))
    screen = Live(console=console, auto_refresh=False, vertical_overflow="crop") if console.is_terminal else None
    if screen:
        screen.start()
    try:
        while True:
            over = ended(new)  # asked before the last look, which so sees everything
            new = watcher.look()
            if screen:
                screen.update(view(new, begun, time.time(), console.width), refresh=True)
            else:
                for line in news(old, new):
                    click.echo(line)
            old = new
            if over:
                return new
            time.sleep(seconds)
    finally:
        if screen:
            screen.stop()


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("search", type=DIRECTORY)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[SNAKEMAKE OPTIONS]...")
def run(search: Path, options: tuple[str, ...]) -> None:
    """Run the search in the directory SEARCH with snakemake, and show how it goes. Options are passed on to snakemake.

    \b
    Example:
        hyband run my-search --cores 8
    """
    Watcher(search).look()  # says what is wrong before anything starts
    snakemake = (
        shutil.which("snakemake", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        or "snakemake"
    )
    command = [snakemake, "--snakefile", str(search / layout.SNAKEFILE), *options]
    with tempfile.NamedTemporaryFile(prefix="hyband-run-", suffix=".log", delete=False) as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        last = watch(search, lambda _: child.poll() is not None, 1.0)
    except KeyboardInterrupt:  # the terminal has told snakemake, too
        child.wait()
        click.echo(f"\nStopped; no attempt is used up. To go on: hyband run {quoted(search)}\nLog: {log.name}")
        sys.exit(130)
    click.echo(whole_line(last))
    click.echo(f"Snakemake's log: {log.name}")
    if child.returncode:
        end = Path(log.name).read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
        raise HybandError(f"snakemake ended with status {child.returncode}; its last lines:\n" + "\n".join(end))
