"""The controller is away, in all three modes at once: nothing is lost, nothing has failed, nothing is trained twice."""

import dataclasses
from pathlib import Path

import pytest

from .conftest import Cluster, start_daemon, stop_daemon, wait_for
from .test_executor import generate as generate_for_the_plugin
from .test_steps import SLOTS, output, submit, wait_for_end
from .test_steps_that_never_begin import assert_each_was_begun

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.controller, pytest.mark.timeout(590)]
FIRST = "begin b0-s0-c0 1"
HANGS = "Start it again"  # the plugin, which may wait for ever for a job that has ended: the run ends with a message


def beside(cluster: Cluster, name: str) -> Cluster:
    """Give a user's directory of its own."""
    directory = cluster.shell.cwd / name
    directory.mkdir()
    return Cluster(dataclasses.replace(cluster.shell, cwd=directory))


def make_impatient(search: Path) -> None:
    """Let the run of a search notice soon that the plugin waits for a job that has ended."""
    watchdog = search / "hyperband/run/watchdog.py"
    watchdog.write_text(watchdog.read_text().replace("INTERVAL = 60.0", "INTERVAL = 5.0").replace("= 420.0", "= 30.0"))


def log(cluster: Cluster) -> str:
    return (cluster.shell.cwd / "snakemake.log").read_text()


def test_away(cluster: Cluster) -> None:
    """At the start of a run, when it knows of no node yet; for a moment; and for longer than any command waits."""
    pytest.importorskip("snakemake_executor_plugin_slurm")
    jobs, steps, executor = (beside(cluster, mode) for mode in ("jobs", "steps", "executor"))
    res = cluster.training("until [[ -e go ]]; do sleep 0.1; done")
    jobs.generate("jobs", "--retries", "0")
    steps.generate("steps", "--workers", "1", "--retries", "0")
    generate_for_the_plugin(executor)
    make_impatient(executor.shell.cwd / "S")
    stop_daemon("slurmctld")
    process = jobs.start(res)
    wait_for(lambda: "Building DAG" in log(jobs))
    start_daemon("slurmctld")
    jobs.wait_for_line(FIRST)
    assert "Fix slurm.toml" not in log(jobs)
    plugin, job = executor.start(res), submit(steps, res)
    for one in (steps, executor):
        one.wait_for_line(FIRST)
    stop_daemon("slurmctld")
    start_daemon("slurmctld")
    jobs.wait_for_line("end b0-s0-c1 1")
    stop_daemon("slurmctld")
    for one in (jobs, steps, executor):
        (one.shell.cwd / "go").touch()
    wait_for(lambda: "it could not be started" in output(steps, job))
    wait_for(lambda: "Falling back to 'sacct'" in log(executor))
    assert process.poll() is None
    start_daemon("slurmctld")
    assert process.wait(300) == 0, log(jobs)
    assert wait_for_end(job) == ["COMPLETED"], output(steps, job)
    if plugin.wait(300):
        assert HANGS in log(executor)
        assert executor.start(res, "--executor", "local").wait(400) == 0, log(executor)
    for one in (jobs, steps, executor):
        assert_each_was_begun(one, SLOTS[:1] if one is executor else SLOTS)
