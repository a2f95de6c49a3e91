"""Running and watching a search in a notebook cell: one changing line, and the latest events."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from .core.training.starting import quoted
from .errors import HybandError, UsageError
from .snapshot.pace import PaceReader
from .snapshot.scan import Snapshot
from .snapshot.watch import Watcher
from .views.news import Ticker, news, progress_line
from .views.state import best_line, state_of, whole_line

_SECONDS, _SHARE = 1.0, 9  # least seconds between two looks; least ratio of that time to the time of a look
_MOST = 5  # events shown in a cell
_USAGE = 2  # exit status for a mistake in the options


class Cell:
    """Shows the progress of a search: in place in a notebook, as lines elsewhere."""

    def __init__(self, search: Path) -> None:
        self._watcher, self._reader = Watcher(search), PaceReader()
        self._old = self._watcher.look()
        self._ticker = Ticker(time.time())
        self._events = deque[str](maxlen=_MOST)
        self.pause = _SECONDS  # seconds to wait after a look
        self._show = _in_place()

    def look(self) -> Snapshot:
        """Read the search again, and show it.

        Raises:
            NotASearch: it no longer exists.
        """
        begin = time.monotonic()
        new = self._watcher.look()
        self.pause = max(_SECONDS, _SHARE * (time.monotonic() - begin))
        events, now = list(news(self._old, new)), time.time()
        self._events += events
        self._old = new
        line = whole_line(new) if state_of(new).has_ended else progress_line(new, self._reader.pace(new, now))
        if self._show is not None:
            self._show("\n".join([line, *self._events]))
        elif lines := [*events, *filter(None, [self._ticker.due(line, now)])]:
            print("\n".join(lines), flush=True)
        return new

    def end(self, text: str = "") -> None:
        """Show it one last time, with a text below."""
        new = self.look()
        if self._show is None:
            print("\n".join(filter(None, [whole_line(new), best_line(new), text])), flush=True)
        else:
            self._show("\n".join(filter(None, [whole_line(new), *self._events, best_line(new), text])))


def _in_place() -> Callable[[str], None] | None:
    """Give a function that shows a text in place of the last one; None outside of a notebook."""
    shell = sys.modules.get("IPython")
    if shell is None or getattr(shell.get_ipython(), "kernel", None) is None:
        return None
    from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    handle: Any = display(HTML(""), display_id=True)  # type: ignore[no-untyped-call,unused-ignore]
    return lambda text: handle.update(HTML(f"<pre>{escape(text)}</pre>"))


def run_search(search: Path, options: list[str]) -> None:
    """Run a search as `hyband run` does, and show its progress until it ends.

    Raises:
        HybandError: it could not be run to its end; the text says why.
        KeyboardInterrupt: the user has interrupted it, and everything that was started has ended.
    """
    cell = Cell(search)
    command = [sys.executable, "-m", __package__, "run", str(search), *options]
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(  # noqa: S603 (in its own session, so that an interrupt reaches it only once, through us)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            is_stopped = _until(cell, lambda: child.poll() is not None, lambda: child.send_signal(signal.SIGINT))
        finally:  # even if showing it fails, leave nothing running
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
                child.wait()
        said.seek(0)
        why = said.read().strip().removeprefix("Error: ")
    if is_stopped:
        cell.end("Stopped. Runs that were interrupted do not count as attempts; run it again to continue.")
        raise KeyboardInterrupt
    if child.returncode:
        kind = UsageError if child.returncode == _USAGE else HybandError
        raise kind(why or f"hyband run {quoted(search)} ended with status {child.returncode}.")
    cell.end()


def watch_search(search: Path) -> None:
    """Show the progress of a search running elsewhere, until it ends or an interrupt, which does not affect the search.

    Raises:
        NotASearch: there is no search.
    """
    cell = Cell(search)
    with suppress(KeyboardInterrupt):
        while state_of(cell.look()).kind == "running":
            time.sleep(cell.pause)
    cell.end()


def _until(cell: Cell, has_ended: Callable[[], bool], stop: Callable[[], None]) -> bool:
    """Show a search until the process that runs it ends, forwarding interrupts. Return whether there was one."""
    is_stopped = False
    while True:
        try:
            while not has_ended():
                cell.look()
                time.sleep(cell.pause)
        except KeyboardInterrupt:
            is_stopped = True
            stop()
        else:
            return is_stopped
