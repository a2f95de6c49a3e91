"""One configuration, the best ones, the failed ones: a `Snapshot` and its rows as text for people."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .core import layout
from .core.files import read
from .core.layout import Slot
from .core.outcome import Status
from .core.plan import number_text
from .core.ranking import order_across
from .core.record import Attempt, read_attempts
from .errors import UsageError
from .rows import Row
from .scan import Snapshot

LOG_LINES, LONGEST_LINE = 10, 160
PLACES = 5


def find_slot(snapshot: Snapshot, name: str) -> Slot:
    """Read the name of a slot, or ``best``.

    Raises:
        UsageError: the search has no such slot, or no best one yet.
    """
    if name == "best":
        if snapshot.best is None:
            raise UsageError(f"{snapshot.path} has no best configuration: nothing has a result yet.")
        return snapshot.best[1]
    try:
        slot = Slot.parse(name)
    except ValueError as error:
        raise UsageError(f"{error}, nor best.") from None
    if slot not in {known for known, *_ in snapshot.slots()}:
        raise UsageError(f"{snapshot.path} has no {slot}; plan.json says what it has.")
    return slot


def show_text(snapshot: Snapshot, rows: Sequence[Row], slot: Slot) -> str:
    """A configuration's text, its life through the stages, its attempts, the end of its log, its files."""
    row = next(row for row in rows if row.slot == slot)
    life = [other for other in rows if other.root == row.root] if row.root else [row]
    directory = snapshot.path / slot.path
    text = read(snapshot.path / (row.root or row.path) / layout.CONFIG)
    parts = [f"{slot} - {_state(row)}", "", "Configuration:", *_indented(text or "(no file config)"), "", "Life:"]
    sizes = {(b.bracket.index, v.stage.index): len(v.top) for b in snapshot.brackets for v in b.stages}
    parts += [
        f"  {'>' if other is row else ' '} {other.path:<32} budget {number_text(other.budget):>8}  {_state(other):<24}"
        + (f"  place {other.rank} of {sizes[other.bracket, other.stage]}" if other.rank else "")
        for other in life
    ]
    newest = directory
    for training in slot.trained(folds_of(directory)):
        newest = snapshot.path / training.path
        attempts = [_attempt(a) for a in read_attempts(newest)]
        parts += ["", f"Attempts{f' of fold {training.fold}' if training.fold else ''}:", *attempts]
    parts += ["", *_log_end(newest), "", "Files:", *_files(directory)]
    return "\n".join(line.rstrip() for line in parts)


def folds_of(directory: Path) -> tuple[str, ...]:
    """Folds that are trainings of their own, as they are on disk."""
    names = (path.name for path in directory.glob("fold-*") if layout.FOLD.fullmatch(path.name))
    return tuple(sorted((name.removeprefix("fold-") for name in names), key=lambda n: tuple(map(int, n.split("-")))))


def _state(row: Row) -> str:
    if row.result is not None:
        around = "" if row.spread is None else f" +- {row.spread:.3g}"
        return f"completed: {row.result:.6g}{around}"
    return f"{row.status}: {row.reason}" if row.reason else row.status


def _attempt(one: Attempt) -> str:
    if one.retry:
        return f"  {one.retry} another chance (hyband retry)"
    end = f"{one.seconds:.1f} s, exit status {one.exit}" if one.end else "no end recorded"
    return f"  {one.attempt}. {one.start} on {one.host or '?'}: {end}{f', {one.reason}' if one.reason else ''}"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.rstrip().splitlines()]


def log_end(directory: Path, lines: int = LOG_LINES) -> tuple[str, list[str]]:
    """Name and last lines of the newest log of a configuration; an empty name if it has none."""
    numbers = [attempt.attempt for attempt in read_attempts(directory) if not attempt.retry]
    name = layout.LOG.format(numbers[-1]) if numbers else ""
    try:
        with (directory / name).open("rb") as file:
            file.seek(-min(file.seek(0, 2), 16384), 2)
            tail = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return "", []
    return name, [line[:LONGEST_LINE] for line in tail[-lines:]]


def _log_end(directory: Path) -> Iterator[str]:
    name, lines = log_end(directory)
    yield f"End of {name}:" if name else "No log."
    yield from (f"  {line}" for line in lines)


def _files(directory: Path) -> Iterator[str]:
    try:
        entries = sorted(directory.iterdir())
    except OSError:
        entries = []
    for path in entries:
        yield f"  {path}{'/' if path.is_dir() else ''}"


def top_rows(rows: Sequence[Row], number: int, stage: int | None = None, *, maximize: bool = False) -> list[Row]:
    """The best trainings: of one stage number, or of all; larger budgets come before smaller ones, as for the best."""
    by_slot = {row.slot: row for row in rows if stage is None or row.stage == stage}
    ranked = order_across((row.entry for row in by_slot.values()), maximize=maximize)
    return [by_slot[slot] for _, slot, _ in ranked[:number]]


def top_text(rows: Sequence[Row], number: int, stage: int | None = None, *, maximize: bool = False) -> str:
    """Table of the best trainings."""
    best = top_rows(rows, number, stage, maximize=maximize)
    if not best:
        return "No configuration has a result yet." if stage is None else f"Stage {stage} has no result yet."
    lines = [
        f"{place:>3}. {row.result:>12.6g}  budget {number_text(row.budget):>8}  {row.path:<32} {_parameters(row)}"
        for place, row in enumerate(best, 1)
    ]
    return "\n".join(lines)


def _parameters(row: Row) -> str:
    return " ".join(
        f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in row.parameters.items()
    )


def failures_text(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """Failed trainings by reason, the most frequent first, with the end of one log each."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.status == Status.FAILED:
            groups.setdefault(row.reason or "no reason recorded", []).append(row)
    if not groups:
        return "No training has failed."
    return "\n\n".join(
        "\n".join(_group(snapshot, reason, members))
        for reason, members in sorted(groups.items(), key=lambda item: -len(item[1]))
    )


def _group(snapshot: Snapshot, reason: str, members: list[Row]) -> Iterator[str]:
    yield f"{len(members)} failed - {reason}"
    for row in members[:PLACES]:
        yield f"  {snapshot.path / row.path}"
    if len(members) > PLACES:
        yield f"  ... and {len(members) - PLACES} more"
    name, lines = log_end(snapshot.path / members[0].path)
    if lines:
        yield f"  End of {members[0].path}/{name}:"
        yield from (f"    {line}" for line in lines)
