"""Mode executor on a real Slurm: Snakemake's own plugin submits the jobs."""

import json
import os
import signal

import pytest

from .conftest import Cluster, run, wait_for
from .test_steps_that_never_begin import PROGRAM

pytest.importorskip("snakemake_executor_plugin_slurm")
pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(590)]
FIRST = "begin b0-s0-c0 1"


def generate(cluster: Cluster, *options: str, smax: int = 1) -> None:
    search = cluster.generate("executor", *options, smax=smax)
    profile = search / "profiles/default/config.yaml"
    quick = profile.read_text().replace("status-checks: 20", "status-checks: 2")
    profile.write_text(quick)


def test_a_search(cluster: Cluster) -> None:
    """The environment reaches the nodes, jobs are named in the records, and the winner is the same."""
    generate(cluster, "--mem", "500M", "--time", "10")
    cluster.shell.generate(1, 2, output="local")
    cluster.shell.snakemake("local")
    process = cluster.start(cluster.training())
    assert process.wait(300) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    cluster.assert_complete()
    assert (cluster.shell.cwd / "S/best.json").read_bytes() == (cluster.shell.cwd / "local/best.json").read_bytes()
    record = json.loads((cluster.shell.cwd / "S/bracket-0/stage-0/attempts/config-0").read_text())
    details = run("scontrol", "show", "job", record["job"])
    assert "mem=500M" in details
    assert "TimeLimit=00:10:00" in details


def test_scancel(cluster: Cluster) -> None:
    generate(cluster)
    process = cluster.start(cluster.training("sleep 300"))
    cluster.wait_for_line(FIRST)
    record = cluster.shell.cwd / "S/bracket-0/stage-0/attempts/config-0"
    number = record.read_text().rpartition('"job": "')[2].partition('"')[0]
    run("scancel", number)
    assert process.wait(400) == 0
    cluster.assert_complete()
    assert cluster.reasons()[0].startswith("CANCELLED")


@pytest.mark.parametrize("number", [signal.SIGKILL])
def test_a_restart_waits_for_jobs_that_live(cluster: Cluster, number: int) -> None:
    """The plugin submits again what still runs; the second job waits for the first, and takes its result."""
    generate(cluster)
    res = cluster.training("until [[ -e go ]]; do sleep 0.1; done")
    process = cluster.start(res)
    cluster.wait_for_line(FIRST)
    os.killpg(process.pid, number)
    process.wait(300)
    again = cluster.start(res)
    logs = cluster.shell.cwd / "slurm/logs/rule_train_bracket_0_stage_0/0"
    wait_for(lambda: any("which an earlier attempt has left running" in log.read_text() for log in logs.glob("*.log")))
    (cluster.shell.cwd / "go").touch()
    assert again.wait(400) == 0
    cluster.assert_complete()
    ours = [line for line in cluster.lines if "b0-s0-c0" in line]
    expected = ["begin b0-s0-c0 1", "end b0-s0-c0 1"]
    assert ours in (expected, ["begin b0-s0-c0 1", "begin b0-s0-c0 2", "end b0-s0-c0 2"])
    if number == signal.SIGKILL:
        assert ours == expected


def test_a_signal_ahead_of_the_end(cluster: Cluster) -> None:
    """It reaches the program that handles it, and ends none of the shells and Snakemakes above it."""
    generate(cluster, "--retries", "0", "--sbatch-extra", "--signal=USR1@60", "--time", "30")
    (cluster.shell.cwd / "program.py").write_text(PROGRAM)
    process = cluster.start(cluster.training('python3 program.py "$1"'))
    wait_for((cluster.shell.cwd / "ready").exists)
    record = cluster.shell.cwd / "S/bracket-0/stage-0/attempts/config-0"
    number = record.read_text().rpartition('"job": "')[2].partition('"')[0]
    run("scancel", "--signal=URG", number)  # as Slurm does ahead of the time limit
    assert process.wait(400) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    cluster.assert_complete()
    assert (cluster.shell.cwd / "S/bracket-0/stage-0/config-0/checkpoint").exists()
    assert cluster.lines.count(FIRST) == 1
