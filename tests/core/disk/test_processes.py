"""Processes of this host: their children, their end, and their memory."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyperband_snakemake.core.disk import processes
from hyperband_snakemake.core.disk.locks import start_of
from hyperband_snakemake.core.disk.processes import (
    children_below,
    closure,
    is_alive,
    is_stopped,
    is_zombie,
    takes_more,
)
from hyperband_snakemake.core.tree.environment import RunId

from ...helpers import wait_for


def test_what_runs_is_known_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on macOS: there, what works for a run would else take it for dead."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    for place in (processes._PROC, tmp_path):
        monkeypatch.setattr(processes, "_PROC", place)
        assert processes.exists(os.getpid())
        assert processes.exists(1)
        assert not processes.exists(ended.pid)
        assert RunId(socket.gethostname(), os.getpid(), 0).is_alive()
        assert not RunId(socket.gethostname(), ended.pid, 0).is_alive()


FAMILY = """
import os, sys
block = bytearray(os.urandom(1)) * (int(sys.argv[1]) << 20)
for _ in range(3):
    if not os.fork():
        break
os.write(1, b"%d\\n" % os.getpid())
sys.stdin.read()
"""


@contextmanager
def family(megabytes: int) -> Iterator[tuple[int, ...]]:
    """A process with so much memory and three children that share it."""
    command = [sys.executable, "-c", FAMILY, str(megabytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout
        yield tuple(int(program.stdout.readline()) for _ in range(4))


def test_what_forks_share_counts_once() -> None:
    with family(100) as pids:
        assert sum(map(processes._resident, pids)) > 400 << 20
        assert not takes_more(pids, 250)
        assert takes_more(pids, 90)


def test_without_shares_each_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_proportional", processes._resident)
    with family(100) as pids:
        assert takes_more(pids, 250)
    wait_for(lambda: not takes_more(pids, 1))  # they have ended


def test_children() -> None:
    """Also where the kernel does not list them."""
    with family(1) as pids:
        for table in (children_below(os.getpid()), processes._children_of_all()):
            head = next(pid for pid in pids if pid in table[os.getpid()])
            assert set(closure(table, [head])) == set(pids)


def test_the_end_of_a_process() -> None:
    child = subprocess.Popen(["sleep", "1000"])
    start = start_of(child.pid)
    assert is_alive(child.pid, start)
    assert not is_alive(child.pid, (start or 0) + 1)  # another process of the same number
    child.send_signal(signal.SIGSTOP)
    wait_for(lambda: is_stopped(child.pid))
    assert is_alive(child.pid)
    child.kill()
    wait_for(lambda: is_zombie(child.pid))
    assert not is_alive(child.pid, start)
    child.wait()
    assert not is_alive(child.pid)
