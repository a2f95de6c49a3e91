"""A `Snapshot` and the records of its trainings as rows, one for each training: what tables and pages are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from .configurations import parameters_of
from .core import layout
from .core.aggregate import read_folds, spread
from .core.files import read
from .core.layout import Slot
from .core.outcome import PENDING, Outcome, Status
from .core.plan import Stage
from .core.planfile import json_number
from .core.record import read_attempts, since_retry
from .parameters import Value
from .scan import Snapshot

PREFIX = "param."


@dataclass(frozen=True)
class Row:
    """One training. The order and the names of its columns stay as they are; docs/columns.md describes them."""

    bracket: int
    stage: int
    config: int
    path: str
    origin: str | None
    root: str | None
    budget: int | float
    added_budget: int | float
    cumulated_budget: int | float
    status: str
    result: float | None
    rank: int | None
    promoted_to: str | None
    reason: str | None
    attempts: int
    start: str | None
    end: str | None
    seconds: float | None
    total_seconds: float | None
    host: str | None
    spread: float | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def slot(self) -> Slot:
        """Where it is in the search."""
        return Slot(self.bracket, self.stage, self.config)

    @property
    def entry(self) -> tuple[Fraction, Slot, Outcome]:
        """What it is ranked by: (budget, slot, outcome)."""
        return Fraction(self.budget), self.slot, Outcome(Status(self.status), self.result)


COLUMNS = tuple(column.name for column in fields(Row) if column.name != "parameters")


def make_rows(snapshot: Snapshot) -> tuple[Row, ...]:
    """One row for each slot of a search, in the order of their numbers."""
    origins = {slot: origin for slot, _, _, origin in snapshot.slots() if origin}
    targets = {origin: slot for slot, origin in origins.items()}
    ranks = {
        Slot(view.bracket, view.stage.index, c): place
        for bracket in snapshot.brackets
        for view in bracket.stages
        for place, c in enumerate(view.top, 1)
    }
    stages = {slot: stage for slot, stage, _, _ in snapshot.slots()}
    return tuple(
        Row(
            bracket=slot.bracket,
            stage=slot.stage,
            config=slot.config,
            path=str(slot),
            budget=json_number(stage.budget),
            added_budget=json_number(stage.spends),
            status=str(outcome.status),
            result=outcome.result,
            spread=spread(read_folds(snapshot.path / slot.path)) if stage.parts else None,
            rank=ranks.get(slot),
            promoted_to=str(targets[slot]) if slot in targets else None,
            reason=outcome.reason or None,
            **_lineage(snapshot, slot, origins, stages),
            **_times(snapshot, slot, stage, outcome),
        )
        for slot, stage, outcome, _ in snapshot.slots()
    )


def _lineage(
    snapshot: Snapshot, slot: Slot, origins: Mapping[Slot, Slot], stages: Mapping[Slot, Stage]
) -> dict[str, Any]:
    """Where a configuration comes from. Its text is read in stage 0: it is the same, and may be lost further up."""
    line = [slot]
    while line[-1] in origins:
        line.append(origins[line[-1]])
    root = line[-1] if line[-1].stage == 0 else None
    directory = snapshot.path / (root or slot).path
    return {
        "origin": str(line[1]) if len(line) > 1 else None,
        "root": str(root) if root else None,
        "cumulated_budget": json_number(sum((stages[one].spends for one in line), Fraction(0))),
        "parameters": parameters_of(read(directory / layout.CONFIG) or "", read(directory / layout.PARAMETERS)),
    }


def _times(snapshot: Snapshot, slot: Slot, stage: Stage, outcome: Outcome) -> dict[str, Any]:
    if stage.parts:
        return _times_of_folds(snapshot, slot, stage)
    attempts = [] if outcome == PENDING else since_retry(read_attempts(snapshot.path / slot.path))
    if not attempts:
        return {"attempts": 0, "start": None, "end": None, "seconds": None, "total_seconds": None, "host": None}
    last = attempts[-1]
    return {
        "attempts": len(attempts),
        "start": last.start or None,
        "end": last.end or None,
        "seconds": last.seconds if last.end else None,
        "total_seconds": round(sum(attempt.seconds for attempt in attempts), 6),
        "host": last.host or None,
    }


def _times_of_folds(snapshot: Snapshot, slot: Slot, stage: Stage) -> dict[str, Any]:
    """All folds together: from the first start to the last end; the host is that of the last."""
    records = [since_retry(read_attempts(snapshot.path / fold.path)) for fold in slot.trained(stage.parts)]
    last = [record[-1] for record in records if record]
    ended = len(last) == len(records) and all(attempt.end for attempt in last)
    return {
        "attempts": sum(map(len, records)),
        "start": min((record[0].start for record in records if record), default=None),
        "end": max(attempt.end for attempt in last) if ended else None,
        "seconds": round(sum(attempt.seconds for attempt in last), 6) if ended else None,
        "total_seconds": round(sum(a.seconds for record in records for a in record), 6) if last else None,
        "host": last[-1].host or None if last else None,
    }


def parameter_names(rows: Iterable[Row]) -> list[str]:
    """Names of all parameters, in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row.parameters))


def row_dict(row: Row, names: Iterable[str]) -> dict[str, Value]:
    """A row as a flat table has it: `COLUMNS`, then a column ``param.NAME`` for each of ``names``."""
    return {name: getattr(row, name) for name in COLUMNS} | {PREFIX + n: row.parameters.get(n) for n in names}
