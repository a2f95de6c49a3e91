"""What is known of the queue, with stand-ins for Slurm's commands."""

import os
import time
from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm.queue import Queue, ask, ask_state, clean_environment, read_queue

from ...helpers import make_command

LINES = (
    "7|RUNNING|None|n1|1:02|S-b0-s0-c0|hyband abc /s|more\n8_1|PENDING|Priority||0:00|a|(null)\n"
    "8_0|COMPLETED|None|n1|0:01|a|x\n9|FAILED|NonZeroExitCode|n2|0:01|b|y\n"
)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with commands that is first in PATH; squeue notes its calls."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "answer").write_text(LINES)
    make_command(tools / "squeue", f"echo call >> {tmp_path}/calls; cat {tmp_path}/answer")
    make_command(tools / "sacct", "exit 1")
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return tmp_path


def test_jobs(commands: Path) -> None:
    queue = ask(commands)
    assert (queue.lives("7"), queue.lives("8"), queue.lives("8_0"), queue.lives("9"), queue.lives("10")) == (True, True, False, False, False)
    assert [job.number for job in queue.tasks("8")] == ["8_1", "8_0"]
    assert queue.jobs["7"].comment == "hyband abc /s|more"
    assert read_queue(commands) == queue
    assert (commands / "slurm/queue").read_text().split("\n")[1] == ",7,8,"


def test_it_is_asked_for_once_in_a_while(commands: Path) -> None:
    for _ in range(5):
        ask(commands, patience=1000)
    assert (commands / "calls").read_text() == "call\n"
    ask(commands)
    assert (commands / "calls").read_text() == "call\n" * 2


def test_no_answer_keeps_what_was_known_and_is_not_asked_again_at_once(commands: Path) -> None:
    (commands / "slurm").mkdir()
    (commands / "slurm/queue").write_text(f"100 100\n,7,\n{LINES}")
    make_command(commands / "tools/squeue", f"echo call >> {commands}/calls; exit 1")
    queue = ask(commands, patience=1000)
    assert (queue.taken, queue.lives("7")) == (100, True)
    assert ask(commands, patience=1000).taken == 100
    assert (commands / "calls").read_text() == "call\n"


@pytest.mark.parametrize("text", ["", "x", "1", "a b\n,7,\n", "1 2\n,,\nnonsense\n7|RUNNING"])
def test_a_torn_file_is_an_empty_queue(tmp_path: Path, text: str) -> None:
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm/queue").write_text(text)
    assert read_queue(tmp_path).jobs == {}


def test_states(commands: Path) -> None:
    queue = ask(commands)
    assert ask_state("9", queue)[0] == "FAILED"
    assert ask_state("10", queue) == ("", "")
    make_command(commands / "tools/sacct", 'echo "CANCELLED by 1000"')
    assert ask_state("10", queue) == ("CANCELLED", "CANCELLED: cancelled by 1000 (job 10)")
    assert ask_state("11", Queue(int(time.time())))[0] == "CANCELLED"


def test_what_an_outer_job_says_of_itself_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"SLURM_CONF", "SBATCH_ACCOUNT", "HOME"}
    left_out = {"SLURM_JOB_ID", "SLURM_MEM_PER_CPU", "SBATCH_MEM_PER_NODE"}
    left_out |= {"SBATCH_WAIT", "SBATCH_ARRAY_INX", "SCANCEL_INTERACTIVE", "SQUEUE_FORMAT", "SINFO_PARTITION", "SACCT_FORMAT"}
    for name in kept | left_out:
        monkeypatch.setenv(name, "x")
    assert kept <= set(clean_environment())
    assert not left_out & set(clean_environment())


def test_jobs_on_another_cluster(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """squeue sees them only if it is asked about that cluster."""
    make_command(commands / "tools/squeue", f'[[ " $* " != *" --clusters=far,near "* ]] || cat {commands}/answer')
    (commands / "slurm.toml").write_text('format = 1\nmode = "jobs"\nsbatch-extra = ["-M far", "stage>=1: -M far --nice"]\n')
    (commands / "job.sh").write_text("#!/bin/bash\n#SBATCH --clusters=near\n")
    assert ask(commands).lives("7")
    (commands / "slurm.toml").write_text("a mistake, which is reported elsewhere")
    (commands / "job.sh").unlink()
    assert not ask(commands).lives("7")
    monkeypatch.setenv("SBATCH_CLUSTERS", "far,near")
    assert ask(commands).lives("7")
