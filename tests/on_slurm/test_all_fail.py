"""A search in which everything fails stops on a real Slurm as well, and nothing is used up that a retry does not give back."""

import pytest

from .conftest import Cluster
from .test_steps import follower, output, submit, wait_for_end

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(590)]
SAID = "no training run of this search has ever succeeded. This run was stopped."
BROKEN = "echo no-such-module >&2; exit 3"


def generate(cluster: Cluster, mode: str, *options: str) -> None:
    few = mode == "executor"  # whose jobs are not cheap: all two are enough to stop it
    search = cluster.generate(mode, *options, *["--bracket", "0"] * few, smax=1 if few else 2)
    profile = search / "profiles/default/config.yaml"
    profile.write_text(profile.read_text().replace("status-checks: 20", "status-checks: 2"))


def statuses(cluster: Cluster) -> list[str]:
    return [slot["status"] for slot in cluster.shell.status()["slots"]]


def log(cluster: Cluster) -> str:
    return (cluster.shell.cwd / "snakemake.log").read_text()


@pytest.mark.parametrize("mode", ["jobs", pytest.param("executor", marks=pytest.mark.slow)])
def test_the_run_stops_and_continues_after_a_retry(cluster: Cluster, mode: str) -> None:
    if mode == "executor":
        pytest.importorskip("snakemake_executor_plugin_slurm")
    generate(cluster, mode)
    assert cluster.start(BROKEN, "-j", "6").wait(300) == 1, log(cluster)
    assert log(cluster).count(SAID) in (1, 2)  # at the end, and when it happens if that is seen here
    assert statuses(cluster).count("failed") in ([2] if mode == "executor" else range(5, 11))
    assert "completed" not in statuses(cluster)
    cluster.shell.run("hyband", "retry", "S")
    here = ["--executor", "local"] if mode == "executor" else []  # whose jobs are not cheap
    assert cluster.start(cluster.training(), *here).wait(400) == 0, log(cluster)
    cluster.assert_complete()


@pytest.mark.slow
def test_a_pack_starts_nothing_more(cluster: Cluster) -> None:
    """What shares a job with failures is left for the next run."""
    generate(cluster, "jobs", "--array", "4", "--retries", "0")
    assert cluster.start(BROKEN).wait(300) == 1, log(cluster)
    cluster.shell.run("hyband", "retry", "S")
    assert cluster.start(cluster.training()).wait(400) == 0, log(cluster)
    cluster.assert_complete()


@pytest.mark.slow
def test_whoever_wants_it_continues(cluster: Cluster) -> None:
    cluster.generate("jobs", "--retries", "0")
    assert cluster.start(BROKEN, env={"HYBAND_KEEP_FAILING": "1"}).wait(300) == 1
    assert SAID not in log(cluster)
    assert set(statuses(cluster)) == {"failed", "empty"}


@pytest.mark.slow
def test_no_further_allocation_follows(cluster: Cluster) -> None:
    cluster.generate("steps", "--workers", "2", smax=3)
    job = submit(cluster, BROKEN, "--chain", "2")
    next_one = follower(cluster, job)
    assert wait_for_end(job, next_one) == ["FAILED", "CANCELLED"], output(cluster, job)
    assert "the run was stopped: job" in output(cluster, job)
    assert SAID in output(cluster, job)
