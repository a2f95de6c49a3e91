"""`hyband run` ends a snakemake that hangs, and nothing that still has work to end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.cli.run import Stop

from ..helpers import wait_for

DEAF = "import pathlib, signal, subprocess, sys\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\n"
STARTS = "child = subprocess.Popen(['sleep', '1000'])\n"
WAITS = "pathlib.Path('ready').touch()\nwhile True: signal.pause()\n"


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stop]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.setattr(sys.modules[Stop.__module__], "HANGS", 0)
    yield Stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def started(stop: Stop, where: Path, program: str) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen([sys.executable, "-c", program], cwd=where, start_new_session=True)
    wait_for((where / "ready").exists)
    stop.begin(child)
    return child


def test_what_hangs_is_killed(stop: Stop, tmp_path: Path) -> None:
    with started(stop, tmp_path, DEAF + WAITS) as child:
        stop()
        assert not any(stop.look_after() for _ in range(3))  # told once: it may take as long as it likes
        stop()
        wait_for(stop.look_after)
    assert child.returncode == -signal.SIGKILL


def test_what_has_more_to_end_is_waited_for(stop: Stop, tmp_path: Path) -> None:
    with started(stop, tmp_path, DEAF + STARTS + WAITS) as child:
        stop()
        stop()
        assert not any(stop.look_after() for _ in range(20))
        assert child.poll() is None
        stop()  # whatever it does
