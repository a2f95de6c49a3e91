"""One row for each training, its columns and types, and the commands that are made of rows."""

import csv
import io
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

import hyperband_snakemake as hb
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.errors import HybandError, UsageError
from hyperband_snakemake.snapshot.rows import COLUMNS, make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.export import FORMATS, best_config, left_out_text, table, write_rows
from hyperband_snakemake.views.failures import failures_text
from hyperband_snakemake.views.show import find_slot, show_text, top_text
from hyperband_snakemake.views.status import status_text

from ..conftest import ROOT, Shell, write_tree
from ..helpers import finished

ATTEMPT = '{"attempt": 1, "start": "2026-01-02T03:04:05Z", "host": "n1", "pid": 1, "run": "r", "end": "2026-01-02T03:04:07Z", "seconds": 2.5, "exit": 0, "result": "0.5", "reason": ""}\n'
PROMOTION_OF = "bracket-0/stage-0/promotion"


@pytest.fixture
def search(tmp_path: Path) -> Path:
    """4, 2, 1; 2: the first stage is done, one failed; the second has a training that is done."""
    root = "bracket-0/stage-0/config-"
    files = {"plan.json": plan_to_json(make_plan(Settings(1, 2)))}
    assert [[s.configurations for s in b.stages] for b in make_plan(Settings(1, 2)).brackets] == [[2, 1], [2]]
    files |= {f"{root}{c}/config": text for c, text in enumerate(["lr: 0.5\nnet: a\n", "lr: 1\nnet: b\nsize: 3\n"])}
    files |= {f"{root}0/outcome": "completed: 0.5\n", f"{root}0/attempts": ATTEMPT, f"{root}0/attempt-1.log": "epoch 1\nend\n"}
    files |= {f"{root}1/outcome": "failed: run.sh exited with status 3\n", f"{root}1/attempts": ATTEMPT.replace('"exit": 0', '"exit": 3')}
    files |= {f"{root}1/attempt-1.log": "oops\n", PROMOTION_OF: PROMOTION}
    files |= {"bracket-0/stage-1/config-0/config": "lr: 0.5\nnet: a\n", "bracket-0/stage-1/config-0/outcome": "completed: 0.25\n"}
    files |= {f"bracket-1/stage-0/config-{c}/config": f"lr: {c}\n" for c in range(2)}
    return write_tree(tmp_path / "S", files)


PROMOTION = "slot\tfrom\tresult\n0\t0\t0.5\n"


def test_a_row_says_all_of_a_training(search: Path) -> None:
    rows = make_rows(scan(search))
    assert [row.path for row in rows] == [
        "bracket-0/stage-0/config-0", "bracket-0/stage-0/config-1", "bracket-0/stage-1/config-0",
        "bracket-1/stage-0/config-0", "bracket-1/stage-0/config-1",
    ]
    first, bad, second, *waiting = rows
    assert (first.attempts, first.seconds, first.host, first.start, first.rank) == (1, 2.5, "n1", "2026-01-02T03:04:05Z", 1)
    assert (first.promoted_to, second.origin, second.root) == (second.path, first.path, first.path)
    assert (first.cumulated_budget, second.budget, second.cumulated_budget) == (1, 2, 3)
    assert (bad.status, bad.reason, bad.result, bad.rank) == ("failed", "run.sh exited with status 3", None, None)
    assert {row.status for row in waiting} == {"pending"}
    assert second.parameters == {"lr": 0.5, "net": "a"}


def test_the_columns_have_the_documented_types(shell: Shell) -> None:
    """In a search in which none is empty: some failed, all folds are training runs of their own."""
    shell.generate(2, 2, "--folds", "2", "--parallel-folds")
    shell.snakemake(res='if ((b == 0 && s == 0 && n == 1)); then exit 3; fi; echo "0.$x$HYBAND_FOLD" > "$1/result"')
    documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "columns.md").read_text(), re.MULTILINE))
    types = {"integer": int, "float": float, "text": str, "boolean": bool}
    columns = table(make_rows(scan(shell.cwd / "S")))
    found = {name: {type(value) for value in columns[name] if value is not None} for name in COLUMNS}
    assert found == {name: {types[documented[name]]} for name in COLUMNS}


def test_a_failed_fold_is_shown_where_it_failed(shell: Shell) -> None:
    """One reason for all folds, the log of the one that failed, and its own directory by name."""
    shell.generate(1, 2, "--folds", "3", "--parallel-folds")
    shell.snakemake(res='echo "fold $HYBAND_FOLD"; if ((b == 1 && n == HYBAND_FOLD)); then exit 3; fi; echo "0.$x$HYBAND_FOLD" > "$1/result"')
    snapshot = scan(shell.cwd / "S")
    rows = make_rows(snapshot)
    text = failures_text(snapshot, rows)
    assert text.count("failed - ") == 1
    for words in ("2 failed - fold 0 (run.sh exited with status 3)", "config-1/fold-0-1\n", "End of bracket-1/stage-0/config-0/fold-0-0/attempt-2.log:\n    fold 0"):
        assert words in text
    assert "Failed: 2 - fold 0 (run.sh exited with status 3) (bracket-1/stage-0/config-0, ...)" in status_text(snapshot).plain
    shown = show_text(snapshot, rows, find_slot(snapshot, "bracket-1/stage-0/config-1"))
    assert "End of fold-0-1/attempt-2.log:\n  fold 1" in shown
    one = show_text(snapshot, rows, find_slot(snapshot, "bracket-1/stage-0/config-1/fold-0-2"))
    assert "Attempts of fold 0-2:" in one
    assert "config-1/fold-0-2/result" in one
    assert "+- " in top_text(rows, 1)
    with pytest.raises(UsageError, match="has no bracket-1/stage-0/config-1/fold-0-3"):
        find_slot(snapshot, "bracket-1/stage-0/config-1/fold-0-3")


@pytest.mark.parametrize("command", ["export", "report"])
def test_a_directory_that_is_not_there_is_named(shell: Shell, command: str) -> None:
    shell.generate(1, 2)
    done = shell.try_run("hyband", command, "S", "-o", "no/such.csv")
    assert (done.returncode, done.stdout) == (2, "Error: --output is no/such.csv; there is no directory no.\n")


def test_the_columns_are_documented_in_their_order() -> None:
    text = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and "NAME" not in line] == list(COLUMNS)


def test_columns_have_one_type_each(search: Path) -> None:
    columns = table(make_rows(scan(search)))
    assert list(columns) == [*COLUMNS, "param.lr", "param.net", "param.size"]
    assert columns["param.lr"] == [0.5, 1.0, 0.5, 0.0, 1.0]
    assert {type(value) for value in columns["param.lr"]} == {float}
    assert columns["param.size"] == [None, 3, None, None, None]


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_has_the_same_rows(search: Path, tmp_path: Path, suffix: str) -> None:
    rows = make_rows(scan(search))
    path = tmp_path / f"results{suffix}"
    write_rows(rows, path)
    if suffix == ".csv":
        found = list(csv.DictReader(io.StringIO(path.read_text())))
        assert [row["result"] for row in found] == ["0.5", "", "0.25", "", ""]
    elif suffix == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        read = parquet.read_table(path)
        assert read.to_pydict() == table(rows)
        assert str(read.schema.field("param.lr").type) == "double"
        assert str(read.schema.field("promoted_to").type) == "string"
    else:
        text = path.read_text()
        found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
        columns = table(rows)
        assert {name: [row[name] for row in found] for name in COLUMNS} == {name: columns[name] for name in COLUMNS}
        assert [row.get("param.size", "absent") for row in found] == ["absent", 3, "absent", "absent", "absent"]


def test_an_unknown_format_is_refused(search: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a name that ends in \.csv"):
        write_rows(make_rows(scan(search)), tmp_path / "results.xls")


def test_best_is_that_of_the_largest_budget(search: Path) -> None:
    loaded = hb.load(search)
    assert loaded.best is not None
    assert loaded.best.path == "bracket-0/stage-1/config-0"
    assert [row.path for row in loaded.top(5, stage=0)] == ["bracket-0/stage-0/config-0"]
    assert best_config(loaded.snapshot) == "lr: 0.5\nnet: a\n"


def test_a_frame_has_the_columns_of_the_export(search: Path) -> None:
    loaded = hb.load(search)
    frame = loaded.frame()
    assert list(frame.columns) == list(table(loaded.rows))
    assert frame.loc[frame["promoted_to"].notna(), "result"].tolist() == [0.5]
    assert frame["param.lr"].dtype == float


NAMED = {
    "depth": [None, 2, 3], "kind": [None, "balanced", "null"], "version": ["1.1", "1.10", "001"], "mixed": [1, True, "1"], "units": [[64, 64], [32], []],
    "prompt": ["two\nlines", "", "tab\t"], "rate": [1, 0.5, 1e-05],
}


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """Three configurations whose values were drawn by name, the last without `depth`; the first was edited afterwards."""
    files = {"plan.json": plan_to_json(make_plan(Settings(1, 2)))}
    sums = ""
    for number in range(3):
        values = {name: options[number] for name, options in NAMED.items() if (name, number) != ("depth", 2)}
        slot = ("bracket-0/stage-0/config-0", "bracket-0/stage-0/config-1", "bracket-1/stage-0/config-0")[number]
        text = f"number: {number}\n"
        files |= {f"{slot}/config": text, f"{slot}/outcome": f"completed: 0.{number}\n"}
        files[f"{slot}/parameters.json"] = json.dumps({"values": values, "space": {}, "seeds": {}})
        sums += f"{sha256(text.encode()).hexdigest()}  {slot}/config\n"
    return write_tree(tmp_path / "S", files | {"configurations.sha256": sums})


def test_what_was_drawn_by_name_is_never_changed(named: Path, tmp_path: Path) -> None:
    """Of each format the same values can be read again, and None is another than nothing."""
    loaded = hb.load(named)
    drawn = [row for row in loaded.rows if row.parameters]
    for name, options in NAMED.items():
        assert [repr(row.parameters.get(name, "absent")) for row in drawn] == [
            repr(option if (name, number) != ("depth", 2) else "absent") for number, option in enumerate(options)]
    write_rows(drawn, tmp_path / "t.csv")
    cells = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text())))
    assert [row["param.depth"] for row in cells] == ["null", "2", ""]
    assert [row["param.kind"] for row in cells] == ["null", "balanced", '"null"']
    assert [row["param.version"] for row in cells] == ["1.1", "1.10", "001"]
    assert [row["param.mixed"] for row in cells] == ["1", "true", '"1"']
    assert [row["param.prompt"] for row in cells] == ["two\nlines", '""', "tab\t"]
    assert ',"1.10",' in (tmp_path / "t.csv").read_text()
    write_rows(drawn, tmp_path / "t.json")
    found = json.loads((tmp_path / "t.json").read_text())
    assert [{k.removeprefix("param."): v for k, v in row.items() if k.startswith("param.")} for row in found] == [dict(row.parameters) for row in drawn]
    columns = table(drawn)
    assert (columns["none.depth"], columns["none.kind"]) == ([True, False, False], [True, False, False])
    assert (columns["param.mixed"], columns["param.units"]) == (["1", "true", '"1"'], ["[64, 64]", "[32]", "[]"])
    frame = loaded.frame()
    assert str(frame["param.depth"].dtype) == "Int64"
    assert frame["param.units"].tolist()[:2] == [[64, 64], [32]]


def test_each_configuration_is_one_line_of_the_best(named: Path) -> None:
    _, *lines = top_text(make_rows(scan(named)), 9).splitlines()
    assert [line.partition("config-")[2].split(maxsplit=1)[1] for line in lines] == [
        'kind="null" version=001 mixed="1" units=[] prompt="tab\\t" rate=1.0e-05',
        'depth=null kind=null version="1.1" mixed=1 units=[64, 64] prompt="two\\nlines" rate=1',
        'depth=2 kind=balanced version="1.10" mixed=true units=[32] prompt="" rate=0.5',
    ]


def test_an_edited_configuration_is_shown_as_it_is_trained(named: Path) -> None:
    (named / "bracket-0/stage-0/config-0/config").write_text('version: "1.100"\nother: 5\n')
    rows = make_rows(scan(named))
    assert [row.edited for row in rows if row.parameters] == [True, False, False]
    assert rows[0].parameters == {"version": "1.100", "other": 5}
    assert 'version="1.100" other=5 (edited after it was drawn)' in top_text(rows, 9)
    assert "Configuration (edited after it was drawn):\n  version" in show_text(scan(named), rows, rows[0].slot)


def test_a_search_in_a_notebook(named: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(named.parent)
    loaded = hb.load("S")
    monkeypatch.chdir("/")
    assert loaded.best is not None
    assert loaded.best.text == (loaded.best.directory / "config").read_text()
    assert repr(loaded) == "<search S: training runs 5, pending 2, completed 3>"
    assert repr(loaded.best) == "<bracket-1/stage-0/config-0: completed: 0.2>"
    assert "<td>tab" not in loaded.best._repr_html_()
    assert len(loaded._repr_html_()) < 2000


def test_a_name_with_several_values_is_left_out_and_named(tmp_path: Path) -> None:
    texts = {f"bracket-0/stage-0/config-{n}/config": f"a: 1\nb: {n}\na: 2\n" for n in range(2)}
    rows = make_rows(scan(write_tree(tmp_path / "S", {"plan.json": plan_to_json(make_plan(Settings(1, 2)))} | texts)))
    assert rows[1].parameters == {"b": 1}
    assert left_out_text(rows) == "Left out, since a configuration gives them several values: a."


def test_nothing_to_be_best(tmp_path: Path) -> None:
    search = write_tree(tmp_path / "S", {"plan.json": plan_to_json(make_plan(Settings(1, 2)))})
    assert hb.load(search).best is None
    with pytest.raises(HybandError, match="no configuration has a result yet"):
        best_config(scan(search))
    assert top_text(make_rows(scan(search)), 3) == "No configuration has a result yet."


def test_show_tells_a_life(search: Path) -> None:
    snapshot = scan(search)
    text = show_text(snapshot, make_rows(snapshot), find_slot(snapshot, "bracket-0/stage-0/config-0"))
    assert "  lr: 0.5" in text
    assert "place 1 of 1" in text
    assert "bracket-0/stage-1/config-0" in text
    assert "End of attempt-1.log:\n  epoch 1\n  end" in text
    with pytest.raises(UsageError, match="has no bracket-7/stage-0/config-0"):
        find_slot(snapshot, "bracket-7/stage-0/config-0")
    with pytest.raises(UsageError, match="nor best"):
        find_slot(snapshot, "worst")


def test_failures_are_grouped_with_a_log(search: Path) -> None:
    snapshot = scan(search)
    text = failures_text(snapshot, make_rows(snapshot))
    assert text.startswith("1 failed - run.sh exited with status 3\n")
    assert text.endswith("    oops")


def test_top_has_a_line_for_each_configuration(tmp_path: Path) -> None:
    """Its best training run, the largest budget first; line ends in values are escapes, and a terminal cuts lines."""
    files = {"plan.json": plan_to_json(make_plan(Settings(1, 2))), "bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t1\t0.5\n"}
    files |= {f"bracket-0/stage-0/config-{c}/{name}": text for c in range(2) for name, text in
              (("config", 'prompt: "a\\n\\tb' + "x" * 90 + '"\n'), ("outcome", f"completed: 0.{6 - c}\n"))}
    rows = make_rows(scan(write_tree(tmp_path / "S", files | {"bracket-0/stage-1/config-0/outcome": "completed: 0.7\n"})))
    lines = top_text(rows, 5).splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [["1.", "0.7", "2", "bracket-0/stage-1/config-0"], ["2.", "0.6", "1", "bracket-0/stage-0/config-0"]]
    assert "a\\n\\tb" in lines[1]
    assert [len(line) for line in top_text(rows, 5, width=80).splitlines()[1:]] == [80, 80]
    assert [line.split()[1] for line in top_text(rows, 5, 0).splitlines()[1:]] == ["0.5", "0.6"]


def test_the_commands_on_a_search_that_was_run(shell: Shell) -> None:
    finished(shell, 1, 2)
    assert "Written to results.csv: 5 training runs." in shell.run("hyband", "export", "S", "-o", "results.csv")
    status = shell.status()
    with (shell.cwd / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["result"]) for row in rows] == [slot["result"] for slot in status["slots"]]
    assert all(row["seconds"] and row["host"] for row in rows)
    assert shell.run("hyband", "export", "S", "--best") == (shell.cwd / "S" / "config").read_text()
    header, best = shell.run("hyband", "top", "S", "-n", "1").splitlines()
    assert (header.split()[:3], best.split()[0]) == (["result", "budget", "configuration"], "1.")
    assert "Attempts:\n  1. " in shell.run("hyband", "show", "S", "best")
    assert shell.run("hyband", "failures", "S") == "No training run has failed.\n"
