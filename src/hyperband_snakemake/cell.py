"""Running and watching a search from a cell of a notebook: one line that changes, and what happened last."""

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

_SECONDS, _SHARE = 1.0, 9  # between two looks, at least; time between them / time of a look, at least
_MOST = 5  # events that a cell shows
_USAGE = 2  # exit status of a mistake in the options


class Cell:
    """Shows how far a search is: in place in a notebook, in lines elsewhere."""

    def __init__(self, search: Path) -> None:
        self._watcher, self._reader = Watcher(search), PaceReader()
        self._old = self._watcher.look()
        self._ticker = Ticker(time.time())
        self._events = deque[str](maxlen=_MOST)
        self.pause = _SECONDS  # to wait after a look, in seconds
        self._show = _in_place()

    def look(self) -> Snapshot:
        """Read the search once more, and show it.

        Raises:
            NotASearch: it is gone.
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
        """Show it for the last time, with a text below."""
        new = self.look()
        if self._show is None:
            print("\n".join(filter(None, [whole_line(new), best_line(new), text])), flush=True)
        else:
            self._show("\n".join(filter(None, [whole_line(new), *self._events, best_line(new), text])))


def _in_place() -> Callable[[str], None] | None:
    """Give what shows a text in place of the last one; None outside of a notebook."""
    shell = sys.modules.get("IPython")
    if shell is None or getattr(shell.get_ipython(), "kernel", None) is None:
        return None
    from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    handle: Any = display(HTML(""), display_id=True)  # type: ignore[no-untyped-call,unused-ignore]
    return lambda text: handle.update(HTML(f"<pre>{escape(text)}</pre>"))


def run_search(search: Path, options: list[str]) -> None:
    """Run a search as `hyband run` does, and show it until it has ended.

    Raises:
        HybandError: it could not be run to its end; the text says why.
        KeyboardInterrupt: the user has interrupted it, and all that was started has ended.
    """
    cell = Cell(search)
    command = [sys.executable, "-m", __package__, "run", str(search), *options]
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(  # noqa: S603 (of a session of its own: an interrupt reaches it once, through us)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            is_stopped = _until(cell, lambda: child.poll() is not None, lambda: child.send_signal(signal.SIGINT))
        finally:  # a view that failed leaves nothing behind
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
    """Show a search that runs elsewhere until it has ended, or until an interrupt, which does nothing to it.

    Raises:
        NotASearch: there is none.
    """
    cell = Cell(search)
    with suppress(KeyboardInterrupt):
        while state_of(cell.look()).kind == "running":
            time.sleep(cell.pause)
    cell.end()


def _until(cell: Cell, has_ended: Callable[[], bool], stop: Callable[[], None]) -> bool:
    """Show a search until what runs it has ended, passing interrupts on; whether there was one."""
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
