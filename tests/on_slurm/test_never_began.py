"""Mode jobs on a real Slurm: jobs that end before run.sh was started, or cannot begin, are no failed training runs."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import record_path

from .conftest import APART, APART_NODES, Cluster, run, wait_for

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


@pytest.mark.apart
def test_the_only_idle_node_begins_nothing(cluster: Cluster) -> None:
    """It is left out, the run goes on, and all are trained once the other one is free."""
    blocker = run("sbatch", "--parsable", "-p", APART, "-w", "node3", "--exclusive", "--output=/dev/null", "--wrap", "sleep 300").strip()
    cluster.generate("jobs", "--partition", APART, "--bracket", "0", "--last-stage", "0", smax=3)
    adapt(cluster, "[[ $SLURMD_NODENAME != node4 ]] || exit 1")
    process = cluster.start(cluster.training())
    wait_for(lambda: "and none has begun on another one. This run submits no more jobs to node4" in log(cluster))
    assert "ended before run.sh was started" in cluster.shell.run("hyband", "status", "S")
    run("scancel", blocker)
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert len(begun(cluster)) == len(set(begun(cluster))) == 8


def test_a_mistake_in_the_job_script(cluster: Cluster) -> None:
    """Nothing begins, so the run is stopped with the cause; nothing has failed, and the same command completes the search."""
    search = cluster.generate("jobs", smax=2)
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
    assert len(begun(cluster)) == len(set(begun(cluster))) == 14


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


@pytest.fixture
def short(slurm: None) -> Iterator[str]:  # noqa: ARG001
    """A partition whose longest time is a minute."""
    run("scontrol", "create", "partitionname=short", f"nodes={','.join(APART_NODES)}", "maxtime=1", "state=up")
    yield "short"
    for number in run("squeue", "-h", "-p", "short", "-o", "%A").split():
        run("scancel", number)
    wait_for(lambda: not run("squeue", "-h", "-p", "short"))
    run("scontrol", "delete", "partitionname=short")


@pytest.mark.apart
def test_a_doubled_time_limit_that_no_partition_gives(cluster: Cluster, short: str) -> None:
    """After a TIMEOUT the next job asks for two minutes, which never start here: it is replaced by one that asks for one."""
    search = cluster.generate("jobs", "--partition", short, "--time", "1", "--bracket", "0", "--last-stage", "0")
    record = record_path(search / "bracket-0/stage-0/config-0")
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text('{"attempt": 1, "start": "2020-01-01T00:00:00Z", "job": "1", "end": "2020-01-01T00:01:00Z", "seconds": 60, '
                      '"exit": null, "result": "", "reason": "TIMEOUT", "slurm": "TIMEOUT"}\n')
    assert cluster.start(cluster.training()).wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert log(cluster).count("can never start (PartitionTimeLimit)") == 1
    assert "before run.sh was started" not in log(cluster)
    assert "TimeLimit=00:01:00" in run("scontrol", "show", "job", cluster.job())


@pytest.mark.apart
def test_a_time_limit_that_no_partition_gives_is_told_before_the_first_job(cluster: Cluster, short: str) -> None:
    search = cluster.generate("jobs", "--partition", short, "--time", "10")
    assert cluster.start(cluster.training()).wait(300) == 1
    said = "its time limit, 00:10:00, is longer than partition short gives (MaxTime 00:01:00)"
    assert log(cluster).count(said) == 1, log(cluster)
    assert not list(search.glob("bracket-*/stage-*/jobs/*"))


@pytest.mark.apart
def test_a_partition_that_takes_no_jobs_now_is_waited_for(cluster: Cluster, short: str) -> None:
    """As before a maintenance."""
    run("scontrol", "update", f"partitionname={short}", "state=inactive")
    cluster.generate("jobs", "--partition", short, "--time", "1", "--bracket", "0", "--last-stage", "0")
    process = cluster.start(cluster.training())
    wait_for(lambda: "Slurm does not accept its job now (Required partition not available (inactive or drain))" in log(cluster))
    run("scontrol", "update", f"partitionname={short}", "state=up")
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert "Fix slurm.toml" not in log(cluster)


def test_jobs_that_are_held_are_told_once(cluster: Cluster) -> None:
    cluster.generate("jobs", "--sbatch-extra", "--hold", "--bracket", "0", "--last-stage", "0")
    process = cluster.start(cluster.training())
    wait_for(lambda: ". Let it go: scontrol release" in log(cluster))
    held = run("squeue", "-h", "-t", "PD", "-n", "S-b0-s0-c0,S-b0-s0-c1", "-o", "%i %Z").splitlines()
    run("scontrol", "release", *(number for number, _, path in (line.partition(" ") for line in held)
                                 if Path(path) == cluster.shell.cwd / "S"))
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert log(cluster).count("JobHeldUser") == 1


@pytest.mark.apart
def test_nodes_that_are_drained_are_waited_for(cluster: Cluster) -> None:
    """Slurm refuses a test of such a job, and takes the job: no mistake of the user's."""
    run("scontrol", "update", f"nodename={','.join(APART_NODES)}", "state=drain", "reason=test")
    cluster.generate("jobs", "--partition", APART, "--bracket", "0", "--last-stage", "0")
    process = cluster.start(cluster.training())
    wait_for(lambda: waiting("S-b0-s0-c0"))
    wait_for(lambda: "ReqNodeNotAvail" in log(cluster))
    run("scontrol", "update", f"nodename={','.join(APART_NODES)}", "state=resume")
    assert process.wait(300) == 0, log(cluster)
    cluster.assert_complete()
    assert log(cluster).count("nodes are down, drained or reserved (node3, node4). They wait for them.") == 1
    assert "Fix slurm.toml" not in log(cluster)


@pytest.mark.apart
def test_a_mistake_is_told_while_nodes_are_drained(cluster: Cluster) -> None:
    run("scontrol", "update", f"nodename={APART_NODES[0]}", "state=drain", "reason=test")
    search = cluster.generate("jobs", "--partition", APART, "--mem", "500G")
    assert cluster.start(cluster.training()).wait(300) == 1
    assert "Fix slurm.toml" in log(cluster), log(cluster)
    assert not list(search.glob("bracket-*/stage-*/jobs/*"))
