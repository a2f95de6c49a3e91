"""What is deleted of configurations that were not promoted."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.disk.files import disk_usage
from hyperband_snakemake.core.halving.discard import discard
from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.record import locked

from ...conftest import read_tree, write_tree

PLAN: Plan = make_plan(Settings(1, 2, discard=("checkpoint*",)))


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {f"bracket-0/stage-{s}/config-{c}/{name}": "x" * 5000
             for s, c in ((0, 0), (0, 1), (1, 0)) for name in ("config", "result", "checkpoint", "checkpoint-dir/w", "log")}
    monkeypatch.chdir(write_tree(tmp_path / "S", files))
    return tmp_path / "S"


def gone(search: Path, before: dict[str, bytes]) -> list[str]:
    return sorted(before.keys() - read_tree(search).keys())


def test_only_what_is_named_and_not_promoted(search: Path) -> None:
    before = read_tree(search)
    assert discard(PLAN, 0, 0) == ""  # nothing is promoted yet
    assert read_tree(search) == before
    write_tree(search, {"bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t1\t0.5\n"})
    assert discard(PLAN, 0, 0).startswith("discarded checkpoint* of 1 configuration, ")
    assert gone(search, before) == ["bracket-0/stage-0/config-0/checkpoint", "bracket-0/stage-0/config-0/checkpoint-dir/w"]
    assert discard(PLAN, 0, 0) == ""  # once is enough


@pytest.mark.parametrize("table", ["", "slot\tfro", "slot\tfrom\tresult\n0\t", "slot\tfrom\tresult\n0\tx\t1\n"])
def test_nothing_while_the_table_is_not_whole(search: Path, table: str) -> None:
    write_tree(search, {"bracket-0/stage-0/promotion": table})
    before = read_tree(search)
    assert discard(PLAN, 0, 0) == ""
    assert read_tree(search) == before


def test_neither_the_best_nor_what_runs(search: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(search, {"bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t-\t-\n"})
    before = read_tree(search)
    with locked(Path("bracket-0/stage-0/config-0")):
        assert discard(PLAN, 0, 0, best=Slot(0, 0, 1)) == ""
    assert "bracket-0/stage-0/config-0 is still in use by" in capsys.readouterr().err
    assert gone(search, before) == []
    assert "of 1 configuration," in discard(PLAN, 0, 0, best=Slot(0, 0, 1))


def test_what_a_link_leads_to_stays(search: Path, tmp_path: Path) -> None:
    outside = write_tree(tmp_path / "data", {"x": "precious"})
    slot = search / "bracket-0/stage-0/config-0"
    (slot / "checkpoint-link").symlink_to(outside)
    (slot / "checkpoint-dir/inner").symlink_to(outside)
    write_tree(search, {"bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t1\t0.5\n"})
    discard(PLAN, 0, 0)
    assert (outside / "x").read_text() == "precious"
    assert not os.path.lexists(slot / "checkpoint-link")


def test_nothing_without_a_pattern(search: Path) -> None:
    write_tree(search, {"bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t1\t0.5\n"})
    before = read_tree(search)
    assert discard(make_plan(Settings(1, 2)), 0, 0) == ""
    assert read_tree(search) == before


def test_usage(tmp_path: Path) -> None:
    write_tree(tmp_path / "d", {"a": "x" * 10_000, "b/c": "x" * 10_000})
    assert disk_usage(tmp_path / "d") >= 20_000
    assert disk_usage(tmp_path / "nothing") == 0
