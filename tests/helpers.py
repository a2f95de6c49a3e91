"""What several test modules share: a search that learns, starting and killing, and waiting for a condition."""

import fcntl
import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .conftest import FIXTURE, Shell, write_tree

SPACE = """\
x: {{ uniform('x', -5, 5) }}
{% if choice('kind', ['a', 'b']) == 'a' %}
y: {{ uniform('y', 0, 1) }}
{% endif %}
seed: {{ seed() }}
"""
RUN = """\
x=$(sed -n 's/^x: //p' "$1/config")
y=$(sed -n 's/^y: //p' "$1/config")
awk -v x="$x" -v y="${y:-2}" -v b="$2" 'BEGIN { printf "%.9f", (x - 1) ^ 2 + y + 1 / b }' > "$1/result"
"""


def learns(shell: Shell, config: str = SPACE, run: str = RUN) -> Path:
    """A template directory of a search that learns."""
    return write_tree(shell.cwd / "T", {"config": config, "run.sh": run})


def generate(shell: Shell, *options: str, output: str = "S", config: str = SPACE) -> Path:
    return shell.generate(2, 3, "--sampler", "tpe", *options, template=learns(shell, config), output=output)


def finished(shell: Shell, smax: int = 2, eta: int = 2, *options: str, res: str | None = None, template: Path = FIXTURE,
             output: str = "S", until: Sequence[str] = ()) -> Path:
    """A search that was run to its end, or ``until`` these rules, once for all tests that ask for the same.

    Each gets a copy, in its directory, also of what the training wrote beside the search (a ledger).
    """
    texts = sorted((path.relative_to(template).as_posix(), path.read_bytes()) for path in template.rglob("*") if path.is_file())
    key = hashlib.sha256(repr((smax, eta, options, res, texts, output, tuple(until))).encode()).hexdigest()
    own = shell.cwd.parents[1]
    kept = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"finished-{key[:16]}"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
        if not kept.exists():
            place = Path(tempfile.mkdtemp(prefix="finished-", dir=own))
            first = Shell(place, shell.env)
            first.generate(smax, eta, *options, template=template, output=output)
            first.snakemake(output, *(["--until", *until] if until else []), res=res)
            place.rename(kept)
    shutil.copytree(kept, shell.cwd, symlinks=True, dirs_exist_ok=True)
    return shell.cwd / output


def start(shell: Shell, res: str, *options: str, search: str = "S", **env: str) -> Any:
    """Start snakemake as the leader of a process group."""
    return shell.start("snakemake", "--snakefile", f"{search}/Snakefile", *options, env={"RES": res} | env)


def kill_all(process: Any) -> None:
    """kill -9 to snakemake and everything below it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_below(directory: Path) -> None:
    """kill -9 to each process that works in this directory or below it, until there is none: those of one test."""
    while found := [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if works_in(pid, directory)]:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def works_in(pid: int, directory: Path) -> bool:
    """Whether its working directory is there; a process that has ended works nowhere."""
    try:
        place = Path(os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        return False
    return pid != os.getpid() and place.is_relative_to(directory)


def wait_for(condition: Callable[[], object], seconds: float = 180) -> None:
    """Return once it holds; fail where it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def make_command(path: Path, text: str) -> None:
    """Write a program of bash that stands in for a command."""
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
