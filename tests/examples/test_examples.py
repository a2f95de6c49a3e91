"""Each directory of examples/ does what its README says."""

import importlib
import shutil
from pathlib import Path

import pytest

from ..blocks import blocks_of, play
from ..conftest import ROOT, Shell

EXAMPLES = ROOT / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))
MODULES = {"boosting": "lightgbm", "hydra": "hydra", "pytorch": "torch"}
PROGRAMS = {"r": "Rscript"}
HEAVY = {"boosting": (0.5, 0.65), "pytorch": (0.1, 0.6)}  # imports take seconds, so one training run is tried: its score is between these
ELSEWHERE = {"workflow"}  # tests/end_to_end/test_workflow.py


def test_the_list_is_whole() -> None:
    """Here and in the docs."""
    for page in (EXAMPLES / "README.md", ROOT / "docs/examples.md"):
        text = page.read_text(encoding="utf-8")
        assert [name for name in NAMES if f"[{name}]" not in text and f"`examples/{name}`" not in text] == []
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {".snakemake"} == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE])
def test_it_does_what_its_page_says(shell: Shell, name: str) -> None:
    needed(name)
    shutil.copytree(EXAMPLES / name, shell.cwd, dirs_exist_ok=True, ignore=shutil.ignore_patterns("my-*", ".snakemake"))
    page = Path("README.md")
    text = (shell.cwd / page).read_text(encoding="utf-8")
    assert [block for block in blocks_of(text) if block.is_executed]
    if name not in HEAVY:
        play(shell, text)
        return
    play(shell, text.split("hyband run")[0] + "```\n")
    printed = shell.run("hyband", "try", "my-search")
    low, high = HEAVY[name]
    assert low < float(printed.split("\nResult ")[1].split(",")[0]) < high


def test_a_network_that_resumes_is_the_same(shell: Shell) -> None:
    needed("pytorch")
    shutil.copytree(EXAMPLES / "pytorch", shell.cwd, dirs_exist_ok=True, ignore=shutil.ignore_patterns("my-*", ".snakemake"))
    shell.generate(0, 2, template=shell.cwd / "search-space")
    for name, epochs in (("whole", "4"), ("resumed", "1"), ("resumed", "4")):
        (shell.cwd / name).mkdir(exist_ok=True)
        shutil.copy(shell.cwd / "S/bracket-0/stage-0/config-0/config", shell.cwd / name)
        printed = shell.run("bash", "S/run.sh", name, epochs)
    assert "resuming after epoch 1" in printed
    assert (shell.cwd / "whole/result").read_text() == (shell.cwd / "resumed/result").read_text()


def needed(name: str) -> None:
    """Skip what needs a library or a program that is not there."""
    if name in MODULES:
        try:
            importlib.import_module(MODULES[name])
        except (ImportError, OSError) as error:  # LightGBM needs a library of the system
            pytest.skip(f"examples/{name} needs {MODULES[name]}, which cannot be imported: {error}")
    if name in PROGRAMS and shutil.which(PROGRAMS[name]) is None:
        pytest.skip(f"examples/{name} needs {PROGRAMS[name]}, which is not installed")
