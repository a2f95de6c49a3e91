"""The lock of a run: who holds it, also where the file system has no locks."""

import fcntl
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from hyperband_snakemake.core.run import lock
from hyperband_snakemake.core.tree import layout


def held_by(search: Path, pid: int, host: str = socket.gethostname()) -> None:
    data = {"host": host, "pid": pid, "since": "2026-01-01 00:00:00", "run": "r"}
    (search / layout.RUN_LOCK).write_text(json.dumps(data))


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("without_locks")
def test_a_living_process_holds_it_where_there_are_no_locks(tmp_path: Path) -> None:
    held_by(tmp_path, os.getppid())
    assert f"process {os.getppid()} on" in (lock.holder_of(tmp_path) or "")
    with pytest.raises(lock.SearchIsRunning):
        lock.take(tmp_path, "another")


@pytest.mark.usefixtures("without_locks")
def test_a_process_that_has_ended_holds_nothing(tmp_path: Path) -> None:
    held_by(tmp_path, 2**22 + 1)
    assert lock.holder_of(tmp_path) is None
    lock.release(lock.take(tmp_path, "next"))


def test_a_lock_that_nobody_has_is_free_whoever_it_names(tmp_path: Path) -> None:
    held_by(tmp_path, os.getppid())
    assert lock.holder_of(tmp_path) is None


def test_who_has_given_it_back_touches_it_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a run on another host, which has taken it since and died, would seem alive."""
    monkeypatch.setattr(lock, "BEAT", 0.01)
    held = lock.take(tmp_path, "run")
    beat = next(thread for thread in threading.enumerate() if thread.name == f"beat of {tmp_path / layout.RUN_LOCK}")
    assert beat.is_alive()
    lock.release(held)
    beat.join(60)
    assert not beat.is_alive()
