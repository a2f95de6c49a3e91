"""What patterns name, and never name."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import wrong_pattern
from hyperband_snakemake.core.tree.patterns import named

from ...conftest import write_tree


def names(directory: Path, *patterns: str) -> list[str]:
    return [path.relative_to(directory).as_posix() for path in named(directory, patterns)]


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    files = ("config", "parameters.json", "result", "outcome", "attempts", "jobs", "origin", "attempt-1.log", ".result.12.tmp", "log.log",
             "checkpoint-1", "checkpoint-2", "models/a.pt", "models/deep/b.pt", ".hidden")
    return write_tree(tmp_path / "slot", dict.fromkeys(files, "x"))


def test_never_what_is_ours(slot: Path) -> None:
    assert names(slot, "*") == [".hidden", "checkpoint-1", "checkpoint-2", "log.log", "models"]
    assert names(slot, "result", "outcome", "attempt*", "config") == []
    assert names(slot, "**") == ["models"]
    assert names(slot, "models/**") == ["models"]


def test_each_once_and_whole(slot: Path) -> None:
    assert names(slot, "checkpoint*", "check*-1", "models", "models/*", "models/**/*.pt") == ["checkpoint-1", "checkpoint-2", "models"]
    assert names(slot, "models/*.pt", "./log.log") == ["log.log", "models/a.pt"]


def test_nothing_behind_a_link_that_leads_out(slot: Path, tmp_path: Path) -> None:
    write_tree(tmp_path / "data", {"x": "precious"})
    (slot / "data").symlink_to(tmp_path / "data")
    (slot / "inside").symlink_to("models")
    assert names(slot, "data/*", "inside/a.pt") == ["inside/a.pt"]
    assert names(slot, "data") == ["data"]  # the link itself
    assert names(slot, "missing*") == names(tmp_path / "nowhere", "*") == []


@pytest.mark.parametrize("pattern", ["", ".", "./", "..", "../x", "a/../../x", "/tmp/x", "/"])
def test_wrong_patterns(pattern: str) -> None:
    assert wrong_pattern(["good*", pattern]) == pattern
