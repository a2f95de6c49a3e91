"""Rows as files for other programs: CSV, JSON, JSON lines, Parquet."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.disk.files import read, write, write_bytes
from ..core.tree import layout
from ..errors import HybandError, UsageError
from ..extras import require
from ..snapshot.rows import COLUMNS, PREFIX, Row, parameter_names, row_dict
from ..snapshot.scan import Snapshot
from ..space.parameters import Value

FORMATS = (".csv", ".json", ".jsonl", ".parquet")
_TYPES: dict[str, type] = {
    **dict.fromkeys(("bracket", "stage", "config", "rank", "attempts"), int),
    **dict.fromkeys(
        ("budget", "added_budget", "cumulated_budget", "result", "seconds", "total_seconds", "spread"), float
    ),
}


def table(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Columns of one type each: name -> values, None where there is none.

    A parameter that is sometimes whole and sometimes not is a float, one of different kinds is text.
    """
    names = parameter_names(rows)
    dicts = [row_dict(row, names) for row in rows]
    return {name: _column(name, [d[name] for d in dicts]) for name in dicts[0]} if dicts else {c: [] for c in COLUMNS}


def _column(name: str, values: list[Value]) -> list[Any]:
    kinds = {type(value) for value in values if value is not None}
    kind: Any = _common(kinds) if name.startswith(PREFIX) else _TYPES.get(name, str)
    return [value if value is None or type(value) is kind else kind(value) for value in values]


def _common(kinds: set[type]) -> type:
    if len(kinds) == 1:
        return next(iter(kinds))
    return float if kinds == {int, float} else str


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows in the format that the name's end says.

    Raises:
        UsageError: the end is none of `FORMATS`.
        HybandError: Parquet is wanted, but pyarrow is not installed.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _write_parquet(rows, path)
    elif suffix in FORMATS:
        write(path, {".csv": csv_text, ".json": json_text, ".jsonl": jsonl_text}[suffix](rows))
    else:
        raise UsageError(f"--output is {path}; expected a name that ends in {', '.join(FORMATS)}.")


def csv_text(rows: Sequence[Row]) -> str:
    """Comma separated, a line of names first; empty where there is no value."""
    columns = table(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _dicts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    columns = table(rows)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def json_text(rows: Sequence[Row]) -> str:
    """One list of objects."""
    return json.dumps(_dicts(rows), indent=1, ensure_ascii=False) + "\n"


def jsonl_text(rows: Sequence[Row]) -> str:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _dicts(rows))


def _write_parquet(rows: Sequence[Row], path: Path) -> None:
    pa, parquet = require("pyarrow", "parquet"), require("pyarrow.parquet", "parquet")
    kinds = {int: pa.int64(), float: pa.float64(), str: pa.string(), bool: pa.bool_()}
    arrays = {}
    for name, values in table(rows).items():
        kind = next((type(value) for value in values if value is not None), _TYPES.get(name, str))
        arrays[name] = pa.array(values, kinds[kind])
    sink = io.BytesIO()
    parquet.write_table(pa.table(arrays), sink)
    write_bytes(path, sink.getvalue())


def best_config(snapshot: Snapshot) -> str:
    """Text of the best configuration so far.

    Raises:
        HybandError: nothing has a result yet.
    """
    if snapshot.best is None:
        raise HybandError(f"{snapshot.path}: no configuration has a result yet. See: hyband status {snapshot.path}")
    path = snapshot.path / snapshot.best[1].path / layout.CONFIG
    text = read(path)
    if text is None:
        raise HybandError(f"{path} cannot be read. See: hyband check {snapshot.path} --fix")
    return text
