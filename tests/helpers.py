"""What several test modules share: a search that learns, starting and killing, and waiting for a condition."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Shell, write_tree

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


def generate(shell: Shell, *options: str, output: str = "S", config: str = SPACE) -> Path:
    write_tree(shell.cwd / "T", {"config": config, "run.sh": RUN})
    return shell.generate(2, 3, "--sampler", "tpe", *options, template=shell.cwd / "T", output=output)


def start(shell: Shell, res: str, *options: str, search: str = "S") -> Any:
    """Start snakemake as the leader of a process group."""
    return shell.start("snakemake", "--snakefile", f"{search}/Snakefile", *options, env={"RES": res})


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


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return once it holds; fail where it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
