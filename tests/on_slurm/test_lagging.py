"""Nodes for which the search's directory lags behind, as on a network file system: the laws hold, and nothing has failed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import read_attempts
from hyperband_snakemake.snapshot.scan import scan

from .conftest import APART, APART_NODES, LAB, Cluster, run, start_daemon, stop_daemon, wait_for
from .test_steps import output, submit, wait_for_end

pytestmark = [pytest.mark.slurm, pytest.mark.apart, pytest.mark.slow, pytest.mark.timeout(500)]
SECONDS = "3"  # as NFS has it for files
PROGRAM = Path(__file__).parent / "lagging.py"


def lagging(directory: Path, *command: str, **more: object) -> "subprocess.Popen[str]":
    """Start a command for which a directory lags behind."""
    return subprocess.Popen([sys.executable, PROGRAM, directory, SECONDS, *command], text=True, start_new_session=True, **more)  # type: ignore[call-overload,no-any-return]


def are_up() -> bool:
    return run("sinfo", "-h", "-N", "-p", APART, "-o", "%T").split() == ["idle", "idle"]


@pytest.fixture
def nodes(cluster: Cluster) -> Iterator[None]:
    """Each of the nodes apart has a view of its own of the user's directory."""
    here = cluster.shell.cwd
    if lagging(here, "true", stderr=subprocess.DEVNULL).wait():
        pytest.skip("no file system of our own can be mounted here (/dev/fuse)")
    cluster.shell.env["HYBAND_RESULT_WAIT"] = "20"
    for name in APART_NODES:
        stop_daemon(f"slurmd-{name}")
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"SLAB_TAG": str(LAB)}
    daemons = [lagging(here, "slurmd", "-D", "-N", name, env=env, cwd="/", **quiet) for name in APART_NODES]
    wait_for(are_up)
    yield
    for name, daemon in zip(APART_NODES, daemons, strict=True):
        daemon.terminate()
        daemon.wait()
        start_daemon(f"slurmd-{name}")
    wait_for(are_up)


def start(cluster: Cluster, res: str) -> "subprocess.Popen[str]":
    """Start snakemake, on a host with a view of its own."""
    with (cluster.shell.cwd.parent / "snakemake.log").open("a") as log:
        return lagging(cluster.shell.cwd, "snakemake", "--snakefile", "S/Snakefile", cwd=cluster.shell.cwd, stdout=log,
                       stderr=log, env=cluster.shell.env | {"RES": res})  # fmt: skip


def assert_as_elsewhere(cluster: Cluster, again: int = 0) -> None:
    """The results of a run without Slurm, and each training run begun once, but for those with a reason in the record."""
    shell = cluster.shell
    cluster.assert_same_as_without(smax=1)
    assert sum(line.startswith("begin") for line in cluster.lines) == 5 + again, cluster.lines
    reasons = [a.reason for slot, *_ in scan(shell.cwd / "S").slots() for a in read_attempts(shell.cwd / "S" / slot.path) if a.reason]
    assert reasons == ["run.sh exited with status 3"] * again


def test_jobs(cluster: Cluster, nodes: None) -> None:  # noqa: ARG001
    """An attempt that fails has its second one wherever there is place; snakemake is killed, and continues on another host."""
    cluster.generate("jobs", "--partition", APART, "--cpus", "4")
    res = cluster.training("exit 3", "sleep 1")
    process = start(cluster, res)
    wait_for(lambda: sum(line.startswith("end") for line in cluster.lines) > 1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert start(cluster, res).wait(300) == 0, (cluster.shell.cwd.parent / "snakemake.log").read_text()
    assert_as_elsewhere(cluster, again=1)


def test_steps(cluster: Cluster, nodes: None) -> None:  # noqa: ARG001
    """What a step on the other node has written counts here, once it is seen."""
    cluster.generate("steps", "--partition", APART, "--workers", "4", "--cpus", "5")
    job = submit(cluster, cluster.training("exit 3", 'echo "$SLURMD_NODENAME" >> nodes'))
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    assert_as_elsewhere(cluster, again=1)
    assert len(set((cluster.shell.cwd / "nodes").read_text().split())) == 2
