"""The README's commands do what it says, and it shows what is printed."""

import re

import pytest

from hyperband_snakemake.cli import COMMANDS

from ..conftest import ROOT, Shell
from ..preloaded import preloaded

README = (ROOT / "README.md").read_text(encoding="utf-8")


DEMO = ROOT / "examples/demo.sh"


def blocks(page: str = README) -> list[str]:
    return re.findall(r"(?ms)^ *```[^\n]*\n(.*?)^ *```$", page)


def test_the_plan_shown_is_the_one_printed(shell: Shell) -> None:
    """Line by line, with ... for what is left out."""
    block = next(b for b in blocks() if b.startswith("> hyband generate 5 3"))
    command, *shown = block.splitlines()
    printed = shell.run(*command.removeprefix("> ").split()).splitlines()
    at = 0
    for line in shown:
        if line == "...":
            continue
        at = printed.index(line, at) + 1
    assert printed[-1] == shown[-1]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_three_commands(shell: Shell) -> None:
    """A whole search over the iris data, as in the first screen, with the seed whose winners are shown."""
    block = next(b for b in blocks() if b.startswith("hyband generate 2 3 --repetitions"))
    generate, run, status = block.splitlines()
    shell.run(*generate.split(), "--random-seed", "123456")
    with preloaded([shell.cwd / "iris-search"], "yaml", "sklearn.datasets", "sklearn.linear_model", "sklearn.model_selection"):
        out = shell.run(*run.split())
    shown = next(b for b in blocks() if b.startswith("Best configurations:"))
    assert shown in out
    assert "complete, 22 of 22" in shell.run(*status.split())
    log = (shell.cwd / "iris-search/bracket-0/stage-2/config-0/log.log").read_text()
    assert log.startswith("INFO:root:Invoked with configuration file iris-search/bracket-0/stage-2/config-0/config\n")
    assert "INFO:root:Invoked with budget 9\n" in log
    assert "INFO:root:Accuracy of repetition 1, fold 9: " in log
    printed = "".join(p.read_text() for p in (shell.cwd / "iris-search").glob("bracket-*/*/*/attempt-*.log"))
    assert printed == ""  # no warning of any kind
    assert generate.replace("iris-search", '"$search"') + " --random-seed 123456\n" in DEMO.read_text()
    told = shell.run("bash", DEMO, "iris-search")  # make demo, which finds nothing left to train
    assert "complete, 22 of 22" in told
    config = (shell.cwd / "iris-search/config").read_text()
    assert f"{config}It reaches 98 % accuracy.\n\nWritten to iris-search.html (" in told


def test_every_command_has_a_place() -> None:
    """Each command is in the README or the pages it leads to, each environment variable in docs/run.md."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    assert [command.name for command in COMMANDS if f"hyband {command.name}" not in text] == []
    core = ROOT / "src/hyperband_snakemake/core"
    used = {v for p in core.iterdir() if p.is_file() for v in re.findall(r"HYBAND_[A-Z_]+", p.read_text())}
    reference = (ROOT / "docs/run.md").read_text(encoding="utf-8")
    assert {v for v in used if f"`{v}`" not in reference} == set()


def test_every_place_it_leads_to_is_there() -> None:
    places = {place.split("#")[0] for place in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in place}
    assert places - {""}
    assert [place for place in places if place and not (ROOT / place).exists()] == []
