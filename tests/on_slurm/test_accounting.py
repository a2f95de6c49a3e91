"""What needs accounting (slurmdbd): who cancelled a job, memory that is enforced, limits of a QOS."""

import subprocess

import pytest

from .conftest import Cluster, run, start_daemon, stop_daemon
from .test_steps import output, submit, wait_for_end

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(400)]
FIRST = "begin b0-s0-c0 1"


@pytest.fixture(autouse=True)
def account(accounting: bool) -> None:
    if not accounting:
        pytest.skip("this Slurm has no accounting; SLAB_ACCT=1 tests/on_slurm/slurm-up brings it up")
    for words in (
        ["add", "account", "lab"],
        ["add", "user", "root", "account=lab"],
        ["add", "qos", "narrow", "MaxSubmitJobsPerUser=2"],
        ["modify", "user", "root", "set", "qos=normal,narrow", "defaultqos=normal"],
    ):
        subprocess.run(["sacctmgr", "--immediate", *words], check=False, capture_output=True)


def test_cancelled_by_whom(cluster: Cluster) -> None:
    cluster.generate("jobs")
    process = cluster.start(cluster.training("sleep 100"))
    cluster.wait_for_line(FIRST)
    number = cluster.job()
    run("scancel", number)
    assert process.wait(300) == 0
    cluster.assert_complete()
    assert cluster.reasons() == [f"CANCELLED: cancelled by 0 (job {number})"]


def test_out_of_memory(cluster: Cluster) -> None:
    """The reason is Slurm's, and the next attempt gets twice the memory."""
    cluster.generate("jobs", "--mem", "100M")
    greedy = "python3 -c 'import time; x = bytearray(300 * 2**20); time.sleep(30)'"
    assert cluster.start(cluster.training(greedy)).wait(200) == 0
    cluster.assert_complete()
    assert cluster.reasons()[0].startswith("OUT_OF_MEMORY")
    assert "mem=200M" in run("scontrol", "show", "job", cluster.job())


def test_out_of_memory_in_a_step(cluster: Cluster) -> None:
    """The same within an allocation, where the next attempt asks for no more than that has."""
    cluster.generate("steps", "--mem", "100M", "--workers", "1", "--bracket", "0", "--last-stage", "0")
    greedy = "python3 -c 'import time; x = bytearray(300 * 2**20); time.sleep(30)'"
    job = submit(cluster, cluster.training(greedy))
    assert wait_for_end(job) == ["COMPLETED"], output(cluster, job)
    cluster.assert_complete()
    assert cluster.reasons() == ["OUT_OF_MEMORY: it used more memory than requested (job step)"]
    assert "--mem=100M" in (cluster.shell.cwd / "S/bracket-0/stage-0/config-0/attempt-2.log").read_text()


def test_a_limit_of_jobs(cluster: Cluster) -> None:
    """No more jobs may wait than a QOS allows: the others wait their turn, and nothing fails."""
    cluster.generate("jobs", "--qos", "narrow", "--account", "lab", "--retries", "0")
    assert cluster.start(cluster.training("sleep 2", "sleep 1"), "-j", "4").wait(300) == 0
    cluster.assert_complete()
    log = (cluster.shell.cwd / "snakemake.log").read_text()
    assert 1 <= log.count("Slurm does not accept its job now") <= 5


def test_a_qos_that_does_not_exist(cluster: Cluster) -> None:
    cluster.generate("jobs", "--qos", "nonsense")
    assert cluster.start(cluster.training()).wait(300) == 1
    log = (cluster.shell.cwd / "snakemake.log").read_text()
    assert log.count("Invalid qos specification") == 1
    assert cluster.lines == []


@pytest.mark.controller
def test_the_database_is_away(cluster: Cluster) -> None:
    cluster.generate("jobs")
    process = cluster.start(cluster.training("sleep 5; exit 3"))
    cluster.wait_for_line(FIRST)
    stop_daemon("slurmdbd")
    try:
        assert process.wait(200) == 0
    finally:
        start_daemon("slurmdbd")
    cluster.assert_complete()
    assert cluster.reasons() == ["run.sh exited with status 3"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["executor", "steps"])
def test_the_other_ways(cluster: Cluster, mode: str) -> None:
    pytest.importorskip("snakemake_executor_plugin_slurm")
    cluster.generate(mode, "--account", "lab", smax=0)
    res = cluster.training()
    if mode == "steps":
        subprocess.run(["sbatch", "--wait", "S/submit.sh"], cwd=cluster.shell.cwd, check=True,
                       env=cluster.shell.env | {"RES": res}, capture_output=True)
    else:
        assert cluster.start(res).wait(300) == 0
    cluster.assert_complete()
