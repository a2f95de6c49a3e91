"""The table that a page has inside: every value of its type, and None told from what is not there."""

from dataclasses import replace

from hyperband_snakemake.report.embedded.columns import table_of
from hyperband_snakemake.report.importance import varying
from hyperband_snakemake.snapshot.rows import COLUMNS, Row

BLANK = Row(0, 0, 0, "", None, None, 1, 1, 1, "completed", 0.5, 1, None, None, 1, None, None, None, None, "n1")


def rows_of(*parameters: dict[str, object]) -> tuple[Row, ...]:
    paths = [f"bracket-0/stage-0/config-{i}" for i in range(len(parameters))]
    return tuple(replace(BLANK, config=i, path=path, root=path, result=i / 10, parameters=own)
                 for i, (path, own) in enumerate(zip(paths, parameters, strict=True)))


def test_each_value_keeps_its_type() -> None:
    rows = rows_of({"a": 1, "b": "1", "c": True, "d": 2**60, "e": 5, "f": None}, {"a": None, "b": 1, "c": 1, "d": 2, "e": 5, "f": None}, {"a": 0.5, "b": "x", "e": 5, "f": None})
    table = table_of(rows, varying(rows), maximize=False)
    columns = {column.pop("name"): column for column in table["columns"]}
    param = {"param": True}
    assert columns["param.a"] == param | {"number": True, "values": [1, None, 0.5], "none": [1]}
    assert columns["param.b"] == param | {"written": True, "values": [0, 1, 2], "words": ['"1"', "1", "x"]}
    assert columns["param.c"] == param | {"written": True, "values": [0, 1, -1], "words": ["true", "1"]}
    assert columns["param.d"] == param | {"values": [0, 1, -1], "words": [str(2**60), 2]}  # a script would round it
    assert columns["param.e"] == param | {"number": True, "value": 5}
    assert columns["param.f"] == param | {"value": None}
    assert columns["root"] == {"rows": True, "values": [0, 1, 2]}
    assert {*COLUMNS} <= {*columns}
    assert table["shown"] == ["path", "budget", "result", "rank", "status", *(f"param.{name}" for name in "abcd"), "reason", "total_seconds", "attempts", "host", "promoted_to"]


def test_the_best_is_first_and_the_important_lead() -> None:
    rows = rows_of(*({"a": i % 2, "b": i / 7} for i in range(20)))
    table = table_of(rows, varying(rows)[::-1], maximize=True)
    column = next(column for column in table["columns"] if column["name"] == "result")
    assert column["values"] == sorted(column["values"], reverse=True)
    assert [(one["name"], one.get("levels")) for one in table["parameters"]] == [("b", None), ("a", [0, 1])]
