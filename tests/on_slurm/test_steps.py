"""Mode steps on a real Slurm: one allocation, each training a job step on a slice of it."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import APART, Cluster, run, wait_for

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(500)]
FIRST = "begin b0-s0-c0 1"
SLOTS = ["b0-s0-c0", "b0-s0-c1", "b0-s1-c0", "b1-s0-c0", "b1-s0-c1"]


def submit(cluster: Cluster, res: str, *options: str) -> str:
    """Submit the allocation; its number."""
    done = subprocess.run(
        ["sbatch", "--parsable", "S/submit.sh", *options], cwd=cluster.shell.cwd, env=cluster.shell.env | {"RES": res},
        text=True, capture_output=True, check=True)
    return done.stdout.strip()


def state(job: str) -> str:
    return run("squeue", "-h", "-t", "all", "-j", job, "-o", "%T").strip()


def wait_for_end(*jobs: str, seconds: float = 200) -> list[str]:
    """States in which these jobs ended."""
    wait_for(lambda: not {state(job) for job in jobs} & {"PENDING", "RUNNING", "COMPLETING", "REQUEUED"}, seconds)
    return [state(job) for job in jobs]


def follower(cluster: Cluster, job: str) -> str:
    """Number of the job that goes on after this one."""
    return wait_for(lambda: re.search(r"job (\d+) continues when", output(cluster, job)))[1]


def output(cluster: Cluster, job: str) -> str:
    path = cluster.shell.cwd / f"slurm-{job}.out"
    return path.read_text() if path.exists() else ""  # it waits in the queue


@pytest.mark.apart
def test_a_search(cluster: Cluster) -> None:
    """The same winner as without Slurm, on slices of the size that was asked for, on both nodes."""
    cluster.generate("steps", "--partition", APART, "--workers", "6", "--cpus", "3", "--mem", "200M", smax=2)
    job = submit(cluster, cluster.training(*['echo "$SLURMD_NODENAME $SLURM_CPUS_ON_NODE" >> nodes; sleep 0.5'] * 2))
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_same_as_without()
    assert len([line for line in cluster.lines if line.startswith("begin")]) == 14
    nodes = (cluster.shell.cwd / "nodes").read_text().split("\n")[:-1]
    assert {line.split()[1] for line in nodes} == {"3"}
    assert len({line.split()[0] for line in nodes}) == 2


def test_outside_of_an_allocation(cluster: Cluster) -> None:
    """The same search runs there, too, if that is confirmed; the script and snakemake say how it is meant."""
    search = cluster.generate("steps")
    assert "sbatch" in cluster.shell.run("bash", search / "submit.sh", check=False)
    assert "To submit it: sbatch S/submit.sh" in cluster.shell.snakemake(check=False)
    within_a_step = cluster.shell.run("srun", "bash", search / "submit.sh", check=False)  # as after srun --pty bash
    assert "so none could begin. Nothing was started.\n  To submit it: sbatch" in within_a_step
    cluster.shell.snakemake(env={"HYBAND_HERE": "1"})
    cluster.assert_complete()


def test_failures(cluster: Cluster) -> None:
    """Exit statuses come through, and a step that is cancelled is an attempt that failed."""
    cluster.generate("steps", "--workers", "4")
    res = cluster.training("sleep 100", "if [[ $here == b0-s0-c1 ]]; then exit 4; fi; sleep 0.2")
    job = submit(cluster, res)
    cluster.wait_for_line(FIRST)
    step = wait_for(lambda: re.search(rf"^({job}\.\d+) +b0-s0-c0$", run("squeue", "-h", "-s", "-o", "%i %j"), re.MULTILINE))
    run("scancel", step[1])
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    assert cluster.reasons() == ["CANCELLED: cancelled (job step)"]
    slot = cluster.shell.slots()[0, 0, 1]
    assert (slot["status"], slot["reason"]) == ("failed", "run.sh exited with status 4")


@pytest.mark.slow
def test_time_limit_of_a_step(cluster: Cluster) -> None:
    cluster.generate("steps", "--time", "1", "--workers", "4")
    job = submit(cluster, cluster.training("sleep 200"))
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()
    assert cluster.reasons() == ["TIMEOUT: it reached its time limit (job step)"]
    assert "--time=00:02:00" in (cluster.shell.cwd / "S/bracket-0/stage-0/config-0/attempt-2.log").read_text()


@pytest.mark.slow
def test_the_time_is_up(cluster: Cluster) -> None:
    """Before the limit all ends cleanly, nothing half-written counts, no attempt is used up, and the chain goes on."""
    cluster.generate("steps", "--workers", "2", "--retries", "0", "--allocation-time", "2", smax=2)
    script = cluster.shell.cwd / "S/submit.sh"
    profile = "set -uo pipefail\nexport SBATCH_WAIT=1 # as the profile of a shell may have it\n"
    script.write_text(script.read_text().replace("set -uo pipefail\n", profile))
    work = 'echo 0.0001 > "$1/result"; sleep 200'
    job = submit(cluster, cluster.training(work), "--chain", "2")
    cluster.wait_for_line(FIRST)
    second = follower(cluster, job)
    assert state(second) == "PENDING"
    wait_for_end(job, second)
    third = follower(cluster, second)
    assert "stopped: unfinished training runs are interrupted" in output(cluster, job)
    assert "DUE TO TIME LIMIT" not in output(cluster, job)
    cluster.assert_complete()
    assert [line for line in cluster.lines if "b0-s0-c0" in line] == [FIRST, "begin b0-s0-c0 2", "end b0-s0-c0 2"]
    assert state(third) == "CANCELLED"


@pytest.mark.parametrize("victim", ["snakemake", "everything", "the job", "the job, put back into the queue"])
def test_killed(cluster: Cluster, victim: str) -> None:
    """Submitting again continues: what is done is kept, and only what was interrupted is trained again."""
    cluster.generate("steps", "--workers", "4", "--retries", "0")
    res = cluster.training("sleep 100; exit 1")
    job = submit(cluster, res)
    cluster.wait_for_line(FIRST)
    wait_for(lambda: len(list((cluster.shell.cwd / "S").glob("bracket-*/stage-*/config-*/outcome"))) == 3)
    if victim.startswith("the job"):
        run(*(["scancel"] if victim == "the job" else ["scontrol", "requeue"]), job)
    else:
        pids = [int(pid) for pid in run("pgrep", "-f", "snakemake --snakefile").split()]
        ours = [pid for pid in pids if is_in(pid, cluster.shell.cwd)]
        for pid in ours:
            (os.killpg if victim == "everything" else os.kill)(pid, signal.SIGKILL)
    wait_for_end(job)
    if "queue" not in victim:
        job = submit(cluster, res)
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert sorted(begun) == sorted([*(f"begin {slot} 1" for slot in SLOTS), "begin b0-s0-c0 2"])


def is_in(pid: int, directory: Path) -> bool:
    """Whether snakemake was started in this directory; the process itself works in its search."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return f"PWD={directory}\0" in environment


@pytest.mark.apart
@pytest.mark.slow
def test_a_node_fails(cluster: Cluster) -> None:
    """Slurm puts the allocation back into the queue, and it goes on on the other node."""
    cluster.generate("steps", "--partition", APART, "--workers", "2", "--retries", "0")
    job = submit(cluster, cluster.training("sleep 100; exit 1"))
    cluster.wait_for_line(FIRST)
    node = run("squeue", "-h", "-j", job, "-o", "%N").strip()
    run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    wait_for(lambda: "begin b0-s0-c0 2" in cluster.lines, 240)
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()
