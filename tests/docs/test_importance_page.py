"""The tables of docs/importance.md are those of what was measured, and the simulation runs."""

import csv
import importlib
import sys
from types import ModuleType

import pytest

from ..conftest import ROOT

IMPORTANCE = ROOT / "benchmarks/importance"
PAGE = (ROOT / "docs/importance.md").read_text(encoding="utf-8")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(IMPORTANCE)
    for name in ("run", "estimators", "problems"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("run")


def test_the_tables_are_as_measured(run: ModuleType) -> None:
    with (IMPORTANCE / "measured.csv").open(newline="") as file:
        lines = run.table(csv.DictReader(file), "reporting").splitlines()
    assert len(lines) > 20
    assert [line for line in lines if line not in PAGE] == []


def test_the_truth_is_what_the_page_says(run: ModuleType) -> None:
    """The top parameter has 2.5 times the share of the second; and families have no seed in common."""
    (choosing, first), (reporting, second) = run.FAMILIES.values()
    for problem in (*choosing, *reporting):
        if problem.top:
            shares = sys.modules["problems"].shares_of(problem, 4000)
            top = shares.pop(problem.top)
            assert (top >= 2.3 * max(shares.values())) is problem.is_clear
    assert second - first >= 10_000


def test_the_top_parameter_is_found(run: ModuleType) -> None:
    problem = run.FAMILIES["choosing"][0][0]
    lines = [run.measured("choosing", problem, 49, "ours", seed) for seed in range(8)]
    assert sum(line["first"] for line in lines) >= 7
    assert sum(line["decoy_told"] for line in lines) == 0
