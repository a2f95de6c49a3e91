"""One configuration, and the best ones: a `Snapshot` and its rows as text for people."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from ..core.disk.files import find_entries
from ..core.halving.ranking import order_across
from ..core.plan import number_text, short_number
from ..core.training.logs import log_ends
from ..core.tree.apart import fold_directories
from ..core.tree.folds import fold_of
from ..core.tree.layout import Slot
from ..core.tree.record import Attempt, read_attempts
from ..errors import UsageError
from ..snapshot.original import read_source
from ..snapshot.rows import Row, varying_names
from ..snapshot.scan import Snapshot
from ..space.values import Value, parameters_text
from .fitting import cut
from .words import result_text

EDITED = " (edited after it was drawn)"


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
    known = {training for own, stage, *_ in snapshot.slots() for training in (own, *own.runs(stage.fold_names))}
    if slot not in known:
        raise UsageError(f"{snapshot.path} has no {slot}; plan.json lists its configurations.")
    return slot


def show_text(snapshot: Snapshot, rows: Sequence[Row], slot: Slot) -> str:
    """A configuration's text, its history in the stages, its attempts, the end of its log, its files.

    For a fold that is a separate training run, attempts, log and files are only those of the fold.
    """
    row = next(row for row in rows if row.slot == slot.configuration)
    directory = snapshot.path / slot.path
    trained = [slot] if slot.fold else list(slot.runs(folds_of(directory)))
    attempts = [line for training in trained for line in _attempts(snapshot, training)]
    if not attempts and (source := read_source(directory)) is not None:
        attempts = [f"  none here; its result was adopted from {source}"]
    bad = fold_of(row.reason or "")[0]
    logged = next((one for one in trained if one.fold == bad), trained[-1])
    parts = [
        f"{slot.configuration} - {_state(row)}",
        *["", f"Configuration{EDITED}:" if row.edited else "Configuration:", *_indented(row.text or "(not known)")],
        *["", "History:", *_life(snapshot, rows, row)],
        *["", f"Attempts of fold {slot.fold}:" if slot.fold else "Attempts:", *attempts],
        *["", *_log_ends(snapshot.path, logged)],
        *["", "Files:", *_files(directory)],
    ]
    return "\n".join(line.rstrip() for line in parts)


def _life(snapshot: Snapshot, rows: Sequence[Row], row: Row) -> list[str]:
    """All stages of a configuration and its place in each; the stage of ``row`` is marked."""
    life = [other for other in rows if other.root == row.root] if row.root else [row]
    sizes = {(b.bracket.index, v.stage.index): len(v.top) for b in snapshot.brackets for v in b.stages}
    width = max(len(_state(other)) for other in life)
    lines = []
    for other in life:
        mark = ">" if other is row else " "
        line = f"  {mark} {other.path:<32} budget {number_text(other.budget):>8}  {_state(other):<{width}}"
        place = f"  place {other.rank} of {sizes[other.bracket, other.stage]}" if other.rank else ""
        lines.append(line + place)
    return lines


def _attempts(snapshot: Snapshot, training: Slot) -> list[str]:
    fold = f"fold {training.fold:<6} " if training.fold else ""
    return [f"  {fold}{_attempt(one)}" for one in read_attempts(snapshot.path / training.path)]


def folds_of(directory: Path) -> tuple[str, ...]:
    """Folds on disk that are separate training runs."""
    names = (path.name for path in fold_directories(directory))
    return tuple(sorted((name.removeprefix("fold-") for name in names), key=lambda n: tuple(map(int, n.split("-")))))


def _state(row: Row) -> str:
    if row.result is not None:
        around = "" if row.spread is None else f" +- {row.spread:.3g}"
        return f"completed: {result_text(row.result)}{around}"
    return f"{row.status}: {row.reason}" if row.reason else row.status


def _attempt(one: Attempt) -> str:
    if one.retry:
        return f"{one.retry} another chance (hyband retry)"
    status = "" if one.exit is None else f", exit status {one.exit}"
    end = f"{one.seconds:.1f} s{status}" if one.end else "no end recorded"
    return f"{one.attempt}. {one.start} on {one.host or '?'}: {end}{f', {one.reason}' if one.reason else ''}"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.rstrip().splitlines()]


def _log_ends(search: Path, training: Slot) -> Iterator[str]:
    """The end of the newest log, preceded by those of earlier attempts that end in other words."""
    logs = log_ends(search / training.path)
    if not logs:
        yield "No log."
    within = f"fold-{training.fold}/" if training.fold else ""
    for place, log in enumerate(logs):
        yield from [""] * (place > 0)
        yield f"End of {within}{log.title}:" if log.lines else f"{within}{log.title} is empty."
        yield from (f"  {line}" for line in log.lines)


def _files(directory: Path) -> Iterator[str]:
    try:
        entries = find_entries(directory)
    except OSError:
        entries = {}
    for name in sorted(entries):
        yield f"  {directory / name}{'/' if entries[name] else ''}"


def top_rows(rows: Sequence[Row], number: int, stage: int | None = None, *, maximize: bool = False) -> list[Row]:
    """The best configurations, in the stage with this number or in all; as for the best, larger budgets come first.

    Each is listed once, with its best training run.
    """
    by_slot = {row.slot: row for row in rows if stage is None or row.stage == stage}
    ranked = order_across((row.entry for row in by_slot.values()), maximize=maximize)
    first: dict[str, Row] = {}
    for _, slot, _ in ranked:
        first.setdefault(by_slot[slot].root or by_slot[slot].path, by_slot[slot])
    return list(first.values())[:number]


def top_text(
    rows: Sequence[Row], number: int, stage: int | None = None, *, maximize: bool = False, width: int | None = None
) -> str:
    """Table of the best configurations, one per line, cut to the ``width`` of the terminal if there is one.

    Equal budgets and results share a place; parameters that are the same in all configurations are left out.
    """
    best = top_rows(rows, number, stage, maximize=maximize)
    if not best:
        return "No configuration has a result yet." if stage is None else f"Stage {stage} has no result yet."
    keys, names = [(row.budget, row.result) for row in best], varying_names(rows)
    table = [("", "result", "budget", "configuration", f"parameters ({'higher' if maximize else 'lower'} is better)")]
    table += [
        (
            f"{keys.index(key) + 1}.",
            result_text(row.result) + ("" if row.spread is None else f" +- {row.spread:.3g}"),
            short_number(Fraction(row.budget)),
            row.path,
            parameters_text(_varying(row, names)) + (EDITED if row.edited else ""),
        )
        for key, row in zip(keys, best, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = (
        f"{place:>{widths[0]}}  {result:>{widths[1]}}  {budget:>{widths[2]}}  {path:<{widths[3]}}  {parameters}"
        for place, result, budget, path, parameters in table
    )
    return "\n".join(line if width is None else cut(line, width) for line in lines)


def _varying(row: Row, names: Collection[str]) -> Mapping[str, Value]:
    return {name: value for name, value in row.parameters.items() if name in names}
