"""Archives: every command prints the same, all comes back byte for byte, and nothing is lost wherever it is killed."""

import os
import shutil
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from hyperband_snakemake.cli import cli
from hyperband_snakemake.core.disk.archives import DamagedArchive, find_archive
from hyperband_snakemake.core.run.rules import Rules
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.errors import NotASearch
from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.status import status_json
from hyperband_snakemake.writing.archiving.contents import SMALL
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
        step += 1 if step < 8 else 4 if act is archive else 8
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


def test_what_stays_and_what_does_not_come_in_the_way(shell: Shell) -> None:
    """Large files, links, checkpoints, other searches, and what nobody can write down; odd names that can be are packed."""
    search = shell.generate(1, 2, "--carry", "checkpoint*", "--bracket", "1")
    shell.snakemake("S")
    place = search / "bracket-1/stage-0/config-0"
    write_tree(place, {"checkpoint/a": "small", "inner/plan.json": "{}", "inner/bracket-0/x": "y", "odd/ünï cöde " + "n" * 150: "z", "empty": ""})
    (place / "large").write_bytes(bytes(SMALL + 1))
    (place / "link").symlink_to("config")
    os.link(place / "large", place / "other name")
    (place / "two\nlines").write_text("x")
    (place / "nowhere").mkdir(mode=0o700)
    write_tree(search, {"bracket-1/stage-0/config-7/config": "of another search"})
    state = state_of(search)
    done = archive(search)
    assert [(one.files, one.staying) for one in done.packed] == [(len(find_archive(search / "bracket-1").files), 8)]
    left = {path.relative_to(search).as_posix() for path in search.glob("bracket-1/**/*") if not path.is_dir() or path.is_symlink()}
    own = {"checkpoint/a", "inner/plan.json", "inner/bracket-0/x", "large", "link", "other name", "two\nlines"}
    assert left == {f"bracket-1/stage-0/config-0/{name}" for name in own} | {
        "bracket-1/archive.index", "bracket-1/archive.tar", "bracket-1/stage-0/config-7/config"}
    with tarfile.open(search / "bracket-1/archive.tar") as tar:
        assert "stage-0/config-0/odd/ünï cöde " + "n" * 150 in tar.getnames()
    unarchive(search)
    assert state_of(search) == state


def test_what_was_written_since_is_kept(shell: Shell) -> None:
    search = finished(shell, 1, 2, "--retries", "1", res=FAILS)
    archive(search)
    write_tree(search, {"bracket-0/stage-0/config-0/result": "mine", "bracket-0/stage-0/config-0/notes": "new"})
    assert archive(search).before == (0, 1)
    done, slot = unarchive(search), search / "bracket-0/stage-0/config-0"
    assert done.beside == (slot / "result.archived",)
    assert ((slot / "result").read_text(), (slot / "notes").read_text()) == ("mine", "new")
    assert (slot / "result.archived").read_text().startswith("0.")


def test_a_damaged_archive_is_found_and_nothing_is_taken_for_missing(shell: Shell) -> None:
    search = finished(shell, 1, 2, "--retries", "1", res=FAILS)
    archive(search)
    tar, index = search / "bracket-0/archive.tar", search / "bracket-0/archive.index"
    sound, rows = tar.read_bytes(), index.read_bytes()
    damages = {"checksum is wrong, and 1 of": (tar, sound.replace(b"completed", b"bompleted", 1)), "bytes of": (tar, sound[:-512]),
               "is missing": (tar, None), "is damaged (": (index, b"{"), "has not all rows": (index, rows[: rows.rindex(b"\n", 0, -1) + 1]),
               "has format 3": (index, rows.replace(b'"format": 1', b'"format": 3')), "archive.index is missing": (index, None)}
    for said, (path, data) in damages.items():
        path.unlink() if data is None else path.write_bytes(data)
        for command in (["check"], ["archive", "--undo"]):
            done = CliRunner().invoke(cli, [command[0], str(search), *command[1:]])
            assert done.exit_code == 1
            assert said in (done.output + str(done.exception)), command
        assert not any(name.startswith("bracket-0/stage") for name in Rules(search, read_plan(search)).targets())
        tar.write_bytes(sound)
        index.write_bytes(rows)
    unarchive(search)


def test_refusals(shell: Shell) -> None:
    """While it runs, and what would change something in an archive: in one sentence, and nothing is changed."""
    with pytest.raises(NotASearch):
        archive(shell.cwd)
    search = finished(shell, 1, 2, "--retries", "1", res=FAILS)
    for words in ([], ["--undo"]):
        with held(search):
            assert "Nothing was changed" in shell.run("hyband", "archive", "S", *words, check=False)
    assert archive(search, is_dry=True).packed
    assert not (search / "bracket-0/archive.tar").exists()
    archive(search)
    (search / "bracket-0/stage-0/config-0").mkdir(parents=True)
    state = state_of(search)
    for words in (["retry", "S", "--redo-promotions"], ["extend", "S", "--smax", "+1"]):
        done = shell.try_run("hyband", *words)
        assert (done.returncode, "is archived, and" in done.stdout) == (1, True), done.stdout
        assert done.stdout.endswith("hyband archive S --undo\n  Nothing was changed.\n")
    assert state_of(search) == state
    shutil.rmtree(search / "hyperband/disk")
    assert "know no archives" in shell.try_run("hyband", "archive", "S").stdout


def test_a_run_of_an_archived_search_trains_what_is_new_and_nothing_else(shell: Shell) -> None:
    """What has not ended stays, and its run continues; a sampler learns from what is packed."""
    search = generate(shell, "--retries", "0")
    shell.snakemake("S", "--until", "train_bracket_0_stage_2")
    said = shell.run("hyband", "archive", "S")
    assert "Bracket 1 stays as it is: it has not ended." in said
    assert (search / "bracket-0/archive.tar").exists()
    archived = (search / "bracket-0/archive.tar").read_bytes()
    shell.snakemake("S")
    assert shell.status()["complete"]
    shell.run("hyband", "archive", "S")
    assert shell.planned() == {}
    shell.run("hyband", "refine", "S", "--trials", "1")
    assert shell.planned() == {"train": 1, "best": 1}
    shell.snakemake("S")
    assert "0 findings" in shell.run("hyband", "check", "S")
    assert (search / "bracket-0/archive.tar").read_bytes() == archived
    best = (search / "config").read_bytes()
    for name in ("config", "best.json", "best.html"):
        (search / name).unlink()
    assert shell.planned() == {"best": 1}
    shell.snakemake("S")
    assert (search / "config").read_bytes() == best
