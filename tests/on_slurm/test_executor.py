"""Mode executor on a real Slurm: Snakemake's own plugin submits the jobs."""

import os
import signal

import pytest

from .conftest import Cluster, run, wait_for
from .test_steps_that_never_begin import PROGRAM

pytest.importorskip("snakemake_executor_plugin_slurm")
pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(590)]
FIRST = "begin b0-s0-c0 1"


def generate(cluster: Cluster, *options: str, smax: int = 0) -> None:
    """Generate a search; each of its jobs starts Snakemake twice, so one training run must do where that is enough."""
    search = cluster.generate("executor", *options, smax=smax)
    profile = search / "profiles/default/config.yaml"
    quick = profile.read_text().replace("status-checks: 20", "status-checks: 2")
    profile.write_text(quick)


def job(cluster: Cluster) -> str:
    """Number of the newest job of the first configuration, by its record."""
    record = cluster.shell.cwd / "S/bracket-0/stage-0/attempts/config-0"
    return record.read_text().rpartition('"job": "')[2].partition('"')[0]


def test_a_search(cluster: Cluster) -> None:
    """The environment reaches the nodes, jobs are named in the records, one that is cancelled is tried again; the same winner."""
    generate(cluster, "--mem", "500M", "--time", "10", "--bracket", "0", smax=1)
    process = cluster.start(cluster.training("sleep 300"))
    cluster.wait_for_line(FIRST)
    details = run("scontrol", "show", "job", job(cluster))
    assert "mem=500M" in details
    assert "TimeLimit=00:10:00" in details
    run("scancel", job(cluster))
    assert process.wait(400) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    cluster.assert_same_as_without("--bracket", "0", smax=1)
    assert cluster.reasons()[0].startswith("CANCELLED")


def test_a_restart_waits_for_jobs_that_live(cluster: Cluster) -> None:
    """The plugin submits again what still runs; the second job waits for the first, and takes its result."""
    generate(cluster)
    res = cluster.training("until [[ -e go ]]; do sleep 0.1; done")
    process = cluster.start(res)
    cluster.wait_for_line(FIRST)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(300)
    again = cluster.start(res)
    logs = cluster.shell.cwd / "slurm/logs/rule_train_bracket_0_stage_0/0"
    wait_for(lambda: any("which an earlier attempt has left running" in log.read_text() for log in logs.glob("*.log")))
    (cluster.shell.cwd / "go").touch()
    assert again.wait(400) == 0
    cluster.assert_complete()
    assert cluster.lines == [FIRST, "end b0-s0-c0 1"]


def test_a_signal_ahead_of_the_end(cluster: Cluster) -> None:
    """It reaches the program that handles it, and ends none of the shells and Snakemakes above it."""
    generate(cluster, "--retries", "0", "--sbatch-extra", "--signal=USR1@60", "--time", "30")
    (cluster.shell.cwd / "program.py").write_text(PROGRAM)
    process = cluster.start(cluster.training('python3 program.py "$1"'))
    wait_for((cluster.shell.cwd / "ready").exists)
    run("scancel", "--signal=URG", job(cluster))  # as Slurm does ahead of the time limit
    assert process.wait(400) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    cluster.assert_complete()
    assert (cluster.shell.cwd / "S/bracket-0/stage-0/config-0/checkpoint").exists()
    assert cluster.lines.count(FIRST) == 1
