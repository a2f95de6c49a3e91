"""What is compared: whole searches, or the parts of one with extensions or several samplers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...core.tree.planfile import read_plan_data
from ...errors import UsageError
from ...snapshot.rows import Row, make_rows
from ...snapshot.scan import Snapshot, scan
from ..iterations import samplers_of

RANDOM = "random"
ORIGINAL = "original"  # name of a search before its extensions


@dataclass(frozen=True)
class Part:
    """A search, or some of its brackets; ``note`` says what a reader must know about it."""

    name: str
    snapshot: Snapshot
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def maximize(self) -> bool:
        """Whether higher is better."""
        return self.snapshot.plan.settings.maximize

    @cached_property
    def done(self) -> tuple[Row, ...]:
        """The training runs that have a result."""
        return tuple(row for row in self.rows if row.result is not None)

    @cached_property
    def samplers(self) -> tuple[str, ...]:
        """The samplers that chose its configurations."""
        models = samplers_of(self.snapshot)
        first = str(read_plan_data(self.snapshot.path).get("sampler") or RANDOM)
        return tuple(dict.fromkeys(models.get(row.bracket, first if not models else RANDOM) for row in self.rows))


def parts_of(paths: Sequence[Path]) -> list[Part]:
    """Read what to compare: several searches, or the parts of a single one by extensions, else by samplers.

    Raises:
        UsageError: the searches have no common direction, or there is nothing to compare.
        NotASearch: there is none at one of the paths.
    """
    resolved = [path.resolve() for path in paths]
    if len(set(resolved)) < len(resolved):
        raise UsageError("The same search is named twice; expected different ones, or one alone to compare its parts.")
    snapshots = [scan(path) for path in paths]
    _check_direction(snapshots)
    if len(snapshots) == 1:
        return _of_one(snapshots[0])
    names = [path.name for path in resolved]
    whole = [name if names.count(name) == 1 else str(path) for name, path in zip(names, paths, strict=True)]
    return [Part(name, snapshot, make_rows(snapshot)) for name, snapshot in zip(whole, snapshots, strict=True)]


def _check_direction(snapshots: Sequence[Snapshot]) -> None:
    higher = [str(one.path) for one in snapshots if one.plan.settings.maximize]
    lower = [str(one.path) for one in snapshots if not one.plan.settings.maximize]
    if higher and lower:
        raise UsageError(
            f"{', '.join(lower)}: lower is better; {', '.join(higher)}: higher is better (--maximize). Expected "
            "searches of one direction: their results mean different things, so nothing is compared."
        )


def _of_one(snapshot: Snapshot) -> list[Part]:
    """The parts of one search: the original and each extension, or what each sampler proposed."""
    rows = make_rows(snapshot)
    found = _extensions(snapshot, rows) or _samplers(snapshot, rows)
    if len(found) < 2:  # noqa: PLR2004
        raise UsageError(
            f"{snapshot.path} was not extended and has one sampler, so it has no parts to compare. "
            "Name another search to compare it with."
        )
    return found


def _extensions(snapshot: Snapshot, rows: Sequence[Row]) -> list[Part]:
    extensions = read_plan_data(snapshot.path).get("extensions")
    if not isinstance(extensions, list) or not all(isinstance(one, dict) for one in extensions):
        return []
    part_of: dict[tuple[int, int | None], int] = {}  # (bracket, stage; None: whole bracket) -> number of the extension
    titles = [ORIGINAL]
    for number, one in enumerate(extensions, 1):
        titles.append(f"extension {number}")
        part_of |= {(bracket, None): number for bracket in one.get("brackets", [])}
        part_of |= {(grown["bracket"], len(grown["stages"])): number for grown in one.get("grown", [])}

    def number_of(row: Row) -> int:
        grown = [part_of[row.bracket, s] for s in range(row.stage + 1) if (row.bracket, s) in part_of]
        return max([part_of.get((row.bracket, None), 0), *grown])

    found = []
    for number, title in enumerate(titles):
        own = tuple(row for row in rows if number_of(row) == number)
        command = " ".join(extensions[number - 1].get("command", [])[:1]) if number else ""
        note = f"added by hyband {command}" if command else ""
        found += [Part(title, snapshot, own, note)] if own else []
    return found


def _samplers(snapshot: Snapshot, rows: Sequence[Row]) -> list[Part]:
    models = samplers_of(snapshot)
    names = list(dict.fromkeys(models.get(row.bracket, RANDOM) for row in rows))
    learned = "its model has learned from the other brackets"
    return [
        Part(
            name,
            snapshot,
            tuple(row for row in rows if models.get(row.bracket, RANDOM) == name),
            "" if name == RANDOM else learned,
        )
        for name in names
    ]
