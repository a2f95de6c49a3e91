"""Mode jobs on a real Slurm: one job for each training, whatever happens to the jobs, the cluster and snakemake."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from hyperband_snakemake.core.tree.record import record_path

from ..conftest import write_tree
from .conftest import APART, APART_CPUS, APART_NODES, Cluster, run, start_daemon, stop_daemon, wait_for

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(400)]
SLOT = "bracket-0/stage-0/config-0"
FIRST = "begin b0-s0-c0 1"


def finish(process: "subprocess.Popen[str]") -> int:
    return process.wait(300)


def test_a_search(cluster: Cluster) -> None:
    """The same winner as without Slurm; names and comments say which configuration a job is."""
    cluster.generate("jobs", "--mem", "100M", "--mem", "stage>=1: 300M", "--time", "5", smax=2)
    process = cluster.start(cluster.training("until [[ -e go ]]; do sleep 0.1; done"))
    cluster.wait_for_line(FIRST)
    shown = run("squeue", "-h", "-o", "%i|%j|%k|%m|%l", "-j", cluster.job()).strip().split("|")
    assert shown[:2] == [cluster.job(), "S-b0-s0-c0"]
    assert re.fullmatch(rf"hyband [0-9a-f]{{16}} {cluster.shell.cwd}/S/{SLOT}", shown[2])
    assert shown[3:] == ["100M", "5:00"]
    (cluster.shell.cwd / "go").touch()
    assert finish(process) == 0
    cluster.assert_same_as_without()
    assert len([line for line in cluster.lines if line.startswith("begin")]) == 14
    memory = run("scontrol", "show", "job", cluster.job("bracket-0/stage-1/config-0"))
    assert "mem=300M" in memory


def test_variables_and_options_that_are_in_the_way(cluster: Cluster) -> None:
    """Those of a shell's profile, a site's own comment, and an environment of which little is exported."""
    cluster.generate("jobs", "--sbatch-extra", "--comment=project --export=RES")
    names = {"SBATCH_WAIT": "1", "SBATCH_ARRAY_INX": "0-2", "SBATCH_EXPORT": "NONE", "SQUEUE_FORMAT": "%i", "SQUEUE_STATES": "PD"}
    process = cluster.start(cluster.training("exit 1"), env=names)
    assert finish(process) == 0
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 6  # one of five has failed once


def test_scancel(cluster: Cluster) -> None:
    """A job that is cancelled is an attempt that failed, and is tried again."""
    cluster.generate("jobs")
    process = cluster.start(cluster.training("sleep 100"))
    cluster.wait_for_line(FIRST)
    run("scancel", cluster.job())
    assert finish(process) == 0
    cluster.assert_complete()
    assert [reason.startswith("CANCELLED: cancelled") for reason in cluster.reasons()] == [True]


def test_scancel_of_the_last_attempt_is_an_outcome(cluster: Cluster) -> None:
    cluster.generate("jobs", "--retries", "0")
    process = cluster.start(cluster.training("sleep 100"))
    cluster.wait_for_line(FIRST)
    run("scancel", cluster.job())
    assert finish(process) == 0
    slot = cluster.shell.slots()[0, 0, 0]
    assert slot["status"] == "failed"
    assert slot["reason"].startswith("CANCELLED")
    assert "CANCELLED: cancelled" in cluster.shell.run("hyband", "status", "S")


def test_exit_status(cluster: Cluster) -> None:
    cluster.generate("jobs", "--retries", "1")
    res = cluster.training("exit 3", "if [[ $here == b0-s0-c1 ]]; then exit 4; fi")
    assert finish(cluster.start(res)) == 0
    assert cluster.reasons() == ["run.sh exited with status 3"]
    slots = cluster.shell.slots()
    assert slots[0, 0, 0]["status"] == "completed"
    assert (slots[0, 0, 1]["status"], slots[0, 0, 1]["reason"]) == ("failed", "run.sh exited with status 4")


@pytest.mark.slow
def test_time_limit(cluster: Cluster) -> None:
    """The reason is Slurm's own, and the next attempt gets twice the time."""
    cluster.generate("jobs", "--time", "1")
    process = cluster.start(cluster.training("sleep 200", "if [[ $here == b0-s0-c0 ]]; then sleep 3; fi"))
    cluster.wait_for_line(FIRST)
    first = cluster.job()
    wait_for(lambda: "begin b0-s0-c0 2" in cluster.lines, 150)
    assert run("squeue", "-h", "-j", cluster.job(), "-o", "%l").strip() == "2:00"
    assert finish(process) == 0
    cluster.assert_complete()
    assert cluster.reasons() == [f"TIMEOUT: it reached its time limit (job {first})"]


@pytest.mark.parametrize("how", ["kill -9 of everything", "kill -9 of snakemake", "SIGTERM", "Ctrl-C"])
def test_a_restart_waits_for_jobs_that_live(cluster: Cluster, how: str) -> None:
    """However snakemake ends, nothing is started a second time, and what finished meanwhile is taken."""
    cluster.generate("jobs")
    res = cluster.training("until [[ -e go ]]; do sleep 0.1; done")
    process = cluster.start(res)
    cluster.wait_for_line(FIRST)
    wait_for(lambda: "end b1-s0-c1 1" in cluster.lines)
    end(process, how)
    job = cluster.job()
    assert run("squeue", "-h", "-j", job, "-o", "%T").strip() == "RUNNING"
    again = cluster.start(res)
    time.sleep(3)  # it looks at the queue, and waits
    assert again.poll() is None
    assert cluster.job() == job
    (cluster.shell.cwd / "go").touch()
    assert finish(again) == 0
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 5


def end(process: "subprocess.Popen[str]", how: str) -> None:
    if how == "SIGTERM":
        os.killpg(process.pid, signal.SIGTERM)
    elif how == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)
    elif how == "kill -9 of snakemake":
        os.kill(process.pid, signal.SIGKILL)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)


def test_what_ended_meanwhile_is_taken(cluster: Cluster) -> None:
    cluster.generate("jobs")
    res = cluster.training("sleep 2")
    process = cluster.start(res)
    cluster.wait_for_line(FIRST)
    end(process, "kill -9 of everything")
    cluster.wait_for_line("end b0-s0-c0 1")
    assert finish(cluster.start(res)) == 0
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 5


def test_killed_between_submission_and_note(cluster: Cluster) -> None:
    """The number of the job was never written down: its comment is found in the queue."""
    cluster.generate("jobs", "--bracket", "0")
    tools = cluster.shell.cwd / "tools"
    tools.mkdir()
    real = run("bash", "-c", "command -v sbatch").strip()
    (tools / "sbatch").write_text(
        f'#!/bin/bash\n{real} "$@" || exit\n[[ $* == *--test-only* ]] || kill -9 -- -$(ps -o pgid= $$ | tr -d " ")\n')
    (tools / "sbatch").chmod(0o755)
    res = cluster.training(*["until [[ -e go ]]; do sleep 0.1; done"] * 2)
    process = cluster.start(res, "-j", "1", env={"PATH": f"{tools}:{cluster.shell.env['PATH']}"})
    process.wait(60)
    slot = next(path for path in (cluster.shell.cwd / "S").glob("bracket-0/stage-0/jobs/*"))
    assert '"job"' not in slot.read_text()
    again = cluster.start(res)
    wait_for(lambda: '"job"' in slot.read_text())
    (cluster.shell.cwd / "go").touch()
    assert finish(again) == 0
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 3


@pytest.mark.apart
@pytest.mark.slow
def test_a_node_fails(cluster: Cluster) -> None:
    """What a node that is cut off still runs has its directory to itself until it ends; no attempt is used up."""
    cluster.generate("jobs", "--partition", APART, "--retries", "0", "--cpus", "10")
    process = cluster.start(cluster.training("sleep 25"))
    cluster.wait_for_line(FIRST)
    node = run("squeue", "-h", "-j", cluster.job(), "-o", "%N").strip()
    stop_daemon(f"slurmd-{node}", signal.SIGKILL)
    try:
        run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
        assert finish(process) == 0
    finally:
        start_daemon(f"slurmd-{node}")
    cluster.assert_complete()
    ours = [line for line in cluster.lines if "b0-s0-c0" in line]
    assert ours in ([FIRST, "end b0-s0-c0 1"], [FIRST, "end b0-s0-c0 1", "begin b0-s0-c0 2", "end b0-s0-c0 2"]), ours


@pytest.mark.slow
def test_requeue_by_hand(cluster: Cluster) -> None:
    """An administrator puts a running job back into the queue: never two writers, and no attempt is used up."""
    cluster.generate("jobs", "--retries", "0")
    process = cluster.start(cluster.training("sleep 100"))
    cluster.wait_for_line(FIRST)
    run("scontrol", "update", f"jobid={cluster.job()}", "requeue=1")
    run("scontrol", "requeue", cluster.job())
    assert finish(process) == 0
    cluster.assert_complete()
    assert cluster.reasons()[0].startswith("REQUEUED")


@pytest.mark.apart
@pytest.mark.slow
def test_preemption(cluster: Cluster) -> None:
    """A more important job takes the place: no attempt is used up."""
    cluster.generate("jobs", "--partition", APART, "--retries", "0", "--cpus", "10")
    process = cluster.start(cluster.training("sleep 100"), "-j", "1")
    cluster.wait_for_line(FIRST)
    urgent = run("sbatch", "--parsable", "-p", "urgent", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap", "sleep 3").strip()
    assert finish(process) == 0
    assert urgent
    cluster.assert_complete()
    assert cluster.reasons()[0].startswith("PREEMPTED: a more important job took its place")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--partition", "nonsense"], "invalid partition specified: nonsense"),
        (["--partition", "stage>=1: nonsense"], "invalid partition specified: nonsense"),
        (["--cpus", "1000"], "Requested node configuration is not available"),
        (["--sbatch-extra", "--nonsense"], "unrecognized option '--nonsense'"),
        (["--array", "40", "--bracket", "0"], "Invalid job array specification"),
    ],
)
def test_refused(cluster: Cluster, options: list[str], said: str) -> None:
    """Slurm does not take such a job: said once, before anything is submitted; nothing has failed."""
    smax = 5 if "--array" in options else 1
    cluster.generate("jobs", *options, smax=smax)
    assert finish(cluster.start(cluster.training())) == 1
    log = (cluster.shell.cwd / "snakemake.log").read_text()
    assert log.count(said) == 1, log
    assert "slurm.toml" in log
    assert cluster.lines == []
    assert {slot["status"] for slot in cluster.shell.status()["slots"]} == {"pending"}


def test_refused_in_the_middle(cluster: Cluster) -> None:
    """What was allowed at the start is not any more: said once, the search stops, and goes on once it is fixed.

    What cannot be read is said once as well, and waited for.
    """
    cluster.generate("jobs", smax=2)
    res = cluster.training("sleep 3", "sleep 1")
    process = cluster.start(res, "-j", "2")
    wait_for(lambda: cluster.lines)
    toml = cluster.shell.cwd / "S/slurm.toml"
    good = toml.read_text()
    log_file = cluster.shell.cwd / "snakemake.log"
    toml.write_text(good.replace('partition = ""', 'partition = "'))
    wait_for(lambda: "Until then no job is submitted" in log_file.read_text())
    toml.write_text(good.replace('partition = ""', 'partition = "nonsense"'))
    assert finish(process) == 1
    log = log_file.read_text()
    assert log.count("Until then no job is submitted") == 1
    assert log.count("invalid partition specified") == 1
    assert "failed" not in {slot["status"] for slot in cluster.shell.status()["slots"]}
    toml.write_text(good)
    assert finish(cluster.start(res)) == 0
    cluster.assert_complete()


def test_environment_of_an_outer_job(cluster: Cluster) -> None:
    """Started within a job of somebody else's making: its variables are no options of ours."""
    cluster.generate("jobs", "--mem", "100M")
    leaking = {"SLURM_JOB_ID": "1", "SLURM_NTASKS": "7", "SLURM_MEM_PER_CPU": "9999999", "SLURM_CPUS_PER_TASK": "99",
               "SLURM_NNODES": "9", "SBATCH_MEM_PER_CPU": "99999999", "SLURM_ARRAY_TASK_ID": "3", "HYBAND_JOB": "77",
               "SBATCH_EXPORT": "NONE", "SLURM_EXPORT_ENV": "NONE"}
    assert finish(cluster.start(cluster.training(), env=leaking)) == 0
    cluster.assert_complete()
    record = json.loads(record_path(cluster.shell.cwd / "S" / SLOT).read_text())
    assert record["job"] == cluster.job()


def test_array(cluster: Cluster) -> None:
    """Tasks of job arrays: each has its own outcome and log, and one that fails is tried again alone."""
    cluster.generate("jobs", "--array", "5", "--bracket", "0", smax=3)
    process = cluster.start(cluster.training("exit 3"))
    assert finish(process) == 0
    cluster.assert_same_as_without("--bracket", "0", smax=3)
    arrays = {json.loads(path.read_text().splitlines()[0])["job"].split("_")[0]
              for path in (cluster.shell.cwd / "S").glob("bracket-0/stage-0/attempts/*")}
    assert len(arrays) == 2
    assert cluster.reasons() == ["run.sh exited with status 3"]
    assert len(cluster.lines) == 2 * 15 + 1


def test_pack(cluster: Cluster) -> None:
    """Several training runs share a job; a failure does not affect the others, and only it is submitted again."""
    options = ["--min-job-time", "4s", "--cost-one-epoch-full-dataset", "1", "--cost-unit", "seconds", "--bracket", "0"]
    cluster.generate("jobs", *options, smax=3)
    assert finish(cluster.start(cluster.training("exit 3"))) == 0
    cluster.assert_same_as_without("--bracket", "0", smax=3)
    jobs = [json.loads(path.read_text().splitlines()[0])["job"]
            for path in (cluster.shell.cwd / "S").glob("bracket-0/stage-0/attempts/*")]
    assert (len(jobs), len(set(jobs))) == (8, 2)
    assert len(record_path(cluster.shell.cwd / "S" / SLOT).read_text().splitlines()) == 2
    assert len((cluster.shell.cwd / "S/bracket-0/stage-0/attempts/config-1").read_text().splitlines()) == 1
    assert (cluster.shell.cwd / "S/bracket-0/stage-0/config-3/attempt-1.log").exists()


def test_pack_killed_in_the_middle(cluster: Cluster) -> None:
    """The training runs that had not begun are submitted again, without blame; what had ended stays."""
    options = ["--min-job-time", "4s", "--cost-one-epoch-full-dataset", "1", "--cost-unit", "seconds", "--bracket", "0"]
    cluster.generate("jobs", *options, smax=3)
    res = cluster.training(otherwise="if [[ $here-$HYBAND_ATTEMPT == b0-s0-c1-1 ]]; then sleep 100; fi")
    process = cluster.start(res)
    cluster.wait_for_line("begin b0-s0-c1 1")
    run("scancel", cluster.job())
    assert finish(process) == 0
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin b0-s0")]
    assert sorted(begun) == sorted([*(f"begin b0-s0-c{c} 1" for c in range(8)), "begin b0-s0-c1 2"])


@pytest.mark.apart
def test_status_shows_the_jobs(cluster: Cluster) -> None:
    cluster.generate("jobs", "--partition", APART, "--cpus", str(APART_CPUS // 2), "--bracket", "0", smax=2)
    process = cluster.start(cluster.training(*["until [[ -e go ]]; do sleep 0.1; done"] * 2))
    wait_for(lambda: len(cluster.lines) == 2)
    wait_for(lambda: [slot["status"] for slot in cluster.shell.status()["slots"]][:4].count("queued") == 2)
    slots = [slot for slot in cluster.shell.status()["slots"] if slot["job"]]
    running, queued = sorted(slots, key=lambda slot: slot["status"] == "queued")[:2], [s for s in slots if s["status"] == "queued"]
    assert {slot["status"] for slot in running} == {"running"}
    assert {slot["job"]["node"] for slot in running} == set(APART_NODES)
    assert {slot["job"]["reason"] for slot in queued} <= {"Resources", "Priority"}
    text = cluster.shell.run("hyband", "status", "S")
    assert "Queued (Q)" in text
    assert re.search(r"bracket-0/stage-0/config-\d - job \d+ on node[34], running for \d+ s", text)
    assert re.search(r"bracket-0/stage-0/config-\d - job \d+, queued \((Resources|Priority)\)", text)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    log = (cluster.shell.cwd / "snakemake.log").read_text()
    assert "jobs are still running in Slurm" in log
    assert cluster.shell.run("hyband", "cancel", "S").startswith("Cancelled: ")
    assert cluster.shell.run("hyband", "cancel", "S") == "This search has no jobs in Slurm.\n"
    for _ in range(2):  # neither what ran nor what waited is blamed, however often that is done
        process = cluster.start(cluster.training(*["until [[ -e go ]]; do sleep 0.1; done"] * 2))
        wait_for(lambda: cluster.shell.status()["slots"][0]["job"])
        end(process, "Ctrl-C")
        assert cluster.shell.run("hyband", "cancel", "S").startswith("Cancelled: ")
    (cluster.shell.cwd / "go").touch()
    assert cluster.start(cluster.training()).wait(300) == 0
    cluster.assert_complete()


@pytest.mark.parametrize("options", [[], ["--array", "4"], ["--min-job-time", "10s", "-t", "1", "--cost-unit", "seconds"]])
def test_folds_as_jobs(cluster: Cluster, options: list[str]) -> None:
    """Each fold is a job, a task of an array, or shares a job; what is trained is the same."""
    search = cluster.generate("jobs", "--parallel-folds", "-k", "2", "-r", "2", "--bracket", "0", "--last-stage", "0", *options)
    process = cluster.start('echo "begin $1" >> ledger; echo 0.$x > "$1/result"; echo "end $1" >> ledger')
    assert finish(process) == 0
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 2 * 4
    assert {s["status"] for s in cluster.shell.status()["slots"]} == {"completed"}
    assert (search / "bracket-0/stage-0/jobs/config-0-fold-1-1").read_text().count('"job"') == 1


@pytest.mark.apart
def test_as_many_jobs_as_may_wait(cluster: Cluster) -> None:
    """All are in the queue before the first one ends, more than the nodes have processors."""
    cluster.generate("jobs", "--partition", APART, "--bracket", "0", "--last-stage", "0", smax=5)
    process = cluster.start("sleep 100", "-j", "30")
    wait_for(lambda: len(run("squeue", "-h", "-p", APART).splitlines()) == 30, 120)
    assert process.poll() is None
    end(process, "Ctrl-C")
    assert cluster.shell.run("hyband", "cancel", "S").count(",") == 29


def test_sbatch_is_killed_after_it_has_submitted(cluster: Cluster) -> None:
    """That is no refusal: the job is found by its token, and not submitted twice."""
    cluster.generate("jobs", "--bracket", "0", "--last-stage", "0")
    tools = cluster.shell.cwd / "tools"
    tools.mkdir()
    real = run("bash", "-c", "command -v sbatch").strip()
    (tools / "sbatch").write_text(f'#!/bin/bash\n{real} "$@" || exit\n[[ $* == *--test-only* || -e ../once ]] || {{ touch ../once; kill -9 $$; }}\n')
    (tools / "sbatch").chmod(0o755)
    process = cluster.start(cluster.training("sleep 3", "sleep 3"), env={"PATH": f"{tools}:{cluster.shell.env['PATH']}"})
    assert finish(process) == 0
    assert (cluster.shell.cwd / "once").exists()
    cluster.assert_complete()
    begun = [line for line in cluster.lines if line.startswith("begin")]
    assert len(begun) == len(set(begun)) == 2


def test_ctrl_c_while_the_queue_is_asked_for(cluster: Cluster) -> None:
    """A waiter ends too when the program it runs at that moment takes no notice of the signal."""
    cluster.generate("jobs", "--bracket", "0", "--last-stage", "0")
    tools = cluster.shell.cwd / "tools"
    tools.mkdir()
    real = run("bash", "-c", "command -v flock").strip()
    (tools / "flock").write_text(f'#!/bin/bash\ntrap : INT\n[[ $1 != -n ]] || {{ touch asking; sleep 3; }}\n{real} "$@"\n')
    (tools / "flock").chmod(0o755)
    res = cluster.training(*["until [[ -e go ]]; do sleep 0.1; done"] * 2)
    process = cluster.start(res, env={"PATH": f"{tools}:{cluster.shell.env['PATH']}"})
    cluster.wait_for_line(FIRST)
    asking = cluster.shell.cwd / "S" / "asking"
    asking.unlink(missing_ok=True)
    wait_for(asking.exists)
    end(process, "Ctrl-C")
    (cluster.shell.cwd / "go").touch()
    assert finish(cluster.start(res)) == 0
    cluster.assert_complete()


def test_calls_of_the_scheduler(cluster: Cluster) -> None:
    """However many jobs there are, the queue is asked for once in poll-seconds; each job costs one sbatch."""
    tools = cluster.shell.cwd / "tools"
    tools.mkdir()
    for name in ("sbatch", "squeue", "sacct", "scancel", "sinfo"):
        real = run("bash", "-c", f"command -v {name}").strip()
        (tools / name).write_text(f'#!/bin/bash\necho "{name} $EPOCHSECONDS" >> {cluster.shell.cwd}/calls\nexec {real} "$@"\n')
        (tools / name).chmod(0o755)
    cluster.shell.generate(2, 2, "--slurm", "jobs", "--poll-seconds", "5")
    res = cluster.training("sleep 12")
    assert finish(cluster.start(res, env={"PATH": f"{tools}:{cluster.shell.env['PATH']}"})) == 0
    calls = [line.split() for line in (cluster.shell.cwd / "calls").read_text().splitlines()]
    times = [int(when) for name, when in calls if name == "squeue"]
    assert times[-1] - times[0] >= 5 * (len(times) - 1) - 2, times  # a call may be late on a busy machine
    trainings = cluster.shell.status()["trainings"]
    assert [name for name, _ in calls].count("sbatch") == trainings + 1
    assert {name for name, _ in calls} == {"sbatch", "squeue"}


def test_a_slot_that_stays_empty_costs_no_job(cluster: Cluster) -> None:
    """Where the template yields nothing more while the search runs."""
    config = "x: {{ integer('x', 1, 4) }}\n"
    template = write_tree(cluster.shell.cwd / "T", {"config": config, "run.sh": 'echo 0.5 > "$1/result"\n'})
    search = cluster.generate("jobs", "--sampler", "tpe", template=template)
    (search / "search-space/config").write_text(config + "{{ reject(true, 'no more') }}\n")
    cluster.shell.snakemake()
    assert [slot["status"] for slot in cluster.shell.status()["slots"]] == ["completed"] * 3 + ["empty"] * 2
    assert cluster.shell.status()["complete"]
    assert not list(search.glob("bracket-1/stage-0/*/jobs"))
