"""Watching a search: the live view of `hyband run` and `hyband status --watch`, or lines if it is not possible."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from ...snapshot.pace import PaceReader
from ...snapshot.scan import Snapshot
from ...snapshot.watch import Watcher
from ...views.fitting import is_live, look_of
from ...views.live import view
from ...views.news import MINUTE, Ticker, news, progress_line

SHARE = 9  # least ratio of the time between two looks to the time of a look


def watch(search: Path, ended: Callable[[Snapshot], bool], seconds: float, old: Snapshot | None = None) -> Snapshot:
    """Show a search until it has ended, in a live view if the terminal can show one.

    Otherwise, print a line for each event since ``old``, and one per minute about the progress. Looks are ``seconds``
    apart, or more if the files are slow: reading takes at most a tenth of the time.
    """
    watcher, console, events = Watcher(search), Console(highlight=False), list[str]()
    new = watcher.look()
    begun, reader = time.time(), PaceReader()
    ticker = Ticker(begun)
    screen = Live(console=console, auto_refresh=False, vertical_overflow="crop") if is_live(console) else None
    with screen or nullcontext():
        while True:
            over = ended(new)  # checked before the last look, so that it sees everything
            start = time.monotonic()
            new = watcher.look()
            told = list(news(old, new))
            events += told if old else []
            now = time.time()
            if screen:
                look = look_of(console)
                screen.update(view(new, reader.pace(new, now), begun, now, look=look, events=events), refresh=True)
            else:
                if not over and now - ticker.last >= MINUTE:
                    told += filter(None, [ticker.due(progress_line(new, reader.pace(new, now)), now)])
                if told:
                    click.echo("\n".join(told))
            old = new
            if over:
                return new
            time.sleep(max(seconds, SHARE * (time.monotonic() - start)))
