"""Grouping failed configurations by reason, and the groups as text for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ..core.disk.files import version_of
from ..core.training.logs import LogEnd, cause_of, log_ends
from ..core.training.starting import quoted
from ..core.tree import layout, reasons
from ..core.tree.folds import fold_of
from ..core.tree.layout import Slot
from ..core.tree.outcome import Status
from ..core.tree.record import record_path
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from .words import one_line

HINTED = 6  # log lines shown at the end of a run
PLACES = 5  # failed configurations that are named in each group


def by_cause(search: Path, failed: Iterable[tuple[Slot, str]]) -> list[tuple[str, list[Slot]]]:
    """Group failed configurations, each with its reason, by what their logs say, most frequent first.

    Folds, numbers and paths are ignored. If a reason says more than an exit status, they are grouped by reason.
    """
    return reasons.by_reason((slot, find_cause(search, slot, reason)) for slot, reason in failed)


def find_cause(search: Path, slot: Slot, reason: str) -> str:
    """Say in one line why a configuration failed. Its logs are read again only if its record has changed."""
    fold, why = fold_of(reason)
    directory = search / replace(slot, fold=fold).path
    return _cause(directory, why, version_of(record_path(directory)))


@lru_cache(maxsize=20_000)
def _cause(directory: Path, reason: str, version: object) -> str:  # noqa: ARG001 (the record's version, for the cache)
    return one_line(cause_of(directory, reason))


def failed_slots(snapshot: Snapshot) -> list[tuple[Slot, str]]:
    """The failed configurations of a search, each with its reason."""
    return [(slot, outcome.reason) for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.FAILED]


@dataclass(frozen=True)
class Failure:
    """Failed configurations with a common ``reason``, in the words of the first, and the first one's logs.

    ``logs`` are the ends of its attempts' logs, as far as they differ, named by their paths in the search.
    """

    reason: str
    rows: tuple[Row, ...]
    logs: tuple[LogEnd, ...]

    @property
    def named(self) -> tuple[Row, ...]:
        """The configurations to name: the first few."""
        return self.rows[:PLACES]

    @property
    def unnamed(self) -> int:
        """How many more there are."""
        return len(self.rows) - len(self.named)


def failures_of(snapshot: Snapshot, rows: Sequence[Row]) -> list[Failure]:
    """Failed configurations by cause, most frequent first, each with the end of one log."""
    by_slot = {row.slot: row for row in rows if row.status == Status.FAILED}
    groups = by_cause(snapshot.path, ((slot, row.reason or "") for slot, row in by_slot.items()))
    return [_failure(snapshot, cause, [by_slot[slot] for slot in slots]) for cause, slots in groups]


def _failure(snapshot: Snapshot, reason: str, members: list[Row]) -> Failure:
    training = replace(members[0].slot, fold=fold_of(members[0].reason or "")[0])
    logs = (replace(end, name=f"{training}/{end.name}") for end in log_ends(snapshot.path / training.path))
    return Failure(reason, tuple(members), tuple(logs))


def failures_text(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """Failed training runs by cause, most frequent first, each with the end of one log."""
    groups = ["\n".join(_group(snapshot, failure)) for failure in failures_of(snapshot, rows)]
    return "\n\n".join(groups) or "No training run has failed."


def _group(snapshot: Snapshot, failure: Failure) -> Iterator[str]:
    yield f"{len(failure.rows)} failed - {failure.reason}"
    for row in failure.named:
        fold = fold_of(row.reason or "")[0]
        yield f"  {snapshot.path / replace(row.slot, fold=fold).path}"
    if failure.unnamed:
        yield f"  ... and {failure.unnamed} more"
    for log in failure.logs:
        yield f"  End of {log.title}:" if log.lines else f"  {log.title} is empty."
        yield from (f"    {line}" for line in log.lines)


def failures_hint(snapshot: Snapshot) -> str:
    """For the end of a run: the most frequent failure, the end of one of its logs, and what to do. Empty if none."""
    groups = by_cause(snapshot.path, failed_slots(snapshot))
    if not groups:
        return ""
    shown = quoted(snapshot.path)
    cause, slots = groups[0]
    many = f"{len(slots)} of {snapshot.failed}" if len(groups) > 1 else f"{snapshot.failed}"
    reason = next(reason for slot, reason in failed_slots(snapshot) if slot == slots[0])
    training = replace(slots[0], fold=fold_of(reason)[0])
    lines = [f"{many} failed - {cause}"]
    for log in log_ends(snapshot.path / training.path, HINTED)[-1:]:
        lines.append(f"  End of {snapshot.path / training.path / log.name}:")
        lines += [f"    {line}" for line in log.lines or ["(nothing)"]]
    lines.append(f"  All that failed, with their logs: hyband failures {shown}")
    lines.append(f"  Failures are final until you ask for another try: hyband retry {shown}")
    lines.append(f"  If run.sh is to blame, fix {shown}/{layout.RUN}: the search has its own copy.")
    return "\n".join(lines)
