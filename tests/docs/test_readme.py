"""The README's commands do what it says, and it shows what is printed."""

import re

import pytest

from ..conftest import ROOT, Shell

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return re.findall(r"(?ms)^ *```\n(.*?)^ *```", README)


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


@pytest.mark.timeout(600)
def test_the_three_commands(shell: Shell) -> None:
    """A whole search over the iris data, as in the first screen, with the seed whose winners are shown."""
    block = next(b for b in blocks() if b.startswith("hyband generate 3 3 --repetitions"))
    generate, run, status = block.splitlines()
    shell.run(*generate.split(), "--random-seed", "123456")
    out = shell.run(*run.split())
    shown = next(b for b in blocks() if b.startswith("Best configurations:"))
    assert shown in out
    assert "complete, 69 of 69" in shell.run(*status.split())
    log = (shell.cwd / "my-search/bracket-1/stage-2/config-0/log.log").read_text()
    assert log.startswith("INFO:root:Invoked with configuration file my-search/bracket-1/stage-2/config-0/config\n")
    assert "INFO:root:Invoked with budget 27\n" in log
    assert "INFO:root:Accuracy of repetition 1, fold 9: " in log
    printed = "".join(p.read_text() for p in (shell.cwd / "my-search").glob("bracket-*/*/*/attempt-*.log"))
    assert printed == ""  # no warning of any kind


def test_the_search_that_learns(shell: Shell) -> None:
    """Each command up to what is trained, in the order in which it stands."""
    block = next(b for b in blocks() if "--sampler tpe" in b)
    for command in block.splitlines():
        shell.run(*command.split())
    assert (shell.cwd / "study.db").exists()
    assert shell.status("my-search")["trainings"] > 0


def test_every_command_has_a_place() -> None:
    """Each command and each environment variable is in the README."""
    for word in ("generate", "init", "status", "check", "retry", "run", "report", "export", "show", "top", "failures"):
        assert f"hyband {word}" in README
    core = ROOT / "src/hyperband_snakemake/core"
    used = {v for p in core.iterdir() if p.is_file() for v in re.findall(r"HYBAND_[A-Z_]+", p.read_text())}
    assert {v for v in used if f"`{v}`" not in README} == set()


def test_the_placeholder_is_gone() -> None:
    assert "BENCH" not in README
