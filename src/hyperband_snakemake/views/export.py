"""Rows as files for other programs: CSV, JSON, JSON lines, Parquet."""

import io
import json
import re
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from ..core.disk.files import write, write_bytes
from ..core.tree import layout
from ..core.tree.configurations import find_drawn
from ..errors import HybandError, UsageError
from ..extras import require
from ..snapshot.rows import COLUMNS, NONE, PREFIX, Row, parameter_names, unclear_names
from ..snapshot.scan import Snapshot
from ..space.formats import quoted
from ..space.values import Value, of_one_type, value_text

_LIKE_A_NUMBER = re.compile(r"[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?")
_ABSENT: Any = object()  # marks a parameter that a configuration does not have
FORMATS = (".csv", ".json", ".jsonl", ".parquet")
_TYPES: dict[str, type] = {
    "edited": bool,
    **dict.fromkeys(("bracket", "stage", "config", "rank", "attempts"), int),
    **dict.fromkeys(
        ("budget", "added_budget", "cumulated_budget", "result", "seconds", "total_seconds", "spread"), float
    ),
}


def table(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Columns with one type each: name -> values, with None for missing and for None values.

    A parameter with both integers and other numbers is a float; lists and mixed types are text. For each parameter that
    is None somewhere, a column ``none.NAME`` says where.
    """
    columns = {name: of_one_type(values) for name, values in _parameters(rows, absent=None).items()}
    return {name: _column(name, rows) for name in COLUMNS} | columns | _nones(rows)


def objects(rows: Sequence[Row], absent: Any) -> dict[str, list[Any]]:
    """The same columns, but parameters with lists or mixed types are not converted to text.

    ``absent`` stands for a parameter that a configuration does not have.
    """
    columns = table(rows)
    own = _parameters(rows, absent)
    return columns | {name: values for name, values in own.items() if _was_changed(columns[name], values)}


def _was_changed(column: list[Any], values: list[Any]) -> bool:
    """Whether values had to be converted to text for a column."""
    return any(isinstance(one, str) and not isinstance(value, str) for one, value in zip(column, values, strict=True))


def _column(name: str, rows: Sequence[Row]) -> list[Any]:
    kind = _TYPES.get(name, str)
    values = [getattr(row, name) for row in rows]
    return [value if value is None or type(value) is kind else kind(value) for value in values]


def _parameters(rows: Sequence[Row], absent: Any) -> dict[str, list[Any]]:
    return {PREFIX + name: [row.parameters.get(name, absent) for row in rows] for name in parameter_names(rows)}


def _nones(rows: Sequence[Row]) -> dict[str, list[Any]]:
    found = {name: None for row in rows for name, value in row.parameters.items() if value is None}
    names = [name for name in parameter_names(rows) if name in found]
    return {NONE + name: [name in row.parameters and row.parameters[name] is None for row in rows] for name in names}


def left_out_text(rows: Sequence[Row]) -> str:
    """Say which parameters are left out because their values are unclear; empty if there are none."""
    names = unclear_names(rows)
    if not names:
        return ""
    return f"Left out, since a configuration gives them several values: {', '.join(map(value_text, names))}."


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows in the format given by the file name's ending.

    Raises:
        UsageError: the ending is not one of `FORMATS`.
        HybandError: Parquet is requested, but pyarrow is not installed.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _write_parquet(rows, path)
    elif suffix in FORMATS:
        write(path, {".csv": csv_text, ".json": json_text, ".jsonl": jsonl_text}[suffix](rows))
    else:
        raise UsageError(f"--output is {path}; expected a name that ends in {', '.join(FORMATS)}.")


def csv_text(rows: Sequence[Row]) -> str:
    """Comma-separated values below a line of names; a missing value is empty, and None is ``null``."""
    columns = table(rows)
    names = [name for name in columns if not name.startswith(NONE)]
    for name, values in _parameters(rows, absent=_ABSENT).items():
        as_they_are = not _was_changed(columns[name], values)
        columns[name] = [
            "" if value is _ABSENT else _parameter_cell(shown, as_they_are=as_they_are)
            for shown, value in zip(columns[name], values, strict=True)
        ]
    lines = zip(*(map(_cell, columns[name]) if name in COLUMNS else columns[name] for name in names), strict=True)
    return "".join(",".join(line) + "\n" for line in [map(_cell, names), *lines])


def _parameter_cell(value: Value, *, as_they_are: bool) -> str:
    """A parameter's cell; a text that looks like a number is quoted, as far as CSV can express that."""
    if not isinstance(value, str):
        return value_text(value)
    meant_otherwise = value in {"", "null"} or value.startswith('"')
    text = quoted(value) if as_they_are and meant_otherwise else value
    return _in_quotes(text) if _LIKE_A_NUMBER.fullmatch(text) or text in {"true", "false"} else _cell(text)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, str):
        text = "" if value is None else value
        return _in_quotes(text) if any(c in text for c in ',"\r\n') else text
    return value_text(value)


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _dicts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as objects, without entries for parameters that a configuration does not have."""
    columns = {name: values for name, values in table(rows).items() if name in COLUMNS}
    return [
        {name: values[number] for name, values in columns.items()}
        | {PREFIX + name: _for_json(value) for name, value in row.parameters.items()}
        for number, row in enumerate(rows)
    ]


def _for_json(value: Any) -> Any:
    """A valid JSON value; infinity and NaN become texts."""
    if isinstance(value, float) and not isfinite(value):
        return value_text(value)
    if isinstance(value, list):
        return list(map(_for_json, value))
    return {key: _for_json(item) for key, item in value.items()} if isinstance(value, dict) else value


def json_text(rows: Sequence[Row]) -> str:
    """One list of objects."""
    return json.dumps(_dicts(rows), indent=1, ensure_ascii=False) + "\n"


def jsonl_text(rows: Sequence[Row]) -> str:
    """One object per line."""
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
        HybandError: there is no result yet.
    """
    if snapshot.best is None:
        raise HybandError(f"{snapshot.path}: no configuration has a result yet. See: hyband status {snapshot.path}")
    drawn = find_drawn(snapshot.best[1], snapshot.path)
    if drawn is None:
        path = snapshot.path / snapshot.best[1].path / layout.CONFIG
        raise HybandError(f"{path} cannot be read. See: hyband check {snapshot.path} --fix")
    return drawn.text
