"""When and where a configuration was trained, for an Optuna trial."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from ..core.tree.record import timestamp
from ..snapshot.rows import Row
from .study import SLOT

_CLOCKS = ("optuna.storages._rdb.storage", "optuna.storages.journal._storage")


def begin_of(rows: Sequence[Row]) -> datetime | None:
    """Return when a configuration was first started, in local time as in Optuna; None if unknown."""
    return min(filter(None, (_local(run.start) for row in rows for run in row.runs)), default=None)


def end_of(rows: Sequence[Row]) -> datetime | None:
    """Return when its last training run ended, or else was started; None if unknown."""
    times = [time for row in rows for run in row.runs for time in (run.start, run.end)]
    return max(filter(None, map(_local, times)), default=None)


def attributes_of(rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return a trial's attributes: its slot in stage 0, and directory, host and seconds of each stage."""
    found: dict[str, Any] = {SLOT: rows[0].path}
    for row in rows:
        found[f"stage {row.stage} directory"] = str(row.directory)
        if row.host is not None:
            found[f"stage {row.stage} host"] = row.host
        if row.total_seconds is not None:
            found[f"stage {row.stage} seconds"] = row.total_seconds
        if row.reason is not None:
            found["reason"] = row.reason
        if row.edited:
            found["edited"] = True
    return found


@contextmanager
def clock_at(moment: datetime | None) -> Iterator[None]:
    """Make Optuna write this time for a trial closed meanwhile: it has no argument for it and uses the current time."""

    class Clock(datetime):
        """A clock that stands still."""

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            """Return the fixed time."""
            assert moment is not None
            return moment.astimezone(tz) if tz else moment

    with ExitStack() as stack:
        for name in _CLOCKS if moment is not None else ():
            module: Any = import_module(name)
            found = getattr(module, "datetime", None)
            if found is datetime:
                stand_in: Any = Clock
            elif found is dt:  # the journal of Optuna 4.0
                stand_in = SimpleNamespace(**(vars(dt) | {"datetime": Clock}))
            else:
                continue
            stack.callback(setattr, module, "datetime", found)
            module.datetime = stand_in
        yield


def _local(time: str | None) -> datetime | None:
    stamp = timestamp(time) if time else None
    return None if stamp is None else datetime.fromtimestamp(stamp)  # noqa: DTZ006 (as are all times in Optuna)
