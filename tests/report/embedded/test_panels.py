"""What panels say, packed: of a large search less, so that the page stays small."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.report.embedded import panels
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan

from ...synthetic import make


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_it_has_what_show_has(tmp_path: Path) -> None:
    snapshot = scan(make(tmp_path / "S", 3, 3))
    rows = make_rows(snapshot)
    data = unpacked(panels.panels_of(snapshot, rows))
    born = {row.path for row in rows if row.stage == 0}
    assert {path: (tmp_path / "S" / path / "config").read_text() for path in born} == data["texts"]
    failed = next(row for row in rows if row.status == "failed")
    slot = data["slots"][failed.path]
    assert slot["logs"] == [{"title": "attempt-1.log", "lines": ["epoch 1: loss 12.31", "epoch 2: loss nan"]}]
    assert slot["attempts"][0] | {"start": "", "end": ""} == {"attempt": 1, "start": "", "end": "", "host": failed.host, "exit": 137, "seconds": failed.seconds,
                                                           "reason": failed.reason}
    assert {"attempt-1.log", "attempts", "config", "outcome"} <= set(slot["files"])


def test_of_a_large_search_there_are_logs_of_the_best_and_of_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = scan(make(tmp_path / "S", 4, 3))
    rows = make_rows(snapshot)
    monkeypatch.setattr(panels, "ALL_LOGS", 10)
    monkeypatch.setattr(panels, "SOME_LOGS", 1)
    data = unpacked(panels.panels_of(snapshot, rows))
    logged = {path for path, slot in data["slots"].items() if "logs" in slot}
    reasons = {row.reason for row in rows if row.reason}
    best = snapshot.best
    assert best
    assert str(best[1]) in logged
    assert {row.reason for row in rows if row.path in logged and row.reason} == reasons
    assert len(logged) < 10
    assert not data["all_logs"]


def test_what_takes_too_much_is_left_out(tmp_path: Path) -> None:
    snapshot = scan(make(tmp_path / "S", 3, 3))
    rows = make_rows(snapshot)
    whole = len(panels.panels_of(snapshot, rows))
    less = panels.panels_of(snapshot, rows, whole - 1)
    assert len(less) < whole
    assert unpacked(less)["left_out"] == ["logs"]
    least = unpacked(panels.panels_of(snapshot, rows, 10))
    assert (least["left_out"], least["texts"]) == (["logs", "files", "texts"], {})
