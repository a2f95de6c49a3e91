"""Mode jobs on a real Slurm: jobs that end before run.sh was started, or cannot begin, are no failed training runs."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import APART, Cluster, run, wait_for

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(400)]


def adapt(cluster: Cluster, lines: str) -> None:
    """Add what a user's job.sh does before its last line."""
    script = cluster.shell.cwd / "S/job.sh"
    head, exec_, rest = script.read_text().partition("exec bash")
    script.write_text(f"{head}{lines}\n{exec_}{rest}")


def log(cluster: Cluster) -> str:
    return (cluster.shell.cwd / "snakemake.log").read_text()


def begun(cluster: Cluster) -> list[str]:
    return [line for line in cluster.lines if line.startswith("begin")]


def stop(process: "subprocess.Popen[str]") -> None:
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)


def waiting(name: str) -> str:
    """Number of the job of this name that waits."""
    return run("squeue", "-h", "-t", "PD", "-p", APART, "-n", name, "-o", "%i").strip()


@pytest.mark.apart
def test_a_node_where_jobs_end_at_once(cluster: Cluster) -> None:
    """It takes no job that the other one could have: all are trained there, once."""
    cluster.generate("jobs", "--partition", APART, "--cpus", "5", smax=2)
    adapt(cluster, "[[ $SLURMD_NODENAME != node4 ]] || exit 1")
    process = cluster.start(cluster.training(*["sleep 1"] * 2))
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert len(begun(cluster)) == len(set(begun(cluster))) == 14
    assert log(cluster).count("This run submits no more jobs to node4 (--exclude=node4)") == 1
    last = run("scontrol", "show", "job", cluster.job("bracket-0/stage-2/config-0"))
    assert "ExcNodeList=node4" in last


def test_a_mistake_in_the_job_script(cluster: Cluster) -> None:
    """Nothing begins, so the run is stopped with the cause; nothing has failed, and the same command completes the search."""
    search = cluster.generate("jobs", smax=3)
    good = (search / "job.sh").read_text()
    adapt(cluster, "module-of-mine load cuda || exit 1")
    res = cluster.training()
    assert cluster.start(res).wait(300) == 1, log(cluster)
    assert "jobs in a row ended before run.sh was started, and no training run has begun in this run" in log(cluster)
    assert "module-of-mine: command not found" in log(cluster)
    assert {slot["status"] for slot in cluster.shell.status()["slots"]} <= {"pending", "queued"}
    assert cluster.lines == []
    (search / "job.sh").write_text(good)
    assert cluster.start(res).wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert len(begun(cluster)) == len(set(begun(cluster))) == 35


@pytest.mark.apart
def test_cancelled_while_they_wait(cluster: Cluster) -> None:
    """However often, between runs or within one: the jobs are submitted again, and nothing has failed."""
    cluster.generate("jobs", "--partition", APART, "--cpus", "bracket=0: 10")
    blocker = run("sbatch", "--parsable", "-p", APART, "--exclusive", "--nodes=2", "--output=/dev/null", "--wrap", "sleep 300").strip()
    name = "S-b0-s0-c0"
    for _ in range(4):
        process = cluster.start(cluster.training())
        number = wait_for(lambda: waiting(name))
        wait_for(lambda number=number: number in Path(cluster.shell.cwd, "S/bracket-0/stage-0/jobs/config-0").read_text())
        stop(process)
        run("scancel", number)
    process = cluster.start(cluster.training())
    number = wait_for(lambda: waiting(name))
    run("scancel", number)
    wait_for(lambda: waiting(name) not in ("", number))
    run("scancel", blocker)
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert log(cluster).count("before run.sh was started (CANCELLED; ") == 1
    assert len(begun(cluster)) == 5
