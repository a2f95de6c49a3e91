"""`hyband cancel` on a real Slurm: whatever runs a search, wherever, ends with its jobs, and no attempt is lost."""

import pytest

from .conftest import Cluster, jobs_below
from .test_executor import generate as generate_for_the_plugin
from .test_steps import FIRST, SLOTS, follower, output, state, submit, wait_for_end
from .test_steps_that_never_begin import assert_each_was_begun

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(500)]


def test_cancel_ends_a_chain(cluster: Cluster) -> None:
    """The allocation that runs and the one that waits for it, from any node; no attempt is lost."""
    cluster.generate("steps", "--workers", "2", "--retries", "0")
    job = submit(cluster, cluster.training("sleep 300", "sleep 0.1"), "--chain", "2")
    cluster.wait_for_line(FIRST)
    second = follower(cluster, job)
    assert cluster.shell.run("hyband", "cancel", "S").startswith("Stopped: ")
    assert wait_for_end(job, second)[1] == "CANCELLED"
    assert cluster.shell.run("hyband", "cancel", "S") == "This search has no jobs in Slurm.\n"
    assert state(second) == "CANCELLED"
    job = submit(cluster, cluster.training())
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    assert_each_was_begun(cluster, again=SLOTS[:1])


@pytest.mark.parametrize("mode", ["jobs", pytest.param("executor", marks=pytest.mark.slow)])
def test_cancel_ends_the_run_that_submits_jobs(cluster: Cluster, mode: str) -> None:
    if mode == "executor":
        pytest.importorskip("snakemake_executor_plugin_slurm")
        generate_for_the_plugin(cluster, "--retries", "0")
    else:
        cluster.generate(mode, "--retries", "0")
    process = cluster.start(cluster.training("sleep 300", "sleep 0.1"))
    cluster.wait_for_line(FIRST)
    assert cluster.shell.run("hyband", "cancel", "S").startswith("Stopped: S is being run by snakemake, process")
    assert process.wait(300) == 1
    assert jobs_below(cluster.shell.cwd) == set()
    here = ["--executor", "local"] if mode == "executor" else []  # whose jobs are not cheap
    assert cluster.start(cluster.training(), *here).wait(400) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    assert_each_was_begun(cluster, SLOTS[:1] if mode == "executor" else SLOTS, again=SLOTS[:1])
