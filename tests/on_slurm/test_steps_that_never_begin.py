"""Mode steps on a real Slurm: what Slurm could not start has not failed, and everything that is stopped ends visibly."""

import os
import signal
import subprocess
from collections.abc import Sequence

import pytest

from .conftest import Cluster, run, wait_for
from .test_steps import FIRST, SLOTS, output, submit, wait_for_end

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(500)]


def allocation(cluster: Cluster, res: str, *command: str) -> "subprocess.Popen[str]":
    """Start a command in an allocation of one's own, as in a terminal: a group of processes that gets Ctrl-C."""
    with (cluster.shell.cwd / "salloc.log").open("a") as log:
        return subprocess.Popen(
            ["salloc", "--ntasks=2", "--cpus-per-task=1", *command], cwd=cluster.shell.cwd, stdout=log, stderr=log,
            env=cluster.shell.env | {"RES": res}, start_new_session=True, text=True)


def said(cluster: Cluster) -> str:
    return (cluster.shell.cwd / "salloc.log").read_text()


def statuses(cluster: Cluster) -> set[str]:
    return {slot["status"] for slot in cluster.shell.status()["slots"]}


def assert_each_was_begun(cluster: Cluster, slots: Sequence[str] = SLOTS, again: Sequence[str] = ()) -> None:
    """Each training run has ended, and was begun once, but for those that were cut off and begun ``again``."""
    begun = [line.split()[1] for line in cluster.lines if line.startswith("begin")]
    assert {line.split()[1] for line in cluster.lines if line.startswith("end")} == set(slots)
    assert set(begun) == set(slots)
    assert len(begun) - len(slots) in (len(again), 2 * len(again))  # beside it, another one may be cut off
    assert all(begun.count(slot) == 2 for slot in again)
    cluster.assert_complete()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_the_end_of_an_allocation_of_ones_own(cluster: Cluster, number: int) -> None:
    """Ctrl-C, or a terminal that is closed: everything ends, and the same search continues in the next allocation."""
    cluster.generate("steps", "--retries", "0")
    process = allocation(cluster, cluster.training("sleep 300", "sleep 0.1"), "bash", "S/submit.sh")
    cluster.wait_for_line(FIRST)
    os.killpg(process.pid, number)
    process.wait(300)
    wait_for(lambda: "running" not in statuses(cluster))
    assert "failed" not in statuses(cluster), said(cluster)
    job = submit(cluster, cluster.training())
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()
    assert cluster.lines.count(FIRST) == 1


def test_an_allocation_that_is_taken_away(cluster: Cluster) -> None:
    cluster.generate("steps", "--retries", "0")
    process = allocation(cluster, cluster.training("sleep 300", "sleep 300"), "bash", "S/submit.sh")
    cluster.wait_for_line(FIRST)
    number = wait_for(lambda: [word for word in said(cluster).split() if word.isdecimal()])[0]
    run("scancel", number)
    process.wait(300)
    wait_for(lambda: "has ended, so this run ends." in said(cluster))
    assert "failed" not in statuses(cluster), said(cluster)
    job = submit(cluster, cluster.training())
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()


def test_a_step_that_can_never_begin(cluster: Cluster) -> None:
    """More processors than the allocation has: the run is stopped and says why, and nothing has failed."""
    search = cluster.generate("steps", "--workers", "1", "--retries", "0")
    (search / "slurm.toml").write_text((search / "slurm.toml").read_text().replace("cpus = 1", "cpus = 9"))
    job = submit(cluster, cluster.training())
    assert wait_for_end(job) == ["FAILED"], output(cluster, job)
    assert "could not be started, 5 times in a row" in output(cluster, job)
    assert statuses(cluster) == {"pending"}
    (search / "slurm.toml").write_text((search / "slurm.toml").read_text().replace("cpus = 9", "cpus = 1"))
    job = submit(cluster, cluster.training())
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    assert_each_was_begun(cluster)


PROGRAM = """
import signal, sys, time
warned = []
signal.signal(signal.SIGUSR1, lambda *_: warned.append(1))
print("ready", file=open("ready", "w"))
while not warned:
    time.sleep(0.05)
open(sys.argv[1] + "/checkpoint", "w").close()
"""


def test_a_signal_ahead_of_the_end(cluster: Cluster) -> None:
    """It reaches the program that handles it, below a bash that does not, and ends nobody."""
    cluster.generate("steps", "--workers", "1", "--retries", "0", "--sbatch-extra", "--signal=USR1@200")
    (cluster.shell.cwd / "program.py").write_text(PROGRAM)
    job = submit(cluster, cluster.training('python3 program.py "$1"'))
    wait_for((cluster.shell.cwd / "ready").exists)
    run("scancel", "--batch", "--signal=URG", job)  # as Slurm does ahead of the time limit
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    assert_each_was_begun(cluster)
    assert (cluster.shell.cwd / "S/bracket-0/stage-0/config-0/checkpoint").exists()
