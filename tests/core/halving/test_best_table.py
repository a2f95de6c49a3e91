"""The table that `snakemake --report` shows: true, and never in the way of the best."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.halving.best import rank_all, read_all
from hyperband_snakemake.core.halving.best_table import write_table
from hyperband_snakemake.core.tree import layout
from hyperband_snakemake.core.tree.planfile import read_plan

from ...conftest import Shell
from ...helpers import finished
from ...synthetic import make


def test_the_best_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make(tmp_path / "S", 3, 3))
    plan = read_plan(Path())
    ranked = rank_all(plan, read_all(plan))
    write_table(ranked)
    table = Path(layout.BEST_TABLE).read_text()
    assert table.count("<tr>") == 1 + 20
    assert table.index(str(ranked[0][1])) < table.index(str(ranked[1][1]))


def test_snakemake_reports_it(shell: Shell) -> None:
    search = finished(shell, 1, 2)
    assert {path.name for path in search.glob("best*")} == {"best.html", "best.json", "best.log"}
    assert shell.planned() == {}
    shell.snakemake("S", "--report", str(shell.cwd / "report.html"))
    text = (shell.cwd / "report.html").read_text()
    for word in ("best training runs", "Best configuration"):
        assert word in text
    assert shell.planned() == {}
