"""Archives: every command prints the same, all comes back byte for byte, and nothing is lost wherever it is killed."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from hyperband_snakemake.cli import cli
from hyperband_snakemake.core.disk.archives import DamagedArchive
from hyperband_snakemake.core.run.rules import Rules
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.errors import HybandError, NotASearch
from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.snapshot.scan import Snapshot, scan
from hyperband_snakemake.views.status import status_json
from hyperband_snakemake.writing.archiving.pack import archive
from hyperband_snakemake.writing.archiving.unpack import unarchive
from hyperband_snakemake.writing.lock import held

from ...conftest import Shell, write_tree
from ...helpers import finished, generate, learns

FAILS = '[ $b$s$n = 001 ] && { echo boom; exit 1; }; echo 0.$x > "$1/result"'


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, each test waits for all that others have written on this machine."""
    monkeypatch.setattr(os, "sync", lambda: None)


def state_of(search: Path) -> dict[str, tuple[int, int, bytes | str]]:
    """All that is in the brackets: mode, time, and content; and plan.json."""
    found: dict[str, tuple[int, int, bytes | str]] = {"plan.json": (0, 0, (search / "plan.json").read_bytes())}
    for path in sorted(search.glob("bracket-*/**/*")):
        seen = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "directory"
        found[path.relative_to(search).as_posix()] = (seen.st_mode, seen.st_mtime_ns, content)
    return found


def files_of(search: Path) -> list[str]:
    """What is left in the two brackets."""
    return [path.name for path in sorted(search.glob("bracket-*/**/*"))]


def outputs(search: Path) -> dict[str, str]:
    """What the commands that read print, and write."""
    slots = [str(slot) for slot, *_ in scan(search).slots()]
    commands = [["status"], ["status", "--json"], ["status", "--all"], ["top"], ["failures"], ["check"], ["compare"], *(["show", slot] for slot in slots)]
    found = {}
    for name, *words in commands:
        done = CliRunner().invoke(cli, [name, str(search), *words])
        lines = [line for line in done.output.splitlines() if not line.endswith("--undo")]  # says what is archived
        found[" ".join([name, *words])] = "\n".join([str(done.exit_code), *lines])
    CliRunner().invoke(cli, ["export", str(search), "-o", str(search.parent / "out.csv")])
    found["export"] = (search.parent / "out.csv").read_text()
    page = report_html(scan(search), now=datetime(2026, 1, 1, tzinfo=UTC))
    found["report"] = page.replace("&#34;format&#34;: 2", "&#34;format&#34;: 1", 1)  # it shows plan.json as it is
    return found


def with_a_failure(shell: Shell) -> Path:
    return finished(shell, 1, 2, "--retries", "1", res=FAILS)


def with_folds(shell: Shell) -> Path:
    return finished(shell, 1, 2, "--parallel-folds", "--folds", "2", res='echo 0.$x > "$1/result"')


def with_proposals(shell: Shell) -> Path:
    return finished(shell, 1, 2, "--sampler", "tpe", template=learns(shell))


@pytest.mark.parametrize("make", [with_a_failure, with_folds, with_proposals])
def test_every_command_prints_the_same_before_and_after(shell: Shell, make: Callable[[Shell], Path]) -> None:
    search = make(shell)
    before, state = outputs(search), state_of(search)
    archive(search)
    assert files_of(search) == ["archive.index", "archive.tar"] * 2
    assert outputs(search) == before
    unarchive(search)
    assert state_of(search) == state


MOVES = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.utime")


def killed_at(step: int, search: Path, act: Callable[[Path], object]) -> bool:
    """Let a process do something to a search, and end without a word at this step of it; False if it ended before."""
    if not (child := os.fork()):
        left = step

        def count(event: str, words: tuple[object, ...]) -> None:
            nonlocal left
            if event in MOVES and str(search) in str(words[0]) and (event != "open" or int(str(words[2])) & (os.O_WRONLY | os.O_RDWR)):
                left -= 1
                if not left:
                    os._exit(9)

        try:
            sys.addaudithook(count)
            act(search)
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


@pytest.mark.parametrize(("act", "first"), [(archive, False), (unarchive, True)])
def test_nothing_is_lost_wherever_it_is_killed(shell: Shell, act: Callable[[Path], object], first: bool) -> None:
    sound = finished(shell, 1, 2, "--retries", "1", res=FAILS)
    state, seen = state_of(sound), status_json(scan(sound))
    if first:
        archive(sound)
    search, step = shell.cwd / "killed" / "S", 0
    while True:
        step += 1 if step < 8 else 3 if act is archive else 8
        shutil.rmtree(search, ignore_errors=True)
        shutil.copytree(sound, search, symlinks=True)
        if not killed_at(step, search, act):
            break
        try:
            assert status_json(scan(search)).replace(f"{search}", f"{sound}") == seen, step
        except DamagedArchive as error:  # between two renames
            assert "give the same command again" in str(error), step
        targets = Rules(search, read_plan(search)).targets()
        assert all((search / target).exists() for target in targets), step
        act(search)
        assert (files_of(search) == ["archive.index", "archive.tar"] * 2) is (act is archive), step
        unarchive(search)
        assert state_of(search) == state, step
    assert step > 50
