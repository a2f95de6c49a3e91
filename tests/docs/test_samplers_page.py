"""The benchmark's table in the docs is what was measured, and its plot is drawn from the same figures."""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ..conftest import ROOT

QUALITY = ROOT / "benchmarks/quality"
DOCS = (ROOT / "docs/gains.md").read_text(encoding="utf-8")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(QUALITY)
    for name in ("report", "problems"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("report")


def figures(line: str) -> list[str]:
    """All figures of a row, as they are written: the cells after its name."""
    return [figure for cell in line.split("|")[2:] for figure in re.findall(r"\d*\.?\d+", cell)]


def is_rounded(shown: str, measured: str) -> bool:
    """Whether a figure is another one with fewer digits."""
    digits = len(shown.partition(".")[2])
    return float(shown) == float(measured) or (digits < len(measured.partition(".")[2]) and abs(float(shown) - float(measured)) <= 0.501 * 10**-digits)


def test_the_table_is_as_measured(report: ModuleType) -> None:
    """Each row of the docs has the figures of one row that is made from what was measured."""
    measured = [figures(line) for line in list(report.table(report.read()))[2:]]
    shown = [figures(line) for line in DOCS.splitlines() if re.search(r"\| \d+ \|.* \+- ", line)]
    assert len(shown) == len(measured)
    for row in shown:
        assert len(row) == 12
        assert any(all(map(is_rounded, row, other)) for other in measured), row


def test_the_plot_shows_every_line_in_its_own_way(report: ModuleType, tmp_path: Path) -> None:
    """Told apart by colour and by dash; and the docs show one that was drawn like this."""
    pytest.importorskip("matplotlib")
    report.plot(report.read(), tmp_path / "plot.svg")
    shown = (ROOT / "docs/quality.svg").read_text(encoding="utf-8")
    for text in ((tmp_path / "plot.svg").read_text(encoding="utf-8"), shown):
        for label, *_ in report.SHOWN.values():
            assert label in text
        for name in report.P.NAMES:
            assert name.replace("_", ", ") in text
    assert "(quality.svg)" in DOCS
    assert len({colour for _, colour, *_ in report.SHOWN.values()}) == len(report.SHOWN)
    assert len({(dash, width) for *_, dash, width in report.SHOWN.values()}) == len(report.SHOWN)
    assert all(set(report.SHOWN) <= set(methods) for methods in report.read().values())


def test_the_tables_of_real_training_runs_are_as_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row of the docs has the cells that compare.py makes of what was measured."""
    for folder in (QUALITY / "real", QUALITY):
        monkeypatch.syspath_prepend(folder)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # as run.py sets them: afterwards they are as before
    for name in ("compare", "problems", "run", "surrogate", "programs"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    compare = importlib.import_module("compare")
    found = compare.read(QUALITY / "real/measured.csv")
    made = {tuple(row.cells) for problems in ("reporting", "boosting2,network2,mislead2") for row in compare.rows(found, problems)}
    shown = [tuple(cell.strip() for cell in line.split("|")[3:-1]) for line in DOCS.splitlines() if re.search(r"\| \d+ \|.*\d to \d", line)]
    assert len(shown) > 6
    assert set(shown) <= made
