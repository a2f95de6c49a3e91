"""Failed configurations by reason: the one place that groups them, and the groups as text for people."""

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

HINTED = 6  # lines of a log at the end of a run
PLACES = 5  # failed configurations of a group that are named


def by_cause(search: Path, failed: Iterable[tuple[Slot, str]]) -> list[tuple[str, list[Slot]]]:
    """Group failed configurations, each with its reason, by what their logs tell; the most frequent first.

    Neither the fold nor numbers and paths make a difference. Where a reason says more than an exit status, it is the
    reason that counts.
    """
    return reasons.by_reason((slot, find_cause(search, slot, reason)) for slot, reason in failed)


def find_cause(search: Path, slot: Slot, reason: str) -> str:
    """Say in one line why a configuration failed. Its logs are read again only if its record has changed."""
    fold, why = fold_of(reason)
    directory = search / replace(slot, fold=fold).path
    return _cause(directory, why, version_of(record_path(directory)))


@lru_cache(maxsize=20_000)
def _cause(directory: Path, reason: str, version: object) -> str:  # noqa: ARG001 (of the record)
    return one_line(cause_of(directory, reason))


def failed_slots(snapshot: Snapshot) -> list[tuple[Slot, str]]:
    """The failed configurations of a search, each with its reason."""
    return [(slot, outcome.reason) for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.FAILED]


@dataclass(frozen=True)
class Failure:
    """Failed configurations that have a ``reason`` in common, as that of the first says it, and the logs of the first.

    ``logs`` are the ends of what its attempts printed, where they differ; each is named by its path in the search.
    """

    reason: str
    rows: tuple[Row, ...]
    logs: tuple[LogEnd, ...]

    @property
    def named(self) -> tuple[Row, ...]:
        """Those that are named; of many, the first few."""
        return self.rows[:PLACES]

    @property
    def unnamed(self) -> int:
        """How many more there are."""
        return len(self.rows) - len(self.named)


def failures_of(snapshot: Snapshot, rows: Sequence[Row]) -> list[Failure]:
    """Failed configurations by cause, the most frequent first, with the end of one log each."""
    by_slot = {row.slot: row for row in rows if row.status == Status.FAILED}
    groups = by_cause(snapshot.path, ((slot, row.reason or "") for slot, row in by_slot.items()))
    return [_failure(snapshot, cause, [by_slot[slot] for slot in slots]) for cause, slots in groups]


def _failure(snapshot: Snapshot, reason: str, members: list[Row]) -> Failure:
    training = replace(members[0].slot, fold=fold_of(members[0].reason or "")[0])
    logs = (replace(end, name=f"{training}/{end.name}") for end in log_ends(snapshot.path / training.path))
    return Failure(reason, tuple(members), tuple(logs))


def failures_text(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """Failed training runs by cause, the most frequent first, with the end of one log each."""
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
    """What failed most, the end of a log of it, and what to do: the last words of a run. Empty if nothing failed."""
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
