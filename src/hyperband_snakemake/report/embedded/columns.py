"""The table of all training runs in the page: every column, whether or not it is shown.

A column of numbers is a list; other columns number their different values (``words``). A None value is not the same as
a missing one: None is the word null, or a row in ``none``; missing is the code -1, or null among numbers.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import isfinite
from typing import Any

from ...core.halving import ranking
from ...snapshot.rows import COLUMNS, PREFIX, Row, parameter_names
from ...space.values import Value, of_one_type
from ..importance import Parameter

FIRST = ("path", "budget", "result", "spread", "rank", "status")  # shown first, then varying parameters, then
LAST = ("reason", "total_seconds", "attempts", "host", "promoted_to")
LINKS = ("origin", "root", "promoted_to")  # paths, written as row numbers
SAFE = 2**53  # larger integers become texts, since scripts would round them
ABSENT = -1
_absent: Any = object()


def table_of(rows: Sequence[Row], varying: Sequence[Parameter], *, maximize: bool) -> dict[str, Any]:
    """All rows by column, best first as everywhere; the ``varying`` parameters in the order of their axes."""
    ranked = ranking.order_across((row.entry for row in rows), maximize=maximize)
    order = {slot: i for i, (_, slot, _) in enumerate(ranked)}
    sorted_rows = sorted(rows, key=lambda row: (order.get(row.slot, len(order)), row.slot))
    places = {row.path: place for place, row in enumerate(sorted_rows)}
    names = parameter_names(sorted_rows)
    columns = [_own(name, sorted_rows, places) for name in COLUMNS]
    columns += [_parameter(name, sorted_rows) for name in names]
    return {
        "rows": len(rows),
        "maximize": maximize,
        "columns": columns,
        "shown": _shown(columns),
        "parameters": _parameters(varying, {*names}),
    }


def _shown(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the columns shown by default: those in which rows differ."""
    differ = {column["name"] for column in columns if "values" in column}
    own = [column["name"] for column in columns if column.get("param")]
    needed = {*FIRST, *LAST} - {"spread"}
    return [name for name in (*FIRST, *own, *LAST) if name in differ or name in needed]


def _own(name: str, rows: Sequence[Row], places: Mapping[str, int]) -> dict[str, Any]:
    values = [getattr(row, name) for row in rows]
    if name in LINKS:
        return {"name": name, "rows": True, "values": [places.get(value, ABSENT) for value in values]}
    return _column(name, [_absent if value is None else value for value in values])


def _column(name: str, values: Sequence[Value]) -> dict[str, Any]:
    """Pack a column: one value common to all rows, numbers, or numbered texts."""
    column: dict[str, Any] = {"name": name}
    present = [value for value in values if value is not _absent]
    is_number = (
        bool(present)
        and all(value is None or _is_safe(value) for value in present)
        and any(value is not None for value in present)
    )
    if not present:
        return column
    different = {(type(value), value) for value in present}
    if is_number:
        column["number"] = True
    if len(different) == 1 and len(present) == len(values) and len(values) > 1:
        return column | {"value": _plain(present[0])}
    if is_number:
        none = [row for row, value in enumerate(values) if value is None]
        packed = [None if value is _absent else value for value in values]
        return column | {"values": packed} | ({"none": none} if none else {})
    numbers: dict[Any, int] = {}
    codes = [ABSENT if v is _absent else numbers.setdefault((type(v), v), len(numbers)) for v in values]
    return column | {"values": codes, "words": [_plain(value) for _, value in numbers]}


def _is_safe(value: Value) -> bool:
    """Whether a script reads exactly this number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) and abs(value) <= SAFE if isinstance(value, float) else abs(value) <= SAFE


def _plain(value: Value) -> Value:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number and not _is_safe(value) else value


def _parameter(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """A column with one type, as in `hyband export`; ``written`` if values had to be converted to texts for it."""
    own = [row.parameters[name] for row in rows if name in row.parameters]
    known = of_one_type(own)
    written = any(isinstance(one, str) and not isinstance(value, str) for one, value in zip(known, own, strict=True))
    each = iter(known)
    column = _column(PREFIX + name, [next(each) if name in row.parameters else _absent for row in rows])
    return column | {"param": True} | ({"written": True} if written else {})


def _parameters(varying: Sequence[Parameter], columns: AbstractSet[str]) -> list[dict[str, Any]]:
    """The axis for each parameter that has a column; ``levels`` are in order."""
    found = [parameter for parameter in varying if parameter.name in columns]  # "is it None" has no column
    return [
        {"column": PREFIX + parameter.name, "name": parameter.name}
        | ({"levels": [_plain(level) for level in parameter.levels]} if parameter.levels else {"log": parameter.log})
        for parameter in found
    ]
