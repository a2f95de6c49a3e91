"""Full disks, missing permissions, vanished directories, wrong clocks: one-line reasons, nothing lost, and it goes on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import Shell
from ..helpers import wait_for

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system, or becomes another user")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=False).returncode:
        pytest.skip("mount is not permitted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@needs_root
def test_full_disk(shell: Shell, small_disk: Path) -> None:
    """It fills up in the middle of the search; once there is room again, the same command finishes it."""
    there = Shell(small_disk, shell.env)
    search = there.generate(2, 2)
    res = 'echo "$1" >> /proc/self/fd/1; [ $b$s$n = 001 ] && [ ! -e free ] && dd if=/dev/zero of=fill bs=1k >/dev/null 2>&1; echo 0.$x > "$1/result" || exit 5'
    out = there.snakemake(res=res, check=False)
    assert "No space left" in out
    sound = {s["path"]: s["result"] for s in there.status()["slots"] if s["status"] == "completed"}
    (small_disk / "free").touch()
    wait_for(lambda: "running" not in {s["status"] for s in there.status()["slots"]})  # snakemake died, trainings may live
    (small_disk / "fill").unlink()
    there.snakemake(res=res)
    status = there.status()
    assert status["complete"]
    after = {s["path"]: s["result"] for s in status["slots"]}
    assert all(after[path] == result for path, result in sound.items() if "stage-0" in path)
    assert {(s["status"], s["reason"], s["path"]) for s in status["slots"] if s["status"] != "completed"} == set()
    assert (search / "config").exists()


@needs_root
def test_no_permission(shell: Shell) -> None:
    """Another user may read the search but not write: refused in a line, and status works."""
    shell.generate(1, 2)
    shell.run("bash", "-c", f"chmod 755 {shell.cwd} {shell.cwd.parent} {shell.cwd.parent.parent}")
    word = ["setpriv", "--reuid", "65534", "--clear-groups"]
    if shell.try_run(*word, "hyband", "status", "S").returncode:
        pytest.skip("this environment is not readable for another user")
    assert "0 of 5" in shell.run(*word, "hyband", "status", "S")
    done = shell.try_run(*word, "hyband", "generate", "1", "2", "-o", "S/inner")
    assert (done.returncode, "Permission denied" in done.stdout) == (1, True)


def test_a_directory_that_vanishes(shell: Shell) -> None:
    """The training deletes its own directory: that configuration fails, the rest goes on."""
    shell.generate(1, 2)
    out = shell.snakemake(res='[ $b$s$n = 000 ] && rm -rf "$1"; [ -d "$1" ] && echo 0.$x > "$1/result"', check=False)
    slots = shell.slots()
    assert slots[1, 0, 0]["status"] == "completed"
    assert slots[0, 0, 1]["status"] == "completed"
    shell.snakemake(check=False)
    assert shell.status()["done"] == 5, out


def test_clocks_do_not_matter(shell: Shell) -> None:
    """Configurations from the future, results older than they are: nothing is trained again, promotion is the same."""
    search = shell.generate()
    shell.run("find", search, "-name", "config", "-exec", "touch", "-d", "+1 hour", "{}", "+")
    shell.snakemake(res='echo x >> ledger; echo 0.$x > "$1/result"; touch -d "-1 hour" "$1/result"')
    assert (shell.cwd / "ledger").read_text().count("x") == 14
    assert shell.planned() == {}


def test_odd_trainings(shell: Shell) -> None:
    """Megabytes of output in no encoding, closed descriptors, reading from standard input, another directory."""
    search = shell.generate(1, 2)
    res = 'exec 9>own.lock 3>&-; cat; head -c 3000000 /dev/urandom; p=$PWD/$1; cd /; echo 0.$x > "$p/result"'
    shell.snakemake(res=res)
    assert {s["status"] for s in shell.slots().values()} == {"completed"}
    assert (search / "bracket-0/stage-0/config-0/attempt-1.log").stat().st_size >= 3_000_000


@pytest.mark.parametrize("env", [
    {"LC_ALL": "C", "PYTHONPATH": "/does/not/exist", "PYTHONHASHSEED": "3"}, {"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"},
    {"POSIXLY_CORRECT": "1", "BASH_ENV": "/does/not/exist"}, {"HOSTNAME": 'a"b', "HYBAND_RESULT_WAIT": "10s", "SNAKEMAKE_OUTPUT_CACHE": "/tmp"},
    {"HYBAND_SEARCH": "/elsewhere", "HYBAND_RECORD": "7", "HYBAND_ATTEMPT": "9"}, {"BASH_ENV": "errexit"},
])
def test_odd_environments(shell: Shell, env: dict[str, str]) -> None:
    shell.generate(1, 2, "--bracket", "0")
    (shell.cwd / "errexit").write_text("set -eu")
    shell.snakemake(env=env, res='[ $b$s$n = 000 ] && [ $HYBAND_ATTEMPT = 1 ] && exit 3; echo 0.$x > "$1/result"')
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


def test_without_flock(shell: Shell) -> None:
    """Not every system has the program; Python's own call does the same."""
    tools = shell.cwd / "bin"
    tools.mkdir()
    for name in ("bash", "sed", "mv", "env", "uname", "which"):
        (tools / name).symlink_to(f"/bin/{name}" if os.path.exists(f"/bin/{name}") else f"/usr/bin/{name}")
    shell.generate(1, 2)
    shell.snakemake(env={"PATH": f"{shell.env['PATH'].split(':')[0]}:{tools}"})
    assert {s["status"] for s in shell.slots().values()} == {"completed"}
