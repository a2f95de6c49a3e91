"""The live view, what it reads, and `hyband run` where there is no terminal."""

import fcntl
import io
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from hyperband_snakemake.cli.common.ended import LAST_LINES, _why
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import holders
from hyperband_snakemake.snapshot import scan as scanning
from hyperband_snakemake.snapshot import watch as watching
from hyperband_snakemake.snapshot.pace import pace_of
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.snapshot.watch import Watcher
from hyperband_snakemake.views.fitting import Look, is_live, look_of
from hyperband_snakemake.views.live import settled, view
from hyperband_snakemake.views.news import PROMOTED, QUIET, Ticker, news, progress_line
from hyperband_snakemake.views.status import status_text

from ..conftest import Shell, write_tree
from ..snapshot.test_pace import ATTEMPT


def drawn(search: Path, width: int = 80, height: int = 24, *, is_ascii: bool = False, events: Sequence[str] = ()) -> str:
    console = Console(width=width, height=height, record=True, file=io.StringIO())
    look = Look(width, height, is_ascii)
    console.print(view(scan(search), pace_of(scan(search), 100.0), 0.0, 100.0, look=look, events=events))
    return console.export_text()


@pytest.mark.parametrize("width", [80, 200])
def test_the_view_fits_its_terminal(shell: Shell, width: int) -> None:
    search = shell.generate(3, 3)
    root = "bracket-0/stage-0/config-"
    write_tree(search, {f"{root}0/outcome": "completed: 0.5\n", f"{root}0/attempts": (ATTEMPT % 10).replace('"result": "1"', '"result": "0.5"'),
                        f"{root}1/outcome": "failed: " + "why " * 80 + "\n", f"{root}2/train.log": ""})
    text = drawn(search, width)
    assert max(map(len, text.splitlines())) <= width
    for part in ("2 of 69 training runs", "Bracket 3", "2/27", "Running 1", "1 failed", "Best so far 0.5 at budget 1", "left"):
        assert part in text


def test_many_brackets_leave_room_for_the_rest(shell: Shell) -> None:
    """Those of fifty batches of proposals are not listed one by one."""
    search = shell.generate(1, 2, "--repeat", "30")
    write_tree(search, {"bracket-0/stage-0/config-0/outcome": "completed: 0.5\n", **{f"bracket-1/stage-0/config-{c}/outcome": "completed: 0.4\n" for c in range(2)}})
    text = drawn(search, 80)
    assert "Bracket 0 " in text
    assert "Bracket 30 " not in text
    assert "Brackets: 1 of 60 done, 1 at work" in text
    assert len(text.splitlines()) < 24


def test_folds_are_counted_as_what_they_belong_to(shell: Shell) -> None:
    """A configuration whose folds are training runs of their own is one of the bar, and says how many have ended."""
    search = shell.generate(1, 2, "--folds", "3", "--parallel-folds")
    own = "bracket-0/stage-0/config-1"
    start = '{"attempt": 1, "start": "1970-01-01T00:01:00Z", "host": "n1", "pid": 1, "run": "r"'
    write_tree(search, {"bracket-0/stage-0/config-0/outcome": "completed: 0.5\n", f"{own}/fold-0-0/outcome": "completed: 0.5\n",
                        f"{own}/fold-0-0/attempts": start + ', "end": "1970-01-01T00:01:09Z", "exit": 0}\n', f"{own}/fold-0-1/attempts": start})
    with (search / own / "fold-0-1" / "attempts").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as the training holds it
        text = drawn(search, 80)
    assert "3 of 15 training runs" in text
    assert re.search(r"config-1 +budget 1 +40 s +n1 +1 of 3 folds", text)


def test_a_search_at_which_nobody_works_has_no_time_left(shell: Shell) -> None:
    search = shell.generate(1, 2)
    write_tree(search, {"bracket-0/stage-0/config-0/outcome": "completed: 0.5\n"})
    text = drawn(search, 80)
    assert "nothing runs" in text
    assert "left" not in text


def test_the_bars_of_a_resumed_search_count_what_is_added(shell: Shell) -> None:
    shell.run("hyband", "generate", "1", "2", "--resume", "-o", "S")  # 2 of budget 1, 1 more; 2 of budget 2
    search = write_tree(shell.cwd / "S", {f"bracket-0/stage-0/config-{c}/outcome": f"completed: {c}\n" for c in range(2)})
    write_tree(search, {"bracket-0/stage-1/config-0/outcome": "completed: 0\n"})
    assert "budget 3 of 7" in drawn(search, 80)
    assert settled(scan(search)) == 3


def at_work(*slots: str) -> dict[str, str]:
    """Files of configurations that are being trained."""
    return {f"{slot}/{name}": "" for slot in slots for name in ("config", "train.log")}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 24), (40, 15), (200, 50), (20, 8)])
@pytest.mark.parametrize("smax", [3, 9])
def test_the_best_and_what_failed_are_in_sight_on_every_screen(tmp_path: Path, width: int, height: int, smax: int) -> None:
    """However many brackets there are, and however much runs, fails and was promoted."""
    root = "bracket-0/stage-0/config-"
    files = {"plan.json": plan_to_json(make_plan(Settings(smax, 2))), f"{root}0/outcome": "completed: 0.5\n", f"{root}1/outcome": "failed: why\n"}
    files |= at_work(*(f"bracket-{b}/stage-0/config-{c}" for b in range(smax + 1) for c in range(2, 4)))
    search = write_tree(tmp_path / "S", files)
    lines = drawn(search, width, height, events=[f"{PROMOTED}{n}" for n in range(9)]).splitlines()
    assert len(lines) < height
    assert max(map(len, lines)) <= width
    assert any("Best so far 0.5" in line for line in lines)
    assert any("1 failed" in line for line in lines)
    assert height < 15 or {"B", "R"} <= {line[0] for line in lines if line}  # some bracket, and what runs


def test_what_has_no_room_is_counted(tmp_path: Path) -> None:
    root = "bracket-0/stage-0/config-"
    files = {"plan.json": plan_to_json(make_plan(Settings(6, 2)))} | at_work(*(f"{root}{c}" for c in range(20)))
    files |= {f"{root}{c}/outcome": f"failed: {chr(c + 70) * 4}\n" for c in range(20, 28)}
    text = drawn(write_tree(tmp_path / "S", files))
    assert "Running 20" in text
    assert re.search(r"… and \d+ more", text)
    assert "… and 5 other causes: hyband failures" in text


def test_a_terminal_without_letters_beyond_ascii(tmp_path: Path) -> None:
    """Bars are told apart by their shape, also without colours."""
    files = {"plan.json": plan_to_json(make_plan(Settings(6, 2))), "bracket-6/stage-0/config-0/outcome": "failed: " + "why " * 50 + "\n"}
    text = drawn(write_tree(tmp_path / "S", files), 60, is_ascii=True)
    assert text.isascii()
    assert "#...." in text
    assert " > 0/" in text
    assert "..." in text


def test_colours_can_be_read_on_light_and_on_dark_screens(tmp_path: Path) -> None:
    """None that is nearly white, nearly black, or chosen by number; text is in the colour of the terminal."""
    files = {"plan.json": plan_to_json(make_plan(Settings(2, 2))), **at_work("bracket-0/stage-0/config-1"), "bracket-0/stage-0/config-0/outcome": "completed: 1\n",
             "bracket-1/stage-0/config-0/outcome": "failed: why\n"}
    search = scan(write_tree(tmp_path / "S", files))
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(view(search, pace_of(search, 100.0), 0.0, 100.0, look=look_of(console), events=[f"{PROMOTED}x"]))
    console.print(status_text(search, ["doubt"]))
    codes = {code for codes in re.findall(r"\x1b\[([\d;]*)m", console.file.getvalue()) for code in codes.split(";")}
    assert codes <= {"0", "1", "2", "31", "35"}  # bold, dim, red, magenta


def test_a_line_a_minute_where_something_changes() -> None:
    ticker = Ticker(0.0)
    assert ticker.due("a", 59.0) == ""
    assert ticker.due("a", 60.0).endswith(" a")
    assert ticker.due("a", 120.0) == ""
    assert ticker.due("b", 121.0).endswith(" b")
    assert ticker.due("b", 121.0 + QUIET - 1) == ""
    assert ticker.due("b", 121.0 + QUIET).endswith(" b")


def test_the_line_of_progress(tmp_path: Path) -> None:
    files = {"plan.json": plan_to_json(make_plan(Settings(1, 2))), **at_work("bracket-0/stage-0/config-0"),
             "bracket-0/stage-0/config-1/outcome": "completed: 0.5\n", "bracket-1/stage-0/config-1/outcome": "failed: why\n"}
    search = scan(write_tree(tmp_path / "S", files))
    words = "Progress: 2 of 5 training runs done, 1 failed, 1 running, budget 3 of 8, best so far 0.5 at budget 1"
    assert progress_line(search, pace_of(search, 100.0)) == words


@pytest.mark.parametrize(("term", "expected"), [("xterm-256color", True), ("dumb", False), ("unknown", False)])
def test_a_view_needs_a_terminal_that_moves_its_cursor(monkeypatch: pytest.MonkeyPatch, term: str, expected: bool) -> None:
    monkeypatch.setenv("TERM", term)
    assert is_live(Console(file=io.StringIO(), force_terminal=True)) is expected
    assert not is_live(Console(file=io.StringIO()))


def test_only_what_changed_is_read_again(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    search = shell.generate(1, 2)  # 2, 1; 2
    write_tree(search, {f"bracket-0/stage-0/config-{c}/outcome": "completed: 0.5\n" for c in range(2)})
    for path in search.rglob("config-*"):
        os.utime(path, (1e9, 1e9))
    watcher = Watcher(search)
    watcher.look()
    watcher.look()  # learns the time stamps
    read: list[str] = []
    real = scanning.read_whole
    monkeypatch.setattr(scanning, "read_whole", lambda path, parts: read.append(path.relative_to(search).as_posix()) or real(path, parts))
    monkeypatch.setattr(watching, "RECHECKED", 1)
    write_tree(search, {"bracket-1/stage-0/config-1/outcome": "failed: x\n"})
    assert watcher.look() == scan(search)
    looked = read[: -len(list(scan(search).slots())) * 2]
    assert set(looked) <= {"bracket-0/stage-0/config-0", "bracket-0/stage-0/config-1", "bracket-0/stage-1/config-0", "bracket-1/stage-0/config-1"}
    assert "bracket-1/stage-0/config-1" in looked


def test_what_retry_takes_back_is_seen(shell: Shell) -> None:
    search = shell.generate(1, 2)
    shell.snakemake(res='((s == 0 && n == 0)) && exit 3; echo 0.$x > "$1/result"')
    watcher = Watcher(search)
    assert watcher.look().complete
    shell.run("hyband", "retry", "S", "--redo-promotions")
    watcher.look()
    assert watcher.look() == scan(search)
    assert not watcher.look().complete


def test_a_watcher_sees_what_a_scan_sees(shell: Shell) -> None:
    search = shell.generate(2, 2)
    watcher = Watcher(search)
    watcher.look()
    shell.snakemake()
    watcher.look()  # sees stages that began
    assert watcher.look() == scan(search)


def test_a_watcher_follows_the_direction_and_the_queue(shell: Shell) -> None:
    """A job that is submitted, waits and runs is seen as a scan sees it, while what has no job is not read."""
    shell.run("hyband", "generate", "1", "2", "--maximize", "-o", "S")
    search = write_tree(shell.cwd / "S", {"slurm.toml": 'mode = "jobs"\n'})
    for path in search.rglob("config-*"):
        os.utime(path, (1e9, 1e9))
    watcher = Watcher(search)
    for _ in range(3):
        assert watcher.look() == scan(search)
    first = "bracket-0/stage-0/config-0"
    job = '{"token": "t", "submitted": "2026-01-01T00:00:00Z", "run": "r", "configs": 1, "job": "7"}\n'
    for state in ("PENDING|Priority", "RUNNING|None"):
        write_tree(search, {f"{first}/jobs": job, "slurm/queue": f"1 1\n7\n7|{state}|n1|0:01|x|t\n",
                            "bracket-0/stage-0/config-1/outcome": "completed: 0.9\n", "bracket-1/stage-0/config-0/outcome": "completed: 0.7\n"})
        watcher.look()
        assert watcher.look() == scan(search)
        assert watcher.look().jobs
    assert watcher.look().brackets[0].stages[0].top == [1]


def test_run_without_a_terminal_says_each_event_once(shell: Shell) -> None:
    shell.generate(2, 2)
    text = shell.run("hyband", "run", "S", "--cores", "2", env={"RES": 'if ((s == 0 && n == 1)); then exit 3; fi; echo 0.$x > "$1/result"'})
    assert text.count("Failed: bracket-0/stage-0/config-1 - run.sh exited with status 3") == 1
    assert text.count("Promoted: 1 of 3 of bracket 1 into stage 1, best 0.") == 1
    assert "Search - complete" in text
    assert "Snakemake's log: " in text


def test_run_tells_why_snakemake_failed(shell: Shell) -> None:
    shell.generate(1, 2)
    done = shell.try_run("hyband", "run", "S", "--no-such-option")
    said = "Error: Snakemake refuses its options: unrecognized arguments: --no-such-option. `snakemake --help` explains them.\n"
    assert (done.returncode, done.stdout) == (2, said)
    assert "(Did you mean --cores?)" in shell.try_run("hyband", "run", "S", "--coers", "2").stdout
    done = shell.try_run("hyband", "run", "--cores", "2", "S")
    assert (done.returncode, "SEARCH comes first, then Snakemake's options: hyband run S --cores 2\n" in done.stdout) == (2, True)
    assert shell.try_run("hyband", "run", "nowhere").returncode == 1


def test_news_of_nothing_new_is_none(shell: Shell) -> None:
    search = shell.generate(1, 2)
    assert list(news(scan(search), scan(search))) == []


def running(shell: Shell, ignored: str) -> "subprocess.Popen[str]":
    """A run of a new search of which two training runs wait until the file ``stop`` is gone."""
    search = shell.generate(1, 2)
    env = shell.env | {"RES": "while [ -e stop ]; do sleep 0.05; done; echo 0.$x > $1/result"}
    (shell.cwd / "stop").touch()
    command = ["bash", "-c", f"trap '' {ignored}; exec hyband run S --cores 2"]
    child = subprocess.Popen(command, cwd=shell.cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while sum(outcome.status == "running" for _, _, outcome, _ in scan(search).slots()) < 2:
        assert child.poll() is None
        time.sleep(0.05)
    return child


@pytest.mark.parametrize(("number", "ignored"), [(signal.SIGINT, "USR1"), (signal.SIGTERM, "USR1"), (signal.SIGTERM, "INT")])
def test_run_stops_cleanly(shell: Shell, number: int, ignored: str) -> None:
    """A signal to hyband alone, as `kill` sends it, ends all that it started, and the same command goes on.

    Also where SIGINT is ignored, as it is in the background of a script.
    """
    child, search = running(shell, ignored), shell.cwd / "S"
    child.send_signal(number)
    out, _ = child.communicate(timeout=180)
    assert child.returncode == 130
    assert "To continue: hyband run S --cores 2\n" in out
    assert not any(outcome.status == "running" for _, _, outcome, _ in scan(search).slots())
    (shell.cwd / "stop").unlink()
    out = shell.run("hyband", "run", "S", env={"RES": 'echo 0.$x > "$1/result"'})
    assert "complete, 5 of 5" in out
    assert "\nIts configuration: " in out


@pytest.mark.parametrize("numbers", [(signal.SIGTERM, signal.SIGHUP), (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)])
def test_signals_that_come_together_leave_nothing_behind(shell: Shell, numbers: tuple[int, ...]) -> None:
    child = running(shell, "USR1")
    for number in numbers:
        child.send_signal(number)
    out, _ = child.communicate(timeout=180)
    assert (child.returncode, "To continue: " in out) == (130, True)
    assert not any(outcome.status == "running" for _, _, outcome, _ in scan(shell.cwd / "S").slots())
    (shell.cwd / "stop").unlink()
    shell.snakemake()  # which no other run refuses


def test_a_view_that_cannot_be_shown_leaves_nothing_behind(shell: Shell) -> None:
    shell.generate(1, 2)
    done = shell.try_run("bash", "-c", "hyband run S --cores 1 > /dev/full", env={"RES": "sleep 0.5; echo x >> ledger; exit 1"})
    assert (done.returncode, done.stdout) == (1, "Error: standard output: No space left on device.\n")
    assert not any(outcome.status == "running" for _, _, outcome, _ in scan(shell.cwd / "S").slots())
    shell.snakemake()  # which no other run refuses


def test_a_watch_that_nobody_reads_ends(shell: Shell) -> None:
    """Of a search that goes on; what is written next finds nobody."""
    search = shell.generate(1, 2)
    watching = subprocess.Popen(["hyband", "status", "--watch", "--every", "0.2", "S"], cwd=shell.cwd, env=shell.env, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    for c in range(2):
        write_tree(search, {f"bracket-{c}/stage-0/config-0/outcome": "failed: why\n"})
        if c == 0:
            assert watching.stdout.readline() == "Failed: bracket-0/stage-0/config-0 - why\n"
            watching.stdout.close()
    assert watching.wait(180) == 0


def test_a_hangup_that_is_ignored_stops_nothing(shell: Shell) -> None:
    """As under nohup, when the terminal goes."""
    child = running(shell, "HUP")
    child.send_signal(signal.SIGHUP)
    (shell.cwd / "stop").unlink()
    out, _ = child.communicate(timeout=100)
    assert (child.returncode, "complete, 5 of 5" in out) == (0, True)


def test_run_tells_an_error_that_snakemake_goes_on_talking_after() -> None:
    """The last lines, and the error before them with what belongs to it."""
    lines = ["begin", "Error: old", "Error: it", "  is so", "other", *(f"line {n}" for n in range(LAST_LINES))]
    assert _why(1, lines, "").splitlines() == [
        "snakemake ended with status 1:", "Error: it", "  is so", "...", *(f"line {n}" for n in range(LAST_LINES))]
    assert _why(1, [*lines[:4], "last"], "").splitlines() == ["snakemake ended with status 1:", "Error: it", "  is so", "last"]
    ours = "Error in train 0 0 1 0: config-0: Permission denied. Fix that, then run snakemake again."
    assert _why(1, [ours, *lines[4:]], "").splitlines()[1:3] == [ours, "..."]  # said by a job, long before the end
    assert _why(1, ["only this"], "").splitlines() == ["snakemake ended with status 1:", "only this"]


def test_run_shows_what_snakemake_shows_without_running(shell: Shell) -> None:
    shell.generate(1, 2)
    assert "This was a dry-run" in shell.run("hyband", "run", "S", "--dry-run")


def test_a_search_that_goes_on_tells_what_is_new(shell: Shell) -> None:
    """Nothing of what an earlier run told already, but that failures are final."""
    shell.generate(1, 2)
    env = {"RES": 'if ((b == 0 && s == 0)); then exit 3; fi; echo 0.$x > "$1/result"'}
    assert shell.run("hyband", "run", "S", "--until", "train_bracket_0_stage_0", env=env).count("Failed: ") == 2
    text = shell.run("hyband", "run", "S", env=env)
    assert "Failed: " not in text
    assert "Search - complete" in text
    text = shell.run("hyband", "run", "S", env=env)
    assert text.startswith("Search - complete")
    assert "2 failed - run.sh exited with status 3\n" in text
    assert "hyband retry S\n" in text
    assert "fix S/run.sh: the search has its own copy" in text


def test_a_second_run_is_told_why_not_and_one_that_is_killed_how_to_go_on(shell: Shell) -> None:
    search = shell.generate(1, 2)
    env = shell.env | {"RES": "if [ -e stop ]; then sleep 100; fi; echo 0.$x > $1/result"}
    (shell.cwd / "stop").touch()
    child = subprocess.Popen(["hyband", "run", "S", "--cores", "1"], cwd=shell.cwd, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not any(outcome.status == "running" for _, _, outcome, _ in scan(search).slots()):
        assert child.poll() is None
        time.sleep(0.05)
    second = shell.run("hyband", "run", "S", check=False).splitlines()
    assert second[0] == "Error: snakemake ended with status 1:"
    assert "is being run by snakemake" in second[1]
    os.kill(json.loads((search / "run.lock").read_text())["pid"], signal.SIGKILL)
    _, err = child.communicate(timeout=180)
    assert "snakemake was killed by signal 9 (SIGKILL). To continue: hyband run S --cores 1" in err
    (shell.cwd / "stop").unlink()
    for pid in (pid for directory in search.glob("bracket-*/stage-*/config-*") for pid in holders(directory)):
        os.kill(pid, signal.SIGKILL)  # the orphan, which a next run would wait for
