"""The live view, what it reads, and `hyband run` where there is no terminal."""

import io
from fractions import Fraction
from pathlib import Path

import pytest
from rich.console import Console

from hyperband_snakemake import scan as scanning
from hyperband_snakemake.live import news, view
from hyperband_snakemake.scan import scan
from hyperband_snakemake.watch import Watcher

from .conftest import Shell, write_tree


def drawn(search: Path, width: int) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(view(scan(search), (0.0, Fraction(0)), 100.0, width))
    return console.export_text()


@pytest.mark.parametrize("width", [80, 200])
def test_the_view_fits_its_terminal(shell: Shell, width: int) -> None:
    search = shell.generate(3, 3)
    root = "bracket-0/stage-0/config-"
    write_tree(search, {f"{root}0/outcome": "completed: 0.5\n", f"{root}1/outcome": "failed: " + "why " * 80, f"{root}2/train.log": ""})
    text = drawn(search, width)
    assert max(map(len, text.splitlines())) <= width
    for part in ("2 of 69 trainings", "Bracket 3", "2/27", "Running: 1", "Failed: 1", "Best so far: 0.5 at budget 1", "left"):
        assert part in text


def test_only_what_has_not_ended_is_read_again(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    search = shell.generate(1, 2)  # 2, 1; 2
    write_tree(search, {"bracket-0/stage-0/config-0/outcome": "completed: 0.5\n"})
    watcher = Watcher(search)
    watcher.look()
    read: list[str] = []
    real = scanning.read_outcome
    monkeypatch.setattr(scanning, "read_outcome", lambda path: read.append(path.relative_to(search).as_posix()) or real(path))
    write_tree(search, {"bracket-1/stage-0/config-1/outcome": "failed: x\n"})
    assert watcher.look() == scan(search)
    watched = read[:3]
    assert watched == ["bracket-0/stage-0/config-1", "bracket-1/stage-0/config-0", "bracket-1/stage-0/config-1"]


def test_a_watcher_sees_what_a_scan_sees(shell: Shell) -> None:
    search = shell.generate(2, 2)
    watcher = Watcher(search)
    watcher.look()
    shell.snakemake()
    watcher.look()  # sees stages that began
    assert watcher.look() == scan(search)


def test_run_without_a_terminal_says_each_event_once(shell: Shell) -> None:
    shell.generate(2, 2)
    text = shell.run("hyband", "run", "S", "--cores", "2", env={"RES": 'if ((s == 0 && n == 1)); then exit 3; fi; echo 0.$x > "$1/result"'})
    assert text.count("Failed: bracket-0/stage-0/config-1 - run.sh exited with status 3") == 1
    assert text.count("Promoted: 1 of bracket 1 into stage 1") == 1
    assert "Search - complete" in text
    assert "Snakemake's log: " in text


def test_run_tells_why_snakemake_failed(shell: Shell) -> None:
    shell.generate(1, 2)
    done = shell.try_run("hyband", "run", "S", "--no-such-option")
    assert done.returncode == 1
    assert "unrecognized arguments: --no-such-option" in done.stdout
    assert shell.try_run("hyband", "run", "nowhere").returncode == 1


def test_news_of_nothing_new_is_none(shell: Shell) -> None:
    search = shell.generate(1, 2)
    assert list(news(scan(search), scan(search))) == []
