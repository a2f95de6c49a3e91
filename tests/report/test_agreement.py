"""All views of a search say the same: of small searches with ties, failures, results by hand and odd values, at random."""

import csv
import io
import json
import random
import re
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from click.testing import CliRunner

from hyperband_snakemake.cli import cli
from hyperband_snakemake.core import best, promote
from hyperband_snakemake.core.tree import layout
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import completed, failed, verdict_text
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.core.tree.record import record_path
from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.report.words import stage_lines
from hyperband_snakemake.snapshot.rows import Row, make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.space.values import value_text
from hyperband_snakemake.views.export import csv_text, json_text
from hyperband_snakemake.views.show import show_text, top_text
from hyperband_snakemake.views.status import status_json

from ..conftest import write_tree

SPACE = """\
{% set odd = choice('<b>&größe</b>', [none, true, '1.10', '001', '', 'null', '"q"', '--fast', 1, 1.0, 1e-05, [8, 4]]) %}
{% set large = integer('large', 4611686018427387904, 4611686018427387999) %}
odd: {{ odd | tojson }}
large: {{ large }}
{% if choice('net.kind', ['a,b', "it's"]) == 'a,b' %}
lr: {{ uniform('lr', 1e-7, 1e-3, log=true) }}
{% endif %}
seed: {{ seed() }}
"""
RESULTS = ("0.5", "0.5", "-0.0", "1e-300", "0.30000000000000004", "nan", "inf", "1e999", "x", "")


def filled(directory: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search that has ended, as runs and a user's hand would have left it."""
    rng, search = random.Random(seed), directory / "S"
    template = write_tree(directory / "T", {"config": SPACE, "run.sh": "#!/bin/sh\n"})
    more = ["--maximize"] * (seed % 2)
    made = CliRunner().invoke(cli, ["generate", "2", "2", "--template-dir", str(template), "-o", str(search), "--random-seed", str(seed), *more])
    assert made.exit_code == 0, made.output
    monkeypatch.chdir(search)
    for bracket in read_plan(search).brackets:
        for stage in bracket.stages:
            for slot in (Slot(bracket.index, stage.index, c) for c in range(stage.configurations)):
                if not (slot.path / layout.OUTCOME).exists():  # it is not one that stays empty
                    train(slot, rng)
            if stage is not bracket.stages[-1]:
                assert promote.main([str(bracket.index), str(stage.index)]) == 0
    assert best.main([]) == 0
    return search


def train(slot: Slot, rng: random.Random) -> None:
    text = rng.choice([*RESULTS, *(repr(rng.gauss(0, 1)) for _ in RESULTS)])
    slot.path.mkdir(parents=True, exist_ok=True)
    if rng.random() < 0.2:
        (slot.path / layout.RESULT).write_text(f" {text}\n")
        return
    outcome = completed(text.encode()) if rng.random() < 0.8 else failed("run.sh exited with status 1")
    record = record_path(slot.path)
    record.parent.mkdir(exist_ok=True)
    times = {"start": "2026-03-02T08:00:00Z", "host": "h", "pid": 1, "run": "r", "end": "2026-03-02T08:00:02Z", "seconds": 2.0}
    good = {"exit": 0, "result": outcome.text, "reason": ""} if outcome.text else {"exit": 1, "result": "", "reason": outcome.reason}
    record.write_text(json.dumps({"attempt": 1, **times, **good}) + "\n")
    (slot.path / layout.OUTCOME).write_text(verdict_text(outcome))


def cell(column: dict[str, Any], row: int, paths: list[str]) -> Any:
    """A value of the page's table; "absent" where there is none."""
    if "values" not in column:
        return column.get("value", "absent")
    found = column["values"][row]
    if "words" in column or "rows" in column:
        return "absent" if found < 0 else (column.get("words") or paths)[found]
    return (None if row in column.get("none", ()) else "absent") if found is None else found


@pytest.mark.parametrize("seed", range(2))
def test_all_views_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    search = filled(tmp_path, seed, monkeypatch)
    snapshot = scan(search)
    rows = make_rows(snapshot)
    drawn_parameters(search, rows)
    tables(rows)
    the_best(search, rows)
    tops(rows, maximize=bool(seed % 2))
    for row in rows[:: max(1, len(rows) // 5)]:
        shown = show_text(snapshot, rows, row.slot)
        assert row.result is None or f"completed: {row.result:.6g}" in shown
    for line in stage_lines(snapshot):
        results = [row.result for row in rows if (row.bracket, row.stage) == (line["bracket"], line["stage"]) and row.result is not None]
        best_of = (max if seed % 2 else min)(results, default=None)
        assert (line["completed"], line["best"], line["median"]) == (len(results), best_of, median(results) if results else None)
    the_page(report_html(snapshot), rows)


def drawn_parameters(search: Path, rows: tuple[Row, ...]) -> None:
    """Values, with their types, and results are those on disk."""
    by_path = {row.path: row for row in rows}
    for bracket in {row.bracket for row in rows}:
        entries = json.loads((search / f"bracket-{bracket}/proposal").read_text())["configurations"]
        for number, entry in enumerate(entries):
            row = by_path[f"bracket-{bracket}/stage-0/config-{number}"]
            drawn = json.loads(entry["parameters"])["values"]
            assert {name: (type(row.parameters[name]), row.parameters[name]) for name in drawn} == {n: (type(v), v) for n, v in drawn.items()}
            assert row.text == entry["config"]
    counts = {status: sum(row.status == status for row in rows) for status in ("completed", "failed", "empty")}
    assert sum(counts.values()) == len(rows)


def tables(rows: tuple[Row, ...]) -> None:
    """CSV, JSON and `hyband status --json` have the same, and values that differ are cells that differ."""
    lines, objects = list(csv.DictReader(io.StringIO(csv_text(rows)))), json.loads(json_text(rows))
    for row, line, one in zip(rows, lines, objects, strict=True):
        assert (one["result"], float(line["result"] or "nan")) == (row.result, pytest.approx(float("nan") if row.result is None else row.result, abs=0, nan_ok=True))
        assert {name for name in one if name.startswith("param.")} == {f"param.{name}" for name in row.parameters}
        assert all(one[f"param.{name}"] == value for name, value in row.parameters.items())
        assert {name for name in line if name.startswith("param.") and line[name]} == {f"param.{name}" for name in row.parameters}
    odd = "<b>&größe</b>"
    assert len({line[f"param.{odd}"] for line in lines}) == len({json.dumps(row.parameters[odd]) for row in rows})


def the_best(search: Path, rows: tuple[Row, ...]) -> None:
    totals = json.loads(status_json(scan(search)))
    assert [slot["result"] for slot in totals["slots"]] == [row.result for row in rows]
    assert (totals["failed"], totals["done"]) == (sum(row.status == "failed" for row in rows), len(rows))
    told, noted = json.loads((search / layout.BEST).read_text()), totals["best"]
    first = next(row for row in rows if row.path == told["path"])
    ties = [row.path for row in rows if (row.budget, row.result) == (first.budget, first.result) and row is not first]
    assert noted["path"] == str(search / first.path)
    assert told["result"] == noted["result"] == first.result
    assert sorted(told.get("ties", [])) == sorted(ties)
    assert (search / layout.BEST_CONFIG).read_text() == first.text


def tops(rows: tuple[Row, ...], *, maximize: bool) -> None:
    """Each configuration with a result is there once, in order, with its values."""
    by_path = {row.path: row for row in rows}
    listed = [by_path[str(re.search(r"bracket-\S+", line)[0])] for line in top_text(rows, 999, maximize=maximize).splitlines()[1:]]  # type: ignore[index]
    assert {row.root for row in listed} == {row.root for row in rows if row.result is not None}
    order = [(-row.budget, (row.result or 0.0) * (-1 if maximize else 1)) for row in listed]
    assert order == sorted(order)
    for row, line in zip(listed, top_text(rows, 999, maximize=maximize).splitlines()[1:], strict=True):
        assert all(f"{value_text(value)}" in line for value in row.parameters.values())


def the_page(html: str, rows: tuple[Row, ...]) -> None:
    data = json.loads(re.search(r'id="data">(.*?)</script>', html)[1])  # type: ignore[index]
    columns = {column["name"]: column for column in data["table"]["columns"]}
    by_path = {row.path: row for row in rows}
    paths = columns["path"]["words"]
    assert sorted(paths) == sorted(by_path)
    for number, path in enumerate(paths):
        row = by_path[path]
        assert cell(columns["result"], number, paths) == ("absent" if row.result is None else row.result)
        assert cell(columns["promoted_to"], number, paths) == (row.promoted_to or "absent")
        for name in ("<b>&größe</b>", "large", "net.kind", "lr"):
            found = cell(columns[f"param.{name}"], number, paths)
            if name not in row.parameters:
                assert found == "absent"
            else:
                value = row.parameters[name]
                assert found == value or found == value_text(value)
