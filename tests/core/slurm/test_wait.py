"""The small program that waits for a job, hundreds of which run at a time, with a stand-in for Python."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...conftest import ROOT
from ...helpers import wait_for

CORE = ROOT / "src/hyperband_snakemake/core"


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Path]:
    """A search in which it waits, and squeue cannot write its answer: each call adds a line to ``calls``, and fails."""
    (tmp_path / "slurm").mkdir()
    python = tmp_path / "python"
    python.write_text('#!/bin/bash\necho "$*" >> calls\nexit 1\n')
    python.chmod(0o755)
    command = ["bash", str(CORE / "wait.sh"), "7", "1", "5", "0", "0", "1", "0"]
    env = os.environ | {"HYBAND_PYTHON": str(python), "HYBAND_RUN": f"vm-{os.getpid()}-1"}
    process = subprocess.Popen(command, cwd=tmp_path, env=env)
    yield tmp_path
    process.kill()
    process.wait()


def test_what_fails_is_left_alone_for_a_while(waiting: Path) -> None:
    """Else each of those that wait would say the same, every second."""
    wait_for(lambda: (waiting / "calls").exists() and (waiting / "calls").read_text())
    assert (waiting / "calls").read_text() == "-IS hyperband squeue 5\n"
    others = subprocess.run(["flock", "--wait", "3", waiting / "slurm/asking", "true"], check=False)
    assert others.returncode == 1, "nobody else asks meanwhile"
    assert (waiting / "calls").read_text().count("\n") == 1


def test_a_mistake_in_slurm_toml_is_not_its_business(tmp_path: Path) -> None:
    """Who submits says it; who waits asks for the queue as before."""
    (tmp_path / "squeue").write_text("#!/bin/bash\necho '7|RUNNING|None|n1|0:01|x|y'\n")
    (tmp_path / "squeue").chmod(0o755)
    (tmp_path / "slurm.toml").write_text("mem = [")
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["python", "-IS", CORE, "squeue", "5"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "7|RUNNING" in (tmp_path / "slurm/queue").read_text()
