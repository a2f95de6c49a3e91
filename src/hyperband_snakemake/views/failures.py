"""Failed configurations by reason: the one place that groups them, and the groups as text for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..core.training.logs import LogEnd, log_ends
from ..core.tree import reasons
from ..core.tree.folds import fold_of
from ..core.tree.outcome import Status
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot

PLACES = 5  # failed configurations of a group that are named

Failed = TypeVar("Failed")


def by_reason(failed: Iterable[tuple[Failed, str]]) -> list[tuple[str, list[Failed]]]:
    """Group what failed by its reason, the most frequent first; neither the fold nor the numbers make a difference.

    >>> by_reason([("a", "killed"), ("b", "repetition 0, fold 1: no result"), ("c", "no result"), ("d", "")])
    [('no result', ['b', 'c']), ('killed', ['a']), ('no reason recorded', ['d'])]
    """
    return reasons.by_reason((one, fold_of(reason)[1]) for one, reason in failed)


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
    """Failed configurations by reason, the most frequent first, with the end of one log each."""
    groups = by_reason((row, row.reason or "") for row in rows if row.status == Status.FAILED)
    return [_failure(snapshot, reason, members) for reason, members in groups]


def _failure(snapshot: Snapshot, reason: str, members: list[Row]) -> Failure:
    training = replace(members[0].slot, fold=fold_of(members[0].reason or "")[0])
    logs = (replace(end, name=f"{training}/{end.name}") for end in log_ends(snapshot.path / training.path))
    return Failure(reason, tuple(members), tuple(logs))


def failures_text(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """Failed trainings by reason, the most frequent first, with the end of one log each."""
    groups = ["\n".join(_group(snapshot, failure)) for failure in failures_of(snapshot, rows)]
    return "\n\n".join(groups) or "No training has failed."


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
