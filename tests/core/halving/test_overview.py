"""The table and charts that `snakemake --report` shows: well-formed, true, and never in the way of the best."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.halving.best import rank_all
from hyperband_snakemake.core.halving.overview import lives_of, steps, usual_range, write_overview
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree import layout
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import Outcome, Status
from hyperband_snakemake.core.tree.planfile import read_plan

from ...conftest import Shell
from ...synthetic import make

SVG = "{http://www.w3.org/2000/svg}"


def test_a_line_for_each_configuration_and_the_best_in_front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make(tmp_path / "S", 3, 3))
    plan = read_plan(Path())
    ranked = rank_all(plan)
    write_overview(plan, ranked)
    lives = lives_of(ranked)
    assert ranked[0][1] in lives[-1]
    assert sum(map(len, lives)) == len(ranked)
    for name in (layout.BEST_CURVES, layout.BEST_LADDER):
        drawn = ET.parse(name).getroot()
        lines = drawn.findall(f"{SVG}polyline")
        assert len([line for line in lines if line.get("stroke") != "#e4e9ee"]) == len(lives)
        assert lines[-1].get("stroke") == "#d55e00"
    table = Path(layout.BEST_TABLE).read_text()
    assert table.count("<tr>") == 1 + 20
    assert table.index(str(ranked[0][1])) < table.index(str(ranked[1][1]))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_no_result_is_too_strange(tmp_path_factory: pytest.TempPathFactory, results: list[float]) -> None:
    plan = make_plan(Settings(2, 3))
    ranked = [(Fraction(1), Slot(0, 0, c), Outcome(Status.COMPLETED, r, text=repr(r))) for c, r in enumerate(sorted(results))]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("S"))
        write_overview(plan, ranked)
        text = Path(layout.BEST_CURVES).read_text()
    ET.fromstring(text)
    assert "nan" not in text
    assert "inf" not in text


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_steps_are_few_and_inside(low: float, width: float) -> None:
    found = steps(low, low + width)
    assert len(found) <= 7
    assert all(low - width * 1e-6 <= step <= low + width * (1 + 1e-6) for step in found)


def test_one_lost_loss_does_not_flatten_the_others() -> None:
    assert usual_range([0.1, 0.2, 0.3, 0.4, 1e30])[1] < 2
    assert usual_range([0.1, 0.2, 0.3]) == (0.1, 0.3)


def test_snakemake_reports_them(shell: Shell) -> None:
    search = shell.generate(1, 2)
    shell.snakemake()
    assert {"best.html", "best-curves.svg", "best-ladder.svg"} <= {path.name for path in search.iterdir()}
    assert shell.planned() == {}
    shell.snakemake("S", "--report", str(shell.cwd / "report.html"))
    text = (shell.cwd / "report.html").read_text()
    for word in ("best trainings", "learning curves", "promotions", "Best configuration"):
        assert word in text
    assert shell.planned() == {}


def test_the_charts_have_a_size_of_their_own(shell: Shell) -> None:
    """Where an image is as large as it says it is, as in Snakemake's report, one without a size is not seen."""
    search = shell.generate(1, 2)
    shell.snakemake()
    for name in (layout.BEST_CURVES, layout.BEST_LADDER):
        drawn = ET.parse(search / name).getroot()
        assert f"0 0 {drawn.get('width')} {drawn.get('height')}" == drawn.get("viewBox")
