"""What an attempt has left running that does not hold its record: workers are waited for, daemons pointed out."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.disk.processes import words
from hyperband_snakemake.core.training.strays import await_strays, find_strays, workers
from hyperband_snakemake.core.tree.layout import Slot

SLOT = Slot(1, 0, 3)


@pytest.fixture(autouse=True)
def _search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "S").mkdir()
    monkeypatch.chdir(tmp_path / "S")


def environment_of(tmp_path: Path, config: str = "3", search: str = "S") -> dict[str, str]:
    names = {"BRACKET": "1", "STAGE": "0", "CONFIG": config, "FOLD": "", "REPETITION": "", "SEARCH": search, "START": str(tmp_path)}
    names["SESSION"] = str(os.getsid(0))
    return os.environ | {f"HYBAND_{name}": value for name, value in names.items()}


def started(tmp_path: Path, *, config: str = "3", search: str = "S", daemon: bool = False) -> "subprocess.Popen[bytes]":
    env = environment_of(tmp_path, config, search)
    process = subprocess.Popen(["sleep", "1000"], env=env, start_new_session=daemon)
    while not words(process.pid, "environ")[1:]:  # the kernel shows none for a moment while a program is loaded
        pass
    return process


@pytest.fixture
def worker(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with started(tmp_path) as process:
        yield process
        process.kill()


def test_a_worker_is_waited_for(worker: "subprocess.Popen[bytes]") -> None:
    assert workers(SLOT) == [worker.pid]
    with pytest.raises(TimeoutError, match=rf"bracket-1/stage-0/config-3: process {worker.pid} \(sleep 1000"):
        await_strays(SLOT, 0)
    worker.send_signal(signal.SIGTERM)
    worker.wait()
    await_strays(SLOT, 0)


def test_a_worker_whose_terminal_was_closed(tmp_path: Path) -> None:
    # the shell that began the session has ended: `nohup hyband run & exit`
    shell = "HYBAND_SESSION=$$ sleep 1000 >&2 & echo $!"
    ended = subprocess.run(["bash", "-c", shell], env=environment_of(tmp_path), start_new_session=True, stdout=subprocess.PIPE)
    pid = int(ended.stdout)
    try:
        while words(pid, "cmdline")[:1] != [b"sleep"]:
            pass
        assert workers(SLOT) == [pid]
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_daemon_is_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with started(tmp_path, daemon=True) as process:
        assert (find_strays(SLOT), workers(SLOT)) == ([process.pid], [])
        await_strays(SLOT, 0)
        process.kill()
    assert f"an earlier attempt has left process {process.pid}" in capsys.readouterr().err


@pytest.mark.parametrize("other", [{"config": "4"}, {"search": "."}])
def test_others_are_not_ours(tmp_path: Path, other: dict[str, str]) -> None:
    with started(tmp_path, **other) as process:
        assert find_strays(SLOT) == []
        process.kill()
