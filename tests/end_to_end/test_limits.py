"""Training runs that take too long or too much memory are ended, with all that they have started."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core.tree.record import Attempt, read_attempts

from ..conftest import Shell
from ..helpers import kill_all, start, wait_for, works_in

FIRST = "bracket-0/stage-0/config-0"
NOTE = "echo $BASHPID >> pids; "
FOREVER = f"{NOTE} sleep 1000 & wait"
DETACHED = f"""
    ({NOTE} trap '' TERM; sleep 1000; sleep 1000) &
    setsid --fork bash -c 'echo $$ >> pids; sleep 1000; sleep 1000'
    wait
"""
TAKES = """python3 -c '
import time
block = bytearray(b"x") * (300 << 20)
time.sleep(1000)'
"""


def limited(shell: Shell, *options: str, retries: int = 0, grace: float = 0.2) -> Path:
    """A search of one training run, whose programs look often and have little patience."""
    search = shell.generate(0, 2, "--retries", str(retries), *options)
    ending, limits = search / "hyperband/training/ending.py", search / "hyperband/training/limits.py"
    ending.write_text(ending.read_text().replace("GRACE = 10.0", f"GRACE = {grace}"))
    limits.write_text(limits.read_text().replace("LOOK = 1.0", "LOOK = 0.1"))
    return search


def attempts(search: Path) -> tuple[Attempt, ...]:
    return read_attempts(search / FIRST)


def alive(shell: Shell) -> list[int]:
    """Processes that run.sh has noted and that still run there."""
    return [pid for pid in map(int, (shell.cwd / "pids").read_text().split()) if works_in(pid, shell.cwd)]


@pytest.mark.parametrize(
    ("res", "grace", "status"),
    [
        (FOREVER, 60, 143),
        (f'trap \'echo 0.5 > "$1/result"; exit 0\' TERM; {FOREVER}', 60, 0),
        (f"trap '' TERM INT HUP; {NOTE} while :; do sleep 0.1; done", 0.2, 137),
        (DETACHED, 0.2, 143),
        (f"{NOTE} kill -STOP $BASHPID", 60, 143),
    ],
    ids=["hangs", "writes-at-the-end", "ignores-it", "detached", "stopped"],
)  # fmt: skip
def test_a_training_run_that_takes_too_long(shell: Shell, res: str, grace: float, status: int) -> None:
    search = limited(shell, "--time", "1s", grace=grace)
    shell.snakemake(res=res, check=False)
    reason = "time limit: it ran longer than 1 s (limits.toml)"
    (one,) = attempts(search)
    assert (one.reason, one.limit, one.exit, one.good) == (reason, "time", status, False)
    assert (search / FIRST / "outcome").read_text() == f"failed: {reason}\n"
    assert (search / FIRST / "result").read_text() == "nan\n"
    assert alive(shell) == []
    for command in (["failures", "S"], ["show", "S", FIRST], ["status", "S"]):
        assert reason in shell.run("hyband", *command), command


def test_the_next_attempt_has_twice_the_time(shell: Shell) -> None:
    search = limited(shell, "--time", "1s", retries=1)
    shell.snakemake(res=f'[[ $HYBAND_ATTEMPT == 2 ]] || {{ {FOREVER}; }}; echo 0.5 > "$1/result"')
    assert [(one.limit, one.exit, one.result) for one in attempts(search)] == [("time", 143, ""), ("", 0, "0.5")]
    search = limited(shell, "--time", "1s", "--overwrite", retries=1)
    shell.snakemake(res=FOREVER, check=False)
    assert [one.reason.split(" (")[0] for one in attempts(search)] == [f"time limit: it ran longer than {n} s" for n in (1, 2)]


def test_too_much_memory(shell: Shell) -> None:
    search = limited(shell, "--mem", "100M", "--mem", "stage>0: 1M", retries=1)
    shell.snakemake(res=TAKES, check=False)
    assert [(one.reason, one.limit) for one in attempts(search)] == [
        (f"memory limit: it used more memory than {n}M (limits.toml)", "memory") for n in (100, 200)]


def test_detached_workers_count(shell: Shell) -> None:
    """Memory of a process that has lost its parent, and is in a session of its own."""
    program = shell.cwd / "takes.sh"
    program.write_text(TAKES)
    search = limited(shell, "--mem", "200M")
    shell.snakemake(res=f"setsid --fork bash takes.sh; {FOREVER}", check=False)
    assert [one.limit for one in attempts(search)] == ["memory"]
    assert alive(shell) == []


def test_what_stays_within_its_limits(shell: Shell) -> None:
    search = limited(shell, "--time", "2h", "--mem", "10G")
    shell.snakemake()
    (one,) = attempts(search)
    assert (one.good, one.reason, one.limit) == (True, "", "")


def test_the_file_holds_from_the_next_attempt_on(shell: Shell) -> None:
    search = limited(shell, retries=1)
    edit = r"printf 'format = 1\ntime = \"1s\"\n' > S/limits.toml"
    shell.snakemake(res=f"[[ $HYBAND_ATTEMPT == 2 ]] || {{ {edit}; exit 3; }}; {FOREVER}", check=False)
    assert [(one.exit, one.limit) for one in attempts(search)] == [(3, ""), (143, "time")]


def test_a_mistake_is_said_before_anything_starts(shell: Shell) -> None:
    search = limited(shell)
    (search / "limits.toml").write_text('format = 1\ntime = "soon"\n')
    out = shell.snakemake(check=False)
    assert "limits.toml: time: 'soon' is not a valid time; expected for example 12:00:00" in out
    assert "Traceback" not in out
    assert not list(search.rglob("attempt-*"))


def test_without_limits_no_process_is_added(shell: Shell) -> None:
    """The plain case does without Python; with limits it cannot."""
    search = shell.generate(0, 2)
    env = {"HYBAND_START": str(shell.cwd), "HYBAND_SEARCH": "S", "HYBAND_RUN": "a-1-1", "HYBAND_PYTHON": "/does/not/exist"}
    command = ["bash", "hyperband/train.sh", "0", "0", "1", "0"]
    (search / "limits.toml").write_text("format = 1\n")
    assert "/does/not/exist" in shell.run(*command, cwd=search, env=env, check=False)
    assert not (search / FIRST / "outcome").exists()
    (search / "limits.toml").unlink()
    shell.run(*command, cwd=search, env=env)
    assert (search / FIRST / "outcome").read_text().startswith("completed: ")


def test_ctrl_c_is_no_limit(shell: Shell) -> None:
    """Nor does a run that was stopped have less time afterwards."""
    search = limited(shell, "--time", "1h", "--mem", "10G")
    process: Any = start(shell, f"{NOTE} exec sleep 1000")
    wait_for((shell.cwd / "pids").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    wait_for(lambda: not alive(shell))
    shell.snakemake()
    assert [(one.good, one.limit, one.reason.partition(":")[0]) for one in attempts(search)] == [(False, "", "cut off"), (True, "", "")]


def test_what_a_killed_run_has_left(shell: Shell) -> None:
    """Nobody watches it any more; the next run does."""
    search = limited(shell)
    process: Any = start(shell, f"setsid bash -c '{NOTE} exec sleep 1000' & wait")
    wait_for((shell.cwd / "pids").exists)
    kill_all(process)
    assert len(alive(shell)) == 1
    (search / "limits.toml").write_text('format = 1\ntime = "3s"\n')
    out = shell.snakemake()
    assert f"{FIRST}: it has run longer than 3 s (limits.toml) and is ended now." in out
    assert alive(shell) == []
    assert [(one.good, one.limit) for one in attempts(search)] == [(False, ""), (True, "")]


RECORD = """
readlink /proc/self/fd/$HYBAND_RECORD >> records
ls /proc/self/fd | wc -l >> descriptors
(exec {HYBAND_RECORD}>&- && exec setsid --fork bash -c 'echo $$ >> pids; exec sleep 1000')
[[ $HYBAND_ATTEMPT == 3 ]] || exit 3
echo 0.5 > "$1/result"
"""


@pytest.mark.parametrize("options", [[], ["--time", "1h"]], ids=["", "with-limits"])
def test_each_attempt_has_the_record_and_a_daemon_may_do_without(shell: Shell, options: list[str]) -> None:
    """What closes it outlives its attempt, and is not waited for."""
    search = limited(shell, *options, retries=2)
    out = shell.snakemake(res=RECORD)
    assert "waiting for" not in out
    record = str(search / "bracket-0/stage-0/attempts/config-0")
    assert (shell.cwd / "records").read_text().split() == [record] * 3
    wait_for(lambda: len(alive(shell)) == 3)
    for pid in alive(shell):
        os.kill(pid, signal.SIGKILL)
