"""`python hyperband best`: what best.json says of the best."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core import best
from hyperband_snakemake.core.tree.layout import slots_of
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.show import top_text
from hyperband_snakemake.views.state import whole_line
from hyperband_snakemake.views.status import status_json

from ..conftest import write_tree
from ..synthetic import make


def test_ties_are_told_where_the_best_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = make(tmp_path / "S", 1, 3)
    monkeypatch.chdir(search)
    assert best.main([]) == 0
    assert json.loads(Path("best.json").read_text()).keys() == {"path", "result", "budget"}
    plan = read_plan(Path())
    last = [slot for slot, stage in slots_of(plan) if stage.budget == 3]
    for slot in last:
        write_tree(search / slot.path, {"outcome": "completed: 0.125\n", "result": "0.125\n"})
        (search / slot.path / "attempts").unlink(missing_ok=True)
    assert best.main([]) == 0
    found = json.loads(Path("best.json").read_text())
    assert [found["path"], *found["ties"]] == [str(slot) for slot in last]
    snapshot = scan(search)
    assert "(2 others have the same result)" in whole_line(snapshot)
    assert [Path(path).name for path in json.loads(status_json(snapshot))["best"]["ties"]] == [slot.path.name for slot in last[1:]]
    assert [line.split(".")[0].strip() for line in top_text(make_rows(snapshot), 4).splitlines()[1:]] == ["1", "1", "1", "4"]
    assert "It is not alone: 2 others have the same result at this budget" in report_html(snapshot)
