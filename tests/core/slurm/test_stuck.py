"""Jobs that wait in vain: which reasons are said, once, and which jobs are replaced; Slurm's commands are stand-ins."""

import json
import os
import socket
import time
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.slurm.jobs import append, begin_text, submitted_text
from hyperband_snakemake.core.slurm.never_began import read_lines, was_replaced
from hyperband_snakemake.core.slurm.queue import Job, Queue
from hyperband_snakemake.core.slurm.request import slurm_from_toml
from hyperband_snakemake.core.slurm.stuck import look_for_stuck_jobs
from hyperband_snakemake.core.tree import environment
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import record_path

SLURM = slurm_from_toml('format = 1\nmode = "jobs"\ntime = "10"\nmem = "1G"')
SLOT, NEIGHBOUR = Slot(0, 0, 0), Slot(0, 0, 1)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search that is the working directory, in a run that lives; scancel notes whom it is to cancel."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment.RUN, f"{socket.gethostname()}-{os.getpid()}-{time.time_ns()}")
    monkeypatch.setenv(environment.SEARCH, "my search")
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(Settings(2, 2))))
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "scancel").write_text(f'#!/bin/bash\necho "$*" >> {tmp_path}/cancelled\n')
    (tools / "scancel").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    return tmp_path


def job(number: str, reason: str, slot: Slot = SLOT, state: str = "PENDING", search: str = "") -> Job:
    return Job(number, state, reason, comment=f"hyband abc {search or Path.cwd()}/{slot}")


def look(*jobs: Job) -> None:
    look_for_stuck_jobs(SLURM, Queue(1, {job.number: job for job in jobs}))


def had_too_little(slot: Slot, state: str = "TIMEOUT") -> None:
    path = record_path(slot.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"attempt": 1, "job": "6", "end": "x", "exit": None, "reason": "r", "slurm": state}) + "\n")


def submitted(number: str, *slots: Slot) -> None:
    append(slots, begin_text("abc", environment.run_id(), len(slots)) + submitted_text(number))


def test_a_reason_is_said_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    look(job("7", "PartitionTimeLimit"), job("8", "PartitionTimeLimit", NEIGHBOUR), job("9", "Priority"))
    assert capsys.readouterr().err == (
        "bracket-0/stage-0/config-0: job 7 waits for a reason that will not go away by itself: PartitionTimeLimit (2 jobs). "
        "Change time in 'my search'/slurm.toml, then: scancel 7 (another one is submitted)\n")
    look(job("7", "PartitionTimeLimit"), job("8", "PartitionTimeLimit", NEIGHBOUR))
    assert capsys.readouterr().err == ""
    look(job("7", "JobHeldUser"))
    assert capsys.readouterr().err.endswith("JobHeldUser. Let it go: scontrol release 7\n")
    monkeypatch.setenv(environment.RUN, environment.run_id() + "1")  # another run
    look(job("7", "PartitionTimeLimit"))
    assert capsys.readouterr().err != ""


def test_nodes_are_named_and_other_nodes_are_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    look(job("7", "ReqNodeNotAvail, UnavailableNodes:node[1-2]"))
    assert "ReqNodeNotAvail, UnavailableNodes:node[1-2]. Its nodes are down" in capsys.readouterr().err
    look(job("7", "ReqNodeNotAvail, UnavailableNodes:node3"))
    assert capsys.readouterr().err == ""


def test_what_is_not_ours_or_passes(capsys: pytest.CaptureFixture[str]) -> None:
    look(job("7", "PartitionTimeLimit", search="/else/where"), job("8", "Resources"), job("9", "PartitionTimeLimit", state="RUNNING"))
    assert capsys.readouterr().err == ""
    assert read_lines() == ()


@pytest.mark.parametrize("run", ["", "{host}-999999999-1"])
def test_nobody_is_told_where_no_run_lives(run: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.RUN, run.format(host=socket.gethostname()))
    look(job("7", "PartitionTimeLimit"))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("state", "reason"), [("TIMEOUT", "PartitionTimeLimit"), ("TIMEOUT", "QOSMaxWallDurationPerJobLimit"), ("OUT_OF_MEMORY", "QOSMaxMemoryPerJob"),
                          ("OUT_OF_MEMORY", "BadConstraints")])
def test_a_doubled_limit_is_taken_back(here: Path, state: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    had_too_little(SLOT, state)
    submitted("7", SLOT)
    look(job("7", reason))
    look(job("7", reason))
    assert (here / "cancelled").read_text() == "7\n"
    assert was_replaced("7")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"bracket-0/stage-0/config-0: job 7 can never start ({reason})" in said


def test_of_a_pack_any_may_have_grown(here: Path) -> None:
    had_too_little(NEIGHBOUR)
    submitted("7", SLOT, NEIGHBOUR)
    look(job("7", "PartitionTimeLimit"))
    assert (here / "cancelled").read_text() == "7\n"


def test_an_array_is_one_job(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    had_too_little(NEIGHBOUR)
    submitted("7", SLOT, NEIGHBOUR)
    look(job("7_0", "PartitionTimeLimit"), job("7_1", "PartitionTimeLimit"))
    assert (here / "cancelled").read_text() == "7\n"
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("reason", ["JobHeldUser", "InvalidAccount", "ReqNodeNotAvail"])
def test_what_no_limit_causes_is_not_replaced(here: Path, reason: str) -> None:
    had_too_little(SLOT)
    submitted("7", SLOT)
    look(job("7", reason))
    assert not (here / "cancelled").exists()
    assert not was_replaced("7")
