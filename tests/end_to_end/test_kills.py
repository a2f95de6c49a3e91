"""kill -9 of anything at any moment: no result is lost, none is wrong, no finished training runs twice."""

import base64
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core.tree.record import record_path

from ..conftest import Shell
from ..helpers import finished, kill_all, start, wait_for

SLOW = 'sleep 0.05; echo 0.$x > "$1/result"; sleep 0.05; echo "$b $s $n" >> ledger'
KILLS = int(os.environ.get("HYBAND_TEST_KILLS", "12"))  # a search or two; for more luck, more


def results(search: Path) -> dict[str, bytes]:
    """Results whose training has ended well, by the record alone."""
    return {
        str(p.parent): (p.parent / "result").read_bytes()
        for p in search.glob("bracket-*/*/*/outcome") if p.read_text().startswith("completed: ")
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_kills(shell: Shell) -> None:
    """Kills of running searches, as many searches as that takes: every finished result stays as it is, byte for
    byte, no finished training runs twice, and the winner is that of an undisturbed run."""
    finished(shell, 3, 3, output="calm")
    rng = random.Random(4)
    kills = 0
    for number in range(KILLS):
        search = shell.generate(3, 3, output=f"S{number}")
        kills += kill_until_complete(shell, search, rng, KILLS - kills)
        compare(shell, search, shell.cwd / "calm")
        (shell.cwd / "ledger").unlink()
        if kills == KILLS:
            break
    assert kills == KILLS


def kill_until_complete(shell: Shell, search: Path, rng: random.Random, most: int) -> int:
    """Start and kill, checking after each kill that nothing finished has changed; how many kills met a living run."""
    before: dict[str, bytes] = {}
    kills = 0
    while kills < most:
        process = start(shell, SLOW, "-j", "4", search=search.name)
        wait_for_a_moment(process, search, rng, at_a_promotion=kills % 3 == 0)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        kill_all(process)
        kills += 1
        now = results(search)
        assert {name: now.get(name) for name in before} == before
        before = now
        if kills % 5 == 4:
            shell.run("rm", "-rf", search / ".snakemake")
    shell.snakemake(search.name, res=SLOW)
    finished = results(search)
    assert {name: finished[name] for name in before} == before
    return kills


def wait_for_a_moment(process: Any, search: Path, rng: random.Random, *, at_a_promotion: bool) -> None:
    """A random time, or until a promotion or the best configuration is just being written."""

    def written() -> int:
        return len([*search.glob("bracket-*/*/promotion"), *search.glob("best.*")])

    if not at_a_promotion:
        time.sleep(rng.uniform(0.4, 1.6))
        return
    already = written()
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and process.poll() is None and written() == already:
        time.sleep(0.001)


def compare(shell: Shell, search: Path, calm: Path) -> None:
    """The same winner and the same results; each training ended well once, and ran no oftener than it was started."""
    assert (search / "config").read_bytes() == (calm / "config").read_bytes()
    for path in calm.glob("bracket-*/*/*/result"):
        assert (search / path.relative_to(calm)).read_bytes() == path.read_bytes()
    ledger = Counter((shell.cwd / "ledger").read_text().splitlines())
    for path in search.glob("bracket-*/*/attempts/*"):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert sum(line["exit"] == 0 for line in lines) == 1
        assert lines[-1]["exit"] == 0
        b, s, n = (part.split("-")[1] for part in (*path.parts[-4:-2], path.name))
        # a training that wrote its line may have been cut off between that and its end, never after its end
        assert 1 <= ledger[f"{b} {s} {n}"] <= len(lines)


@pytest.mark.parametrize("remove", [False, True])
@pytest.mark.parametrize("who", ["training", "all", "snakemake"])
def test_a_number_of_a_killed_training_does_not_count(shell: Shell, who: str, remove: bool) -> None:
    """A wrong number is written first, then the training is killed before it could correct it."""
    search = shell.generate(0, 2)
    slot = search / "bracket-0/stage-0/config-0"
    res = 'echo -99 > "$1/result"; [ -f go ] || { sleep 100 & echo $$ $! > pids; touch started; wait $!; }; echo 0.5 > "$1/result"'
    process = start(shell, res, "--keep-incomplete")
    wait_for((shell.cwd / "started").exists)
    assert shell.slots()[0, 0, 0]["status"] == "running"
    assert shell.slots()[0, 0, 0]["result"] is None
    (shell.cwd / "go").touch()
    pids = [int(pid) for pid in (shell.cwd / "pids").read_text().split()]
    if who == "training":
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=180)
    elif who == "all":
        kill_all(process)
        wait_for(lambda: shell.slots()[0, 0, 0]["status"] == "pending")
        assert "interrupted" in shell.slots()[0, 0, 0]["reason"]
    else:
        process.kill()
        process.wait()
        os.kill(pids[1], signal.SIGKILL)  # the sleep alone
    if remove:
        shell.run("rm", "-rf", search / ".snakemake")
    shell.snakemake(res=res, check=False)
    assert (slot / "result").read_text() == "0.5\n"
    assert shell.slots()[0, 0, 0]["status"] == "completed"


def test_an_orphan_is_waited_for_and_its_result_is_taken(shell: Shell) -> None:
    """kill -9 of snakemake alone: the training goes on, and a restart neither repeats it nor runs beside it."""
    search = shell.generate(0, 2)
    res = 'echo begin >> ledger; touch started; while [ ! -f go ]; do sleep 0.05; done; echo 0.5 > "$1/result"; echo end >> ledger'
    first = start(shell, res)
    wait_for((shell.cwd / "started").exists)
    first.kill()
    first.wait()
    second = shell.start("snakemake", "--snakefile", "S/Snakefile", env={"RES": res}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with second:
        lines = []
        for line in second.stdout:
            lines.append(line)
            if "an earlier attempt has left running" in line:
                (shell.cwd / "go").touch()
    assert second.returncode == 0, "".join(lines)
    assert (shell.cwd / "ledger").read_text() == "begin\nend\n"
    assert (search / "bracket-0/stage-0/config-0/result").read_text() == "0.5\n"


def test_a_training_killed_with_its_starter_is_retried_then_failed(shell: Shell) -> None:
    """Nothing of ours runs after the kill; the same run tries again, then the bracket goes on without it."""
    shell.generate(1, 2)
    shell.snakemake(res='[ $b$s$n = 000 ] && { echo x >> ledger; kill -9 $PPID; kill -9 $$; }; echo 0.$x > "$1/result"')
    slots = shell.slots()
    assert slots[0, 0, 0]["status"] == "failed"
    assert "cut off" in slots[0, 0, 0]["reason"]
    assert slots[0, 1, 0]["status"] == "completed"
    assert (shell.cwd / "ledger").read_text() == "x\nx\n"


def test_whole_runs_that_die_use_up_no_attempts(shell: Shell) -> None:
    search = shell.generate(0, 2, "--retries", "0")
    for _ in range(4):
        (shell.cwd / "started").unlink(missing_ok=True)
        process = start(shell, "touch started; sleep 100")
        wait_for((shell.cwd / "started").exists)
        kill_all(process)
    shell.snakemake()
    assert shell.slots()[0, 0, 0]["status"] == "completed"
    assert (search / "bracket-0/stage-0/attempts/config-0").read_text().count("\n") == 5


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_retries_and_checkpoints(shell: Shell, retries: int) -> None:
    """As many attempts as asked for, each with its log; what an attempt leaves is there for the next."""
    search = shell.generate(0, 2, "--retries", str(retries))
    res = 'echo $HYBAND_ATTEMPT >> "$1/checkpoint"; echo "this is $HYBAND_ATTEMPT"; exit 7'
    shell.snakemake(res=res, check=False)
    slot = search / "bracket-0/stage-0/config-0"
    attempts = range(1, retries + 2)
    assert (slot / "checkpoint").read_text().split() == [str(a) for a in attempts]
    assert [(slot / f"attempt-{a}.log").read_text() for a in attempts] == [f"this is {a}\n" for a in attempts]
    lines = [json.loads(line) for line in record_path(slot).read_text().splitlines()]
    assert [(line["attempt"], line["exit"]) for line in lines] == [(a, 7) for a in attempts]
    assert all(line["host"] and line["start"] <= line["end"] and line["seconds"] >= 0 for line in lines)


def test_a_second_attempt_may_succeed(shell: Shell) -> None:
    shell.generate(1, 2)
    shell.snakemake(res='[ -f "$1/ckpt" ] || { touch "$1/ckpt"; exit 1; }; echo 0.$x > "$1/result"')
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


@pytest.mark.parametrize("made", ["bracket-0/stage-0/promotion", "bracket-1/stage-0/promotion", "bracket-0/stage-0/config-0/outcome"])
def test_killed_between_a_file_and_the_note_of_it(shell: Shell, made: str) -> None:
    """Snakemake marks what it makes as incomplete until it has noted the end; the file is whole, and stays as it is."""
    search = finished(shell, until=["promote_bracket_0_stage_0", "promote_bracket_1_stage_0"], res='echo 0.$x > "$1/result"')
    before = (search / made).read_bytes()
    marks = search / ".snakemake/incomplete"
    marks.mkdir(exist_ok=True)
    (marks / base64.urlsafe_b64encode(made.encode()).decode()).write_text("")
    assert shell.planned()["best"] == 1
    shell.snakemake(res='echo 0.$x > "$1/result"')
    assert shell.status()["complete"]
    assert (search / made).read_bytes() == before


@pytest.mark.slow
def test_sigterm_at_any_moment(shell: Shell) -> None:
    """It ends snakemake each time, also while that is busy with training runs that have just ended."""
    search = shell.generate(4, 2)
    rng = random.Random(5)
    for _ in range(10):
        terminate_later(start(shell, 'echo 0.$x > "$1/result"', "--cores", "4"), search, rng.randrange(1, 9))
    shell.snakemake(res='echo 0.$x > "$1/result"')
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


def terminate_later(process: Any, search: Path, more: int) -> None:
    """SIGTERM once this many more training runs have ended, or with the end of the run."""
    before = len(results(search))
    wait_for(lambda: len(results(search)) >= before + more or process.poll() is not None)
    process.terminate()
    process.wait(180)


def test_a_second_snakemake_is_refused(shell: Shell) -> None:
    search = shell.generate(0, 2)
    first = start(shell, 'touch started; while [ ! -f go ]; do sleep 0.05; done; echo 0.5 > "$1/result"')
    wait_for((shell.cwd / "started").exists)
    second = shell.try_run("snakemake", "--snakefile", "S/Snakefile", timeout=180)
    assert second.returncode == 1
    assert f"is being run by snakemake, process {first.pid} on " in second.stdout
    assert "Traceback" not in second.stdout
    retry = shell.try_run("hyband", "retry", "S")
    assert retry.returncode == 1
    assert "Nothing was changed. End it, then give this command again." in retry.stdout
    assert "trained again" not in retry.stdout
    overwrite = shell.try_run("hyband", "generate", "1", "2", "-o", "S", "--overwrite")
    assert (overwrite.returncode, "is being run" in overwrite.stdout) == (1, True)
    assert shell.planned("S") == {"train": 1, "best": 1}
    (shell.cwd / "go").touch()
    assert first.wait(timeout=180) == 0
    assert (search / "run.lock").read_text() == ""


def test_a_run_on_another_host_is_seen_by_its_heartbeat(shell: Shell) -> None:
    """Where locks are not shared between hosts: a file that is touched refuses, one that is not is free after a while."""
    search = shell.generate(0, 2)
    programs, lock = search / "hyperband/run/lock.py", search / "run.lock"
    programs.write_text(programs.read_text().replace("DEAD_AFTER = 90.0", "DEAD_AFTER = 20.0"))
    lock.write_text('{"host": "node17", "pid": 12, "since": "2026-01-01 00:00:00", "run": "r"}')
    process = shell.start("snakemake", "--snakefile", "S/Snakefile", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Waiting up to 20 s for a sign of life" in line:
                os.utime(lock)
    assert (process.returncode, "process 12 on node17" in "".join(lines)) == (1, True)
    programs.write_text(programs.read_text().replace("DEAD_AFTER = 20.0", "DEAD_AFTER = 0.5"))
    os.utime(lock)
    shell.snakemake()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_end_leaves_a_search_that_goes_on(shell: Shell, signal_number: int) -> None:
    shell.generate(0, 2)
    process = start(shell, 'touch started; [ -f go ] || sleep 2; echo 0.5 > "$1/result"')
    wait_for((shell.cwd / "started").exists)
    os.killpg(process.pid, signal_number)
    process.wait(timeout=180)
    (shell.cwd / "go").touch()
    shell.snakemake(res='touch started; [ -f go ] || sleep 2; echo 0.5 > "$1/result"')
    assert shell.slots()[0, 0, 0]["status"] == "completed"


@pytest.mark.parametrize("attempt", [1, 2])
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_number_after_a_signal_does_not_count(shell: Shell, signal_number: int, attempt: int) -> None:
    """run.sh takes a signal to its group as a request to stop early, and writes what it has: it is trained again."""
    search = shell.generate(0, 2)
    stopped = 'trap "stop=1" INT TERM HUP; touch started; while [ ! $stop ]; do sleep 0.05; done; echo -99 > "$1/result"; exit 0'
    res = f"[ $HYBAND_ATTEMPT = {attempt} ] || exit 1; {stopped}"
    process = start(shell, res)
    wait_for((shell.cwd / "started").exists)
    os.killpg(process.pid, signal_number)
    process.wait(timeout=180)
    shell.snakemake(res='touch "$1/again"; echo 0.5 > "$1/result"')
    slot = search / "bracket-0/stage-0/config-0"
    assert (slot / "again").exists()
    assert (slot / "result").read_text() == "0.5\n"
    assert [json.loads(line)["exit"] for line in record_path(slot).read_text().splitlines()][attempt - 1:] == [None, 0]


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_warning_reaches_the_program_and_ends_nothing(shell: Shell, attempt: int) -> None:
    """USR1 to the program that starts run.sh: the user's program handles it, bash in between does not die of it."""
    search = shell.generate(0, 2)
    program = ("import signal, sys, time; signal.signal(signal.SIGUSR1, lambda *_: open('warned', 'w').close()); "
               "open('started', 'w').close()\nwhile not __import__('os').path.exists('warned'): time.sleep(0.05)")
    (shell.cwd / "program.py").write_text(program)
    res = f'[ $HYBAND_ATTEMPT = {attempt} ] || exit 1; {sys.executable} program.py; echo 0.5 > "$1/result"'
    process = start(shell, res)
    wait_for((shell.cwd / "started").exists)
    record = json.loads(record_path(search / "bracket-0/stage-0/config-0").read_text().splitlines()[-1] + "}")
    os.kill(record["pid"], signal.SIGUSR1)
    assert process.wait(timeout=180) == 0
    assert (shell.cwd / "warned").exists()
    assert shell.slots()[0, 0, 0]["result"] == 0.5
    assert len(record_path(search / "bracket-0/stage-0/config-0").read_text().splitlines()) == attempt


def test_a_warning_between_two_attempts_ends_nothing(shell: Shell) -> None:
    search = shell.generate(0, 2)
    process = start(shell, 'echo 0.5 > "$1/result"; exit $((2 - HYBAND_ATTEMPT))', HYBAND_RETRY_PAUSE="2")
    record = record_path(search / "bracket-0/stage-0/config-0")
    wait_for(lambda: record.exists() and record.read_text().endswith("}\n"))
    os.kill(json.loads(record.read_text())["pid"], signal.SIGUSR1)
    assert process.wait(timeout=180) == 0
    assert shell.slots()[0, 0, 0]["result"] == 0.5


def test_ctrl_c_is_no_failed_attempt(shell: Shell) -> None:
    """Even if run.sh turns the signal into an exit status: nothing is started after it, and no attempt is used up."""
    search = shell.generate(0, 2, "--retries", "0")
    res = 'trap "exit 1" INT; echo start >> ledger; for i in 1 2 3 4 5 6 7 8 9 10; do [ -f go ] || sleep 0.3; done; echo 0.5 > "$1/result"'
    process = start(shell, res)
    wait_for((shell.cwd / "ledger").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=180)
    assert (shell.cwd / "ledger").read_text() == "start\n"
    (shell.cwd / "go").touch()
    shell.snakemake(res=res)
    assert (search / "bracket-0/stage-0/config-0/result").read_text() == "0.5\n"
