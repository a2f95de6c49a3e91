"""The program that submits jobs, where slurm.toml was changed by mistake while a run goes on."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core import submit
from hyperband_snakemake.core.tree import environment


@pytest.fixture
def waited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """A search whose slurm.toml cannot be read, and what takes the place of the program."""
    process = subprocess.Popen(["sleep", "600"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment.RUN, f"{socket.gethostname()}-{process.pid}-{time.time_ns()}")
    (tmp_path / "slurm.toml").write_text("mem = [")
    calls: list[list[str]] = []
    monkeypatch.setattr(submit, "keep_others_out", lambda _: None)  # this process is several of them
    monkeypatch.setattr(os, "execvp", lambda _, words: calls.append(words))
    yield calls
    process.kill()
    process.wait()


def test_a_mistake_is_said_once_and_waited_for(waited: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    for config in "01":
        submit.main(["0", "0", "1", config])
        submit.main(["--since", "5", "0", "0", "1", config])
    said = capsys.readouterr().err
    assert said.count("slurm.toml") == 1
    assert "Until then no job is submitted; those in the queue are not affected." in said
    assert [(words[1:3], words[5:]) for words in waited] == [(["hyperband/wait.sh", ""], ["0", "0", "1", config]) for config in "0011"]
    Path("slurm.toml").write_text("format = 1\nmode = 'jobs'\nnonsense = 3\n")
    submit.main(["0", "0", "1", "0"])
    assert "'nonsense' is not an option" in capsys.readouterr().err


def test_what_is_done_does_not_wait_for_it(waited: list[list[str]]) -> None:
    directory = Path("bracket-0/stage-0/config-0")
    directory.mkdir(parents=True)
    (directory / "outcome").write_text("completed: 1\n")
    (directory / "result").write_text("1\n")
    assert submit.main(["--since", "5", "0", "0", "1", "0"]) == 0
    assert not waited
