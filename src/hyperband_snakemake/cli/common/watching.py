"""Watching a search: the live view of `hyband run` and `hyband status --watch`, or lines where there is none."""

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

SHARE = 9  # time between two looks / time of a look, at least


def watch(search: Path, ended: Callable[[Snapshot], bool], seconds: float, old: Snapshot | None = None) -> Snapshot:
    """Show a search until it has ended: a live view on a terminal that can show one.

    Elsewhere there is a line for each event since ``old``, and one a minute on the progress. Looks are ``seconds``
    apart, and more if the files are slow: reading takes a tenth of the time at most.
    """
    watcher, console, events = Watcher(search), Console(highlight=False), list[str]()
    new = watcher.look()
    begun, reader = time.time(), PaceReader()
    ticker = Ticker(begun)
    screen = Live(console=console, auto_refresh=False, vertical_overflow="crop") if is_live(console) else None
    with screen or nullcontext():
        while True:
            over = ended(new)  # asked before the last look, which so sees everything
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
