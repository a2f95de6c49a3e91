"""For commands that change a search: prevent runs of it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.run import lock
from ..errors import HybandError


@contextmanager
def held(search: Path) -> Iterator[None]:
    """Hold the lock of a search.

    Raises:
        HybandError: the search is running, or the lock cannot be written.
    """
    try:
        held = lock.take(search, lock.COMMAND)
    except lock.SearchIsRunning as error:
        raise HybandError(f"{error}\n  Nothing was changed. End it, then give this command again.") from None
    try:
        yield
    finally:
        lock.release(held)
