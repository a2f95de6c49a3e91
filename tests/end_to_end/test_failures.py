"""A failed training is an outcome: it is recorded with its reason, and never stops what can go on."""

import subprocess

import pytest

from ..conftest import Shell, copy_case

FAILURES = [
    ("exit 3", "run.sh exited with status 3"),
    ('echo nan > "$1/result"; exit 3', "run.sh exited with status 3"),
    ('echo 0.1 > "$1/result"; exit 1', "run.sh exited with status 1"),
    ('echo 0.1 > "$1/result"; kill -9 $$', "killed (status 137, signal 9): out of memory"),
    ("kill -TERM $$", "terminated (status 143"),
    ("kill -SEGV $$", "signal 11 (SIGSEGV)"),
    ("true", "wrote no result"),
    ("no-such-program", "was not found"),
    (': > "$1/result"', "it is empty"),
    ('echo 0,5 > "$1/result"', "write a decimal point"),
    ('echo -inf > "$1/result"', "infinite"),
    ('echo "0.5 0.6" > "$1/result"', "several numbers"),
    ("printf '0.5' | iconv -t UTF-16 > \"$1/result\"", "not plain text"),
    ('trap "" XFSZ; ulimit -f 0; set +e; echo 0.5 > "$1/result"; true', "it is empty"),
    ('mkdir "$1/result"', "cannot be read: Is a directory"),
]


def test_one_failure(shell: Shell) -> None:
    """Half of a stage fails, each in its own way; the rest continues, and what failed is never promoted."""
    search = shell.generate(4, 2, "--bracket", "0", "--last-stage", "1")
    ways = " ".join(f"{number}) {action};;" for number, (action, _) in enumerate(FAILURES))
    shell.snakemake(res=f'[ $s = 0 ] || n=99; case $n in {ways} *) echo 0.$x > "$1/result";; esac',
                    env={"HYBAND_KEEP_FAILING": "1"})  # five of them may be the first
    slots = shell.slots()
    assert len(slots) == 16 + 8
    for number, (action, reason) in enumerate(FAILURES):
        bad = slots[0, 0, number]
        assert (action, bad["status"], bad["result"]) == (action, "failed", None)
        assert reason in bad["reason"], action
        directory = search / f"bracket-0/stage-0/config-{number}"
        if (directory / "result").is_file():
            assert (directory / "result").read_text() == "nan\n", action
        assert (directory / "attempt-1.log").exists()
    assert {slots[0, 0, n]["status"] for n in range(len(FAILURES), 16)} == {"completed"}
    assert slots[0, 1, 0]["origin"] == f"bracket-0/stage-0/config-{len(FAILURES)}"
    assert [slots[0, 1, c]["status"] for c in range(8)] == ["completed"] + 7 * ["empty"]


def test_output_of_the_training_is_kept(shell: Shell) -> None:
    """Of each attempt, both streams; a failed training is tried once more by default."""
    search = shell.generate(0, 2)
    shell.snakemake(res="echo out $HYBAND_ATTEMPT; echo err >&2; exit 1", check=False)
    for attempt in (1, 2):
        assert (search / f"bracket-0/stage-0/config-0/attempt-{attempt}.log").read_text() == f"out {attempt}\nerr\n"
    assert not (search / "bracket-0/stage-0/config-0/attempt-3.log").exists()


def test_too_few_survivors_leave_slots_empty(shell: Shell) -> None:
    search = shell.generate(2, 2, "--bracket", "0")
    out = shell.snakemake(res='echo "$1" >> calls; [ $n = 2 ] || [ $s = 1 ] && echo 0.5 > "$1/result" || echo nan > "$1/result"')
    slots = shell.slots()
    assert [slots[0, 0, c]["status"] for c in range(4)] == ["failed", "failed", "completed", "failed"]
    assert [slots[0, 1, c]["status"] for c in range(2)] == ["completed", "empty"]
    assert slots[0, 1, 0]["origin"] == "bracket-0/stage-0/config-2"
    assert slots[0, 2, 0]["status"] == "failed"
    calls = (shell.cwd / "calls").read_text().split()
    assert "S/bracket-0/stage-1/config-1" not in calls
    assert (search / "bracket-0/stage-0/promotion").read_text() == "slot\tfrom\tresult\n0\t2\t0.5\n1\t-\t-\n"
    text = shell.run("hyband", "status", "S")
    assert "Failed: 4" in text
    assert "1. 0.5 - S/bracket-0/stage-1/config-0 (budget 2)" in out  # the largest budget that has a result


def test_a_failed_bracket_does_not_stop_the_others(shell: Shell) -> None:
    shell.generate()
    out = shell.snakemake(res='[ $b = 0 ] && exit 1; echo 0.$x > "$1/result"')
    assert "Best configurations:" in out
    status = shell.status()
    assert status["complete"]
    assert {s["status"] for s in status["slots"] if s["bracket"] == 0} == {"failed", "empty"}
    assert {s["status"] for s in status["slots"] if s["bracket"] > 0} == {"completed"}


def test_all_failed(shell: Shell) -> None:
    shell.generate()
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", env={"RES": "exit 1", "HYBAND_KEEP_FAILING": "1"})
    assert done.returncode == 1
    last = done.stdout[done.stdout.index("no configuration has a result"):]
    assert "hyband failures S" in last
    assert not (shell.cwd / "S/config").exists()
    assert "Search - every training run failed, " in (text := shell.run("hyband", "status", "S"))
    assert text.rstrip().endswith("no result")


def test_a_second_attempt_has_the_directory_to_itself(shell: Shell) -> None:
    """What the first left running is ended before the second starts; its late number counts for nothing."""
    shell.generate(0, 2)
    late = '(trap "" HUP; echo $BASHPID > late; sleep 60; echo -99 > "$1/result") & until [ -s late ]; do sleep 0.05; done; '
    second = '[[ $(cut -d " " -f 3 /proc/$(cat late)/stat) == [RSD] ]] && touch alive; echo 0.5 > "$1/result"'
    shell.snakemake(res=f"[ $HYBAND_ATTEMPT = 1 ] && {{ {late} exit 1; }}; {second}")
    assert shell.slots()[0, 0, 0]["result"] == 0.5
    assert (shell.cwd / "late").exists()
    assert not (shell.cwd / "alive").exists()


def test_who_only_reads_the_record_is_left_alone(shell: Shell) -> None:
    """Between two attempts, what the first left running is ended, but not somebody's tail -f."""
    shell.generate(0, 2)
    record = shell.cwd / "S/bracket-0/stage-0/attempts/config-0"
    record.parent.mkdir()
    record.touch()
    with subprocess.Popen(["tail", "-f", str(record)], stdout=subprocess.DEVNULL) as reader:
        shell.snakemake(res='[ $HYBAND_ATTEMPT = 1 ] && exit 1; echo 0.5 > "$1/result"')
        assert reader.poll() is None
        reader.kill()
    assert shell.slots()[0, 0, 0]["result"] == 0.5


def test_a_pipe_as_result_blocks_nothing(shell: Shell) -> None:
    shell.generate(1, 2)
    shell.snakemake(res='if [ $b$s$n = 000 ]; then rm -f "$1/result"; mkfifo "$1/result"; else echo 0.$x > "$1/result"; fi')
    assert shell.slots()[0, 0, 0]["status"] == "failed"
    assert shell.status()["complete"]


def test_a_missing_run_sh_is_nobodys_failure(shell: Shell) -> None:
    search = shell.generate(1, 2)
    (search / "run.sh").rename(shell.cwd / "run.sh")
    out = shell.snakemake(check=False)
    assert "run.sh: is missing" in out
    (shell.cwd / "run.sh").rename(search / "run.sh")
    shell.snakemake()
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


@pytest.mark.parametrize("winner", ["0 0", "1 2", "2 1"])
def test_every_bracket_can_win(shell: Shell, winner: str) -> None:
    b, n = winner.split()
    shell.generate(2, 2)
    shell.snakemake(res=f'r=$(sed -n "s/^id: //p" "$1/config"); [ $r = {b}-{n} ] && echo -1 > "$1/result" || echo 0.$x > "$1/result"')
    best = shell.status()["best"]
    assert best["result"] == -1
    assert best["path"].startswith(f"S/bracket-{b}/")
    assert f"id: {b}-{n}\n" in (shell.cwd / "S/config").read_text()


def test_a_crashed_training_behind_a_pipe_is_the_users_mistake_but_ends(shell: Shell) -> None:
    """The exit status is that of tee: nothing can tell. The search still ends, and the log holds the traceback."""
    search = shell.generate(template=copy_case("08", shell.cwd / "T"))
    shell.snakemake()
    assert shell.status()["done"] == 14
    assert (search / "bracket-0/stage-0/config-0/attempt-1.log").exists()


WORKER = """
import subprocess, sys
subprocess.Popen(["bash", "-c", 'while sleep 0.02; do date >> "$0/beats"; echo 0.00001 > "$0/result"; done', sys.argv[1]])
sys.exit(3)
"""


def test_a_worker_that_closes_the_record_is_ended_as_well(shell: Shell) -> None:
    """Python closes what it inherits in all that it starts."""
    shell.generate(0, 2)
    (shell.cwd / "worker.py").write_text(WORKER)
    res = 'if [[ $HYBAND_ATTEMPT == 1 ]]; then exec python3 worker.py "$1"; fi; rm "$1/beats"; sleep 0.5; ls "$1" > seen; echo 0.5 > "$1/result"'
    shell.snakemake(env={"RES": res})
    assert "beats" not in (shell.cwd / "seen").read_text()
    assert shell.slots()[0, 0, 0]["result"] == 0.5


def test_a_record_that_run_sh_deletes_is_put_back(shell: Shell) -> None:
    """It is not in the directory that run.sh was given, but a wrong path leads anywhere."""
    search = shell.generate(0, 2, "--retries", "2")
    shell.snakemake(env={"RES": 'echo x >> ledger; rm "$1/../attempts/config-0"; exit 4'}, check=False)
    assert (shell.cwd / "ledger").read_text() == "x\n" * 3
    assert (search / "bracket-0/stage-0/attempts/config-0").read_text().count("status 4") == 3
    assert shell.slots()[0, 0, 0]["status"] == "failed"


def test_the_users_own_files_with_our_names_stay(shell: Shell) -> None:
    """Once the record is kept apart, a file `jobs` or `attempts` is the training run's own."""
    search = shell.generate(0, 2)
    res = 'echo "mine $HYBAND_ATTEMPT" >> "$1/jobs"; cp "$1/jobs" "$1/attempts"; (( HYBAND_ATTEMPT > 1 )) && echo 0.5 > "$1/result"'
    shell.snakemake(env={"RES": res})
    slot = search / "bracket-0/stage-0/config-0"
    assert {(slot / name).read_text() for name in ("jobs", "attempts")} == {"mine 1\nmine 2\n"}
    assert shell.slots()[0, 0, 0]["result"] == 0.5
