"""What the report says to type is what was typed when the search was made."""

import json
import shlex
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.report.reproduce import commands_text
from hyperband_snakemake.snapshot.scan import scan

from ..conftest import write_tree


def search(root: Path, **more: object) -> Path:
    plan = plan_to_json(make_plan(Settings(1, 2, resume=True)), generator="0.1.0", random_seed=7, **more)
    return write_tree(root, {"plan.json": plan})


def test_the_commands_as_they_were_given(tmp_path: Path) -> None:
    """Quoted, so that a shell reads the same words again; then the one that runs it."""
    commands = [
        ["generate", "1", "2", "--carry", "check points/*", "--output-dir", "my search"],
        ["extend", "my search", "--repeat", "1"],
        ["refine", "my search", "--trials", "2"],
    ]
    root = search(tmp_path / "my search", commands=commands)
    lines = commands_text(scan(root)).splitlines()
    assert lines[1] == "hyband extend 'my search' --repeat 1"
    assert [shlex.split(line) for line in lines] == [
        *(["hyband", *words] for words in commands),
        ["snakemake", "--snakefile", str(root / "Snakefile")],
    ]


def test_a_search_of_an_earlier_version(tmp_path: Path) -> None:
    """It is said that no command was recorded, and the settings are shown as plan.json has them."""
    *said, run = commands_text(scan(search(tmp_path))).splitlines()
    assert "did not record its command" in said[0]
    assert {'#   generator: "0.1.0"', "#   random_seed: 7", "#   smax: 1", "#   resume: true"} <= set(said)
    assert all(line.startswith("#") for line in said)
    assert run.startswith("snakemake --snakefile ")


@pytest.mark.parametrize("commands", [None, [], "generate 1 2", ["generate"], {"a": 1}])
def test_what_is_no_list_of_commands_counts_as_none(tmp_path: Path, commands: object) -> None:
    root = search(tmp_path, commands=commands)
    assert json.loads((root / "plan.json").read_text())["commands"] == commands
    assert "did not record its command" in commands_text(scan(root))
