"""Jobs that end before run.sh was started: what is noted, said and done, on made-up queues and records."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.slurm.jobs import append, begin_text, cancelled_text, new_token, submitted_text
from hyperband_snakemake.core.slurm.never_began import ENDED, REPLACED, excluded_nodes, noting, read_lines
from hyperband_snakemake.core.slurm.nothing_begins import stop_without_nodes, submit_not_before
from hyperband_snakemake.core.training.stopping import is_run_stopped, stop_text
from hyperband_snakemake.core.tree import environment
from hyperband_snakemake.core.tree.layout import Slot, slots_of
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import record_path

PLAN = make_plan(Settings(4, 2))
SLOTS = [slot for slot, _ in slots_of(PLAN)][:16]
SLOT, NEIGHBOUR = SLOTS[0], SLOTS[1]


@pytest.fixture(autouse=True)
def snakemake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[bytes]"]:
    """What stands for snakemake, in a search that is the working directory; Slurm remembers nothing but its queue."""
    process = subprocess.Popen(["sleep", "600"])
    monkeypatch.chdir(tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sacct").write_text("#!/bin/bash\nexit 1\n")
    (tools / "sacct").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv(environment.RUN, f"{socket.gethostname()}-{process.pid}-{time.time_ns() - 60 * 10**9}")
    monkeypatch.setenv(environment.SEARCH, "my search")
    (tmp_path / "plan.json").write_text(plan_to_json(PLAN))
    (tmp_path / "slurm").mkdir()
    yield process
    process.kill()
    process.wait()


def job(number: int, *slots: Slot, state: str = "FAILED", node: str = "n1", task: str = "", run: str | None = None) -> None:
    """A job that was submitted for these slots, as it is in the queue and in their files."""
    token = new_token()
    append(slots, begin_text(token, environment.run_id() if run is None else run, len(slots)) + submitted_text(str(number)))
    in_queue(f"{number}{task}|{state}|None|{node}|0:01|name|hyband {token} {Path.cwd()}/{slots[0]}")


def in_queue(line: str) -> None:
    path = Path("slurm/queue")
    before = path.read_text().splitlines()[2:] if path.exists() else []
    path.write_text("\n".join([f"{int(time.time())} {int(time.time())}", ",,", *before, line]) + "\n")


def begun(number: str, slot: Slot, ago: float = 30, host: str = "elsewhere", run: str | None = None) -> None:
    """An attempt of a job, which is over."""
    start = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = record_path(slot.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"attempt": 1, "start": start, "host": host, "run": environment.run_id() if run is None else run, "job": number,
            "end": start, "exit": 1, "reason": "x"}
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")


def seconds(*slots: Slot) -> float:
    """How long from now the next job has to wait; a second more or less is the clock's."""
    when = submit_not_before(slots, slots)
    return round(when - time.time()) if when else 0


def test_the_pause_grows_and_begins_again_after_an_attempt() -> None:
    for number, pause in enumerate([5, 10, 20, 40], 1):
        job(number, SLOT, node=f"n{number}")
        assert abs(seconds(SLOT) - pause) <= 1
    line = read_lines()[0]
    assert (line.kind, line.job, line.node, line.state, line.slot) == ("ended", "1", "n1", "FAILED", str(SLOT))
    job(5, SLOT)
    begun("5", SLOT)
    assert seconds(SLOT) == 0
    job(6, SLOT)
    assert abs(seconds(SLOT) - 5) <= 1


def test_a_job_is_noted_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    job(1, SLOT, NEIGHBOUR)
    Path("slurm/1.out").touch()
    first = submit_not_before([SLOT, NEIGHBOUR], [SLOT, NEIGHBOUR])
    assert submit_not_before([SLOT, NEIGHBOUR], [SLOT, NEIGHBOUR]) == first
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "bracket-0/stage-0/config-0: job 1 ended on n1 before run.sh was started (FAILED; see 'my search'/slurm/1.out)" in said
    job(2, SLOTS[2])
    job(3, SLOTS[3], state="CANCELLED", node="")
    submit_not_before([SLOTS[2]], [SLOTS[2]])
    submit_not_before([SLOTS[3]], [SLOTS[3]])
    assert "job 3 ended before run.sh was started (CANCELLED; it left no slurm/3.out)" in capsys.readouterr().err
    assert len(read_lines()) == 3


def test_jobs_of_an_earlier_run_are_history() -> None:
    for number in range(1, 20):
        job(number, SLOT, state="CANCELLED", node="", run="elsewhere-1-1")
        job(number + 100, SLOT, run="elsewhere-1-1")
    assert seconds(SLOT) == 0
    assert read_lines() == ()
    assert not is_run_stopped()


def test_what_the_next_run_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    job(1, SLOT)
    seconds(SLOT)
    assert len(read_lines()) == 1
    monkeypatch.setenv(environment.RUN, "elsewhere-1-1")
    assert read_lines() == ()


@pytest.mark.parametrize("text", ["", "x\n", "|||||\n", "a|b|c|d|e|f|g\n", "{run}|soon|ended|1|n1|FAILED|s\n", "{run}|1|ended"])
def test_torn_lines(text: str) -> None:
    Path("slurm/never-began").write_text(text.format(run=environment.run_id()))
    assert read_lines() == ()
    with noting() as notes:
        assert notes.lines == ()


def test_a_hyband_cancel_ends_the_growth() -> None:
    job(1, SLOT)
    job(2, SLOT)
    append([SLOT], cancelled_text())
    assert seconds(SLOT) == 0
    job(3, SLOT)
    assert abs(seconds(SLOT) - 5) <= 1


def test_a_job_that_was_replaced_is_followed_at_once() -> None:
    job(1, SLOT, state="CANCELLED", node="")
    with noting() as notes:
        notes.add(REPLACED, "1", state="PartitionTimeLimit", slot=str(SLOT))
    assert seconds(SLOT) == 0
    assert [line.kind for line in read_lines()] == [REPLACED]


def test_a_pack_that_has_begun_is_no_such_job() -> None:
    job(1, SLOT, NEIGHBOUR)
    begun("1", SLOT)
    assert seconds(SLOT, NEIGHBOUR) == 0
    assert read_lines() == ()


def test_each_task_of_an_array_counts_for_itself() -> None:
    token = new_token()
    append([SLOT, NEIGHBOUR], begin_text(token, environment.run_id(), 2) + submitted_text("7"))
    for task, node in enumerate(["n1", "n2"]):
        in_queue(f"7_{task}|FAILED|None|{node}|0:01|name|hyband {token} {Path.cwd()}/{SLOT} and 1 more")
    begun("7_0", SLOT)
    assert submit_not_before([SLOT], [SLOT, NEIGHBOUR]) == 0
    assert abs(submit_not_before([SLOT, NEIGHBOUR], [SLOT, NEIGHBOUR]) - time.time() - 5) <= 1
    assert [(line.job, line.node) for line in read_lines()] == [("7_1", "n2")]


def end_all(slots: list[Slot], first: int = 1, **more: str) -> None:
    """A job of each of these slots ends without having begun."""
    for number, slot in enumerate(slots, first):
        job(number, slot, **more)
        submit_not_before([slot], [slot])


def test_a_node_that_takes_all_jobs_is_left_out_before_the_run_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    """It may be the only one that is idle; where jobs end so on others, too, it was not the node."""
    end_all(SLOTS[:12])
    assert excluded_nodes() == ("n1",)
    assert capsys.readouterr().err.count("6 jobs in a row ended on n1 before run.sh was started (it left no slurm/6.out), and none has begun on another one.") == 1
    assert not is_run_stopped()
    end_all(SLOTS[12:13], 13, node="n2")
    assert not is_run_stopped()
    end_all(SLOTS[13:14], 14, node="n3")
    assert excluded_nodes() == ("n1",)
    assert is_run_stopped()
    assert "14 jobs in a row ended" in stop_text(Path())


def test_the_node_was_it() -> None:
    end_all(SLOTS[:12])
    job(99, SLOTS[15], state="RUNNING", node="n2")
    begun("99", SLOTS[15], ago=-2)
    end_all(SLOTS[12:15], 13)
    assert not is_run_stopped()


def test_ten_in_a_row_stop_the_run(snakemake: "subprocess.Popen[bytes]", capsys: pytest.CaptureFixture[str]) -> None:
    Path("slurm/9.out").write_text("module: cuda/99 is unknown\n")
    end_all(SLOTS[:1], node="n2")
    end_all(SLOTS[1:9], 2)
    assert not is_run_stopped()
    end_all(SLOTS[9:10], 10)
    assert is_run_stopped()
    assert snakemake.wait(30)
    text = stop_text(Path())
    assert text.splitlines()[:5] == [
        "Error: 10 jobs in a row ended before run.sh was started, and no training run has begun in this run. This run was stopped.",
        "  9 - FAILED on n1",
        "  1 - FAILED on n2",
        "  End of 'my search'/slurm/9.out:",
        "    module: cuda/99 is unknown",
    ]
    assert "'my search'/job.sh" in text
    assert 'sbatch-extra = "--exclude=n1,n2"' in text
    assert text.endswith("snakemake --snakefile 'my search'/Snakefile")
    assert capsys.readouterr().err.count("\n") == 3  # the first job, an empty line, and the first line of the text


def test_an_attempt_in_between(snakemake: "subprocess.Popen[bytes]") -> None:
    end_all(SLOTS[:9], node="")
    begun("99", SLOTS[15], ago=-2)
    end_all(SLOTS[9:12], 10, node="")
    assert not is_run_stopped()
    assert snakemake.poll() is None


def test_one_that_an_earlier_run_has_submitted_counts_as_well() -> None:
    end_all(SLOTS[:9], node="")
    begun("99", SLOTS[15], ago=-2, run="elsewhere-1-1")
    end_all(SLOTS[9:12], 10, node="")
    assert not is_run_stopped()


def test_one_before_the_run_does_not() -> None:
    begun("99", SLOTS[15], ago=3600, run="elsewhere-1-1")
    end_all(SLOTS[:10], node="")
    assert is_run_stopped()


@pytest.mark.parametrize("state", ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "CANCELLED", "REVOKED"])
def test_what_is_not_the_jobs_fault_does_not_count(state: str) -> None:
    end_all(SLOTS, state=state)
    assert not is_run_stopped()
    assert len(read_lines()) == 16


@pytest.mark.parametrize("state", ["TIMEOUT", "COMPLETED", "OUT_OF_MEMORY", "FAILED"])
def test_what_counts(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBAND_RESULT_WAIT", "0")
    end_all(SLOTS[:10], state=state, node="")
    assert is_run_stopped()


def test_jobs_that_slurm_has_lost_do_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    """After the controller has lost its state, nobody knows them, and accounting believes that they wait."""
    tools = Path("tools/sacct")
    for number, slot in enumerate(SLOTS[:14]):
        if number == 7:
            tools.write_text("#!/bin/bash\necho PENDING\n")
        append([slot], begin_text(new_token(), environment.run_id(), 1) + submitted_text(str(number)))
        submit_not_before([slot], [slot])
    assert not is_run_stopped()
    assert {line.state for line in read_lines()} == {"GONE"}
    assert capsys.readouterr().err.count("job 0 is no longer in the queue, and run.sh was not started") == 1


def test_a_job_that_slurm_has_forgotten_counts() -> None:
    for number, slot in enumerate(SLOTS[:10]):
        append([slot], begin_text(new_token(), environment.run_id(), 1) + submitted_text(str(number)))
        Path(f"slurm/{number}.out").touch()
        submit_not_before([slot], [slot])
    assert is_run_stopped()
    assert "10 - Slurm does not say why" in stop_text(Path())


def test_a_slot_alone_is_stopped_earlier() -> None:
    for number in range(1, 6):
        assert not is_run_stopped()
        job(number, SLOT, node="n1" if number < 4 else "n2")
        submit_not_before([SLOT], [SLOT])
    assert excluded_nodes() == ("n1",)
    assert is_run_stopped()


def test_but_not_beside_others_that_wait() -> None:
    job(100, NEIGHBOUR, state="PENDING", node="")
    for number in range(1, 10):
        job(number, SLOT)
        submit_not_before([SLOT], [SLOT])
    assert not is_run_stopped()


def test_a_node_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Its jobs do not count any more, and the run goes on."""
    job(99, SLOTS[15], state="COMPLETED", node="n2")
    begun("99", SLOTS[15])
    end_all(SLOTS[:2])
    assert excluded_nodes() == ()
    capsys.readouterr()
    end_all(SLOTS[2:15], 3)
    assert excluded_nodes() == ("n1",)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "3 jobs in a row ended on n1 before run.sh was started" in said
    assert "have begun on n2. This run submits no more jobs to n1 (--exclude=n1)" in said
    assert not is_run_stopped()


def test_a_node_where_nothing_begins_is_left_out_once_others_have_begun_elsewhere() -> None:
    end_all(SLOTS[:5])
    assert excluded_nodes() == ()
    job(99, SLOTS[15], state="RUNNING", node="n2")
    begun("99", SLOTS[15])
    end_all(SLOTS[5:6], 6)
    assert excluded_nodes() == ("n1",)


def test_a_node_where_one_has_begun_in_between() -> None:
    job(98, SLOTS[14], state="COMPLETED", node="n1")
    job(99, SLOTS[15], state="COMPLETED", node="n2")
    end_all(SLOTS[:2])
    begun("98", SLOTS[14], ago=-2)
    begun("99", SLOTS[15])
    end_all(SLOTS[2:4], 3)
    assert excluded_nodes() == ()


def test_the_last_good_node_stays_and_the_run_is_stopped_instead() -> None:
    job(99, SLOTS[15], state="COMPLETED", node="n2")
    begun("99", SLOTS[15])
    end_all(SLOTS[:3])
    assert excluded_nodes() == ("n1",)
    end_all(SLOTS[3:12], 4, node="n2")
    assert excluded_nodes() == ("n1",)
    assert not is_run_stopped()
    end_all(SLOTS[12:13], 13, node="n2")
    assert is_run_stopped()
    assert "10 jobs in a row ended before run.sh was started, and no training run has begun since" in stop_text(Path())


def test_the_host_stands_for_a_node_that_slurm_has_forgotten() -> None:
    begun("99", SLOTS[15], host="n1.cluster")
    end_all(SLOTS[:3])
    assert excluded_nodes() == ()
    begun("98", SLOTS[14], host="n2.cluster")
    end_all(SLOTS[3:4], 4)
    assert excluded_nodes() == ("n1",)


def test_what_is_newer_than_the_queue_says_nothing_of_a_node() -> None:
    end_all(SLOTS[:2])
    begun("99", SLOTS[15], host="n2", ago=-20)
    end_all(SLOTS[2:4], 3)
    assert excluded_nodes() == ()


def test_a_slot_that_can_be_trained_on_no_other_node() -> None:
    with noting() as notes:
        for _ in range(3):
            notes.add(ENDED, "7", node="n1", state="FAILED", slot=str(SLOT))
    stop_without_nodes(("n1",), SLOT)
    text = stop_text(Path())
    assert text.startswith("Error: jobs end on n1 before run.sh was started, and bracket-0/stage-0/config-0 can be trained on no other node")
    assert "3 - FAILED on n1" in text
    assert "They have printed nothing ('my search'/slurm/)." in text
