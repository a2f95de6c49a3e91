"""The content of each configuration's panel in the page: text, attempts, ends of logs, files; packed to save space."""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.disk.files import find_entries
from ...core.plan import Stage
from ...core.training.logs import log_ends
from ...core.tree.configurations import find_drawn
from ...core.tree.layout import Slot
from ...core.tree.outcome import Status
from ...core.tree.record import Attempt, read_attempts
from ...snapshot.rows import Row
from ...snapshot.scan import Snapshot
from ...views.failures import failures_of
from ...views.show import top_rows

ALL_LOGS = 1500  # up to this many training runs, all logs are in the page
SOME_LOGS = 20  # in a larger search: logs for each group of failures, and for the best
LONGEST_TEXT, ALL_TEXTS = 20_000, 40_000_000  # characters: one configuration, all together
MOST_FILES = 60
MOST_BYTES = 8_000_000  # everything, packed


def panels_of(snapshot: Snapshot, rows: Sequence[Row], most: int = MOST_BYTES) -> str:
    """The content of all panels, by path, as base64 of a deflated JSON text of at most ``most`` bytes.

    If it is larger, logs are left out, then file lists, then texts.
    """
    texts, slots = _texts(snapshot, rows), _slots(snapshot, rows)
    for left_out in ((), ("logs",), ("logs", "files"), ("logs", "files", "texts")):
        kept = {path: {k: v for k, v in slot.items() if k not in left_out} for path, slot in slots.items()}
        panels = {"texts": {} if "texts" in left_out else texts, "slots": kept, "left_out": left_out}
        if len(packed := _packed(panels | {"all_logs": len(rows) <= ALL_LOGS})) <= most:
            break
    return packed


def _packed(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(errors="replace"), 6)).decode("ascii")


def _texts(snapshot: Snapshot, rows: Sequence[Row]) -> dict[str, str]:
    """Texts of the configurations by their path in stage 0, or their first known path."""
    own = [row for row in rows if row.stage == 0 or row.root is None]
    longest = min(LONGEST_TEXT, ALL_TEXTS // max(1, len(own)))
    drawn = ((row.path, find_drawn(row.slot, snapshot.path)) for row in own)
    return {path: _cut(one.text, longest) for path, one in drawn if one is not None}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}\n... ({len(text) - longest:,} more characters)"


def _slots(snapshot: Snapshot, rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    stages = {slot: stage for slot, stage, _, _ in snapshot.slots()}
    logged = _logged(snapshot, rows)
    return {
        row.path: _slot(snapshot, row, stages[row.slot], logs=row.path in logged)
        for row in rows
        if row.attempts or row.status != Status.PENDING
    }


def _logged(snapshot: Snapshot, rows: Sequence[Row]) -> set[str]:
    """The training runs whose ends of logs are in the page."""
    if len(rows) <= ALL_LOGS:
        return {row.path for row in rows}
    best = top_rows(rows, SOME_LOGS, maximize=snapshot.plan.settings.maximize)
    lives = {row.root for row in best[:1]} - {None}
    failed = (row for group in failures_of(snapshot, rows) for row in group.rows[:SOME_LOGS])
    return {row.path for row in (*best, *failed, *(row for row in rows if row.root in lives))}


def _slot(snapshot: Snapshot, row: Row, stage: Stage, *, logs: bool) -> dict[str, Any]:
    trained = row.slot.runs(stage.fold_names)
    found: dict[str, Any] = {
        "attempts": [_attempt(one, run) for run in trained for one in read_attempts(snapshot.path / run.path)],
        "files": list(_files(snapshot.path / row.path)),
    }
    if logs:
        found["logs"] = list(_logs(snapshot.path, trained))
    return found


def _attempt(one: Attempt, run: Slot) -> dict[str, Any]:
    """One line of the record without empty fields."""
    fold: Mapping[str, Any] = {"fold": run.fold} if run.fold else {}
    if one.retry:
        return {"retry": one.retry, **fold}
    said = {"start": one.start, "end": one.end, "host": one.host, "reason": one.reason, "job": one.job}
    more: dict[str, Any] = {"exit": one.exit} if one.exit is not None else {}
    return {"attempt": one.attempt, **fold, **{k: v for k, v in said.items() if v}, **more} | (
        {"seconds": one.seconds} if one.end else {}
    )


def _logs(search: Path, trained: Iterable[Slot]) -> Iterable[dict[str, Any]]:
    for run in trained:
        for end in log_ends(search / run.path):
            fold = f"fold-{run.fold}/" if run.fold else ""
            yield {"title": fold + end.title, "lines": end.lines}


def _files(directory: Path) -> Iterable[str]:
    try:
        names = sorted(name + "/" * is_dir for name, is_dir in find_entries(directory).items())
    except OSError:
        names = []
    yield from names[:MOST_FILES]
    if len(names) > MOST_FILES:
        yield f"... and {len(names) - MOST_FILES} more"
