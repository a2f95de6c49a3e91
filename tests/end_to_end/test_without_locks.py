"""A file system without flock: every call of it fails, as on some network file systems."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ..conftest import Shell
from ..helpers import wait_for

SHIM = "#include <errno.h>\nint flock(int file, int how) { (void)file, (void)how; errno = ENOSYS; return -1; }\n"


@pytest.fixture
def snakemake(tmp_path: Path) -> list[str]:
    """Snakemake, for which no file system has locks."""
    if (compiler := shutil.which("cc")) is None:
        pytest.skip("no C compiler")
    (tmp_path / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "shim.so", tmp_path / "shim.c"], check=True)
    return ["env", f"LD_PRELOAD={tmp_path / 'shim.so'}", "snakemake", "--snakefile", "S/Snakefile"]


def test_no_two_attempts_are_in_one_directory(shell: Shell, snakemake: list[str]) -> None:
    """kill -9 of snakemake alone: what it has left running is waited for, and its number is taken."""
    shell.generate(0, 2)
    res = 'echo start >> ledger; touch started; until [ -e go ]; do sleep 0.05; done; echo end >> ledger; echo 0.5 > "$1/result"'
    first = shell.start(*snakemake, env={"RES": res})
    wait_for((shell.cwd / "started").exists)
    first.kill()
    first.wait()
    with shell.start(*snakemake, env={"RES": res}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as second:
        lines = []
        for line in second.stdout:
            lines.append(line)
            if "which an earlier attempt has left running" in line:
                (shell.cwd / "go").touch()
    out = "".join(lines)
    assert second.returncode == 0, out
    assert out.count("This file system has no file locks (flock).") == 1
    assert (shell.cwd / "ledger").read_text() == "start\nend\n"
    assert shell.slots()[0, 0, 0]["result"] == 0.5


def test_a_lock_that_a_dead_run_has_left_refuses_nobody(shell: Shell, snakemake: list[str]) -> None:
    """Its process number is another's by now."""
    search = shell.generate(0, 2)
    holder = {"host": os.uname().nodename, "pid": os.getpid(), "since": "2026-01-01 00:00:00", "run": "r"}
    (search / "run.lock").write_text(json.dumps(holder | {"start": 1}))
    shell.run(*snakemake)
    (search / "run.lock").write_text(json.dumps(holder))  # as 0.1.0 writes it
    os.utime(search / "run.lock", (1, 1))
    shell.run(*snakemake)
    assert shell.status()["complete"]


def test_two_who_wait_do_not_wait_for_each_other(shell: Shell, snakemake: list[str]) -> None:
    """Snakemake is killed alone twice: the second one has left a program that waits, too."""
    shell.generate(0, 2)
    res = 'echo start >> ledger; until [ -e go ]; do sleep 0.05; done; echo end >> ledger; echo 0.5 > "$1/result"'

    def killed_once(text: str, name: str) -> None:
        log = shell.cwd / name
        with log.open("w") as file:
            process = shell.start(*snakemake, env={"RES": res}, stdout=file, stderr=subprocess.STDOUT)
        wait_for(lambda: text in log.read_text() or text in "".join(path.read_text() for path in shell.cwd.glob("ledger")))
        process.kill()
        process.wait()

    killed_once("start", "first")
    killed_once("waiting for", "second")
    with (shell.cwd / "third").open("w") as file:
        third = shell.start(*snakemake, env={"RES": res}, stdout=file, stderr=subprocess.STDOUT)
    wait_for(lambda: "waiting for" in (shell.cwd / "third").read_text())
    (shell.cwd / "go").touch()
    assert third.wait(100) == 0
    assert (shell.cwd / "ledger").read_text() == "start\nend\n"
    assert shell.slots()[0, 0, 0]["result"] == 0.5
