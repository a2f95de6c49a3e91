"""A `Snapshot` and the records of its training runs as rows, for tables and pages."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..core.plan import Stage, json_number
from ..core.tree.folds import read_folds, spread
from ..core.tree.layout import Slot
from ..core.tree.outcome import PENDING, Outcome, Status
from ..core.tree.record import Attempt, is_held, read_attempts, since_retry
from ..space.values import Value, value_text
from .scan import Snapshot
from .trained import Trained, read_trained

PREFIX, NONE = "param.", "none."
BESIDE = ("parameters", "runs", "text", "unclear", "search")  # fields of a row that are not columns


@dataclass(frozen=True)
class Run:
    """One start of run.sh, with ``start`` and ``end`` from its record; the end is None while it runs.

    ``fold`` is "REPETITION-FOLD" if each fold is a separate training run, otherwise empty.
    """

    start: str
    end: str | None
    seconds: float
    host: str
    good: bool
    fold: str = ""


@dataclass(frozen=True)
class Row:
    """One training run. The order and names of its columns must not change; docs/columns.md describes them.

    ``parameters`` has values as drawn: a list is a list, and None is a value. A parameter that the configuration does
    not have is missing. ``text`` is the configuration itself, ``unclear`` are names that have several values in it.
    """

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
    edited: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    text: str = ""
    unclear: tuple[str, ...] = ()
    search: Path = Path()

    @property
    def slot(self) -> Slot:
        """Where it is in the search."""
        return Slot(self.bracket, self.stage, self.config)

    @property
    def directory(self) -> Path:
        """Where its files are, as a path that works from anywhere."""
        return self.search / self.path

    @property
    def entry(self) -> tuple[Fraction, Slot, Outcome]:
        """The key for ranking it: (budget, slot, outcome)."""
        return Fraction(self.budget), self.slot, Outcome(Status(self.status), self.result)


COLUMNS = tuple(column.name for column in fields(Row) if column.name not in BESIDE)


def make_rows(snapshot: Snapshot) -> tuple[Row, ...]:
    """One row for each slot of a search, in numerical order."""
    origins = {slot: origin for slot, _, _, origin in snapshot.slots() if origin}
    targets = {origin: slot for slot, origin in origins.items()}
    ranks = {
        Slot(view.bracket_index, view.stage.index, c): place
        for bracket in snapshot.brackets
        for view in bracket.stages
        for place, c in enumerate(view.top, 1)
    }
    stages = {slot: stage for slot, stage, _, _ in snapshot.slots()}
    lines = {slot: _line(slot, origins) for slot in stages}
    trained = read_trained(snapshot, dict.fromkeys(_born(line) for line in lines.values()))
    here = snapshot.path.absolute()
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
            spread=spread(read_folds(snapshot.path / slot.path)) if stage.fold_names else None,
            rank=ranks.get(slot),
            promoted_to=str(targets[slot]) if slot in targets else None,
            reason=outcome.reason or None,
            search=here,
            **_lineage(lines[slot], stages, trained.get(_born(lines[slot]), Trained())),
            **_times(snapshot, slot, stage, outcome),
        )
        for slot, stage, outcome, _ in snapshot.slots()
    )


def _line(slot: Slot, origins: Mapping[Slot, Slot]) -> list[Slot]:
    """A slot and the earlier slots of its configuration, as far back as they are known."""
    line = [slot]
    while line[-1] in origins:
        line.append(origins[line[-1]])
    return line


def _born(line: list[Slot]) -> Slot:
    """The slot in stage 0 that the configuration of this line comes from."""
    return line[-1] if line[-1].stage == 0 else line[0]


def _lineage(line: list[Slot], stages: Mapping[Slot, Stage], trained: Trained) -> dict[str, Any]:
    """Where a configuration comes from, and what it contains."""
    return {
        "origin": str(line[1]) if len(line) > 1 else None,
        "root": str(line[-1]) if line[-1].stage == 0 else None,
        "cumulated_budget": json_number(sum((stages[one].spends for one in line), Fraction(0))),
        "parameters": trained.parameters,
        "edited": trained.edited,
        "text": trained.text,
        "unclear": trained.unclear,
    }


def _times(snapshot: Snapshot, slot: Slot, stage: Stage, outcome: Outcome) -> dict[str, Any]:
    if outcome == PENDING and not stage.fold_names:
        return _NO_TIMES
    records = {one: since_retry(read_attempts(snapshot.path / one.path)) for one in slot.runs(stage.fold_names)}
    runs = [run for one, record in records.items() for run in _runs(snapshot, one, record, outcome)]
    times = _times_of_folds(list(records.values())) if stage.fold_names else _times_of(records[slot])
    return {**times, "runs": tuple(runs)}


_NO_TIMES = {"attempts": 0, "start": None, "end": None, "seconds": None, "total_seconds": None, "host": None}


def _runs(snapshot: Snapshot, training: Slot, record: list[Attempt], outcome: Outcome) -> Iterator[Run]:
    """The attempts that have ended, and the running one; not interrupted ones, whose end is unknown."""
    for attempt in record:
        last = attempt is record[-1]
        if attempt.start and (attempt.end or (last and _is_running(snapshot, training, outcome))):
            yield Run(
                attempt.start, attempt.end or None, attempt.seconds, attempt.host or "?", attempt.good, training.fold
            )


def _is_running(snapshot: Snapshot, training: Slot, outcome: Outcome) -> bool:
    """Whether an unfinished training run is running; its configuration may be running only because of another fold."""
    if outcome.status is not Status.RUNNING or not training.fold:
        return outcome.status is Status.RUNNING
    job = snapshot.jobs.get(training)
    return (job is not None and job.elapsed is not None) or is_held(snapshot.path / training.path)


def _times_of(attempts: list[Attempt]) -> dict[str, Any]:
    if not attempts:
        return _NO_TIMES
    last = attempts[-1]
    return {
        "attempts": len(attempts),
        "start": last.start or None,
        "end": last.end or None,
        "seconds": last.seconds if last.end else None,
        "total_seconds": round(sum(attempt.seconds for attempt in attempts), 6),
        "host": last.host or None,
    }


def _times_of_folds(records: list[list[Attempt]]) -> dict[str, Any]:
    """All folds together, from the first start to the last end; the host is the last one's."""
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


def varying_names(rows: Iterable[Row]) -> set[str]:
    """Names of parameters that are not the same in all configurations; all names if none differs."""
    born = [row.parameters for row in rows if row.stage == 0]
    seen: dict[str, set[str]] = {}
    for parameters in born:
        for name, value in parameters.items():
            seen.setdefault(name, set()).add(value_text(value))
    count = Counter(name for parameters in born for name in parameters)
    return {name for name, texts in seen.items() if len(texts) > 1 or count[name] < len(born)} or set(seen)


def unclear_names(rows: Iterable[Row]) -> list[str]:
    """Names that are left out because they have several values in one configuration."""
    return list(dict.fromkeys(name for row in rows for name in row.unclear))
