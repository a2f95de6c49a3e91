"""When a run of snakemake is stopped since everything fails: the decision alone, on files that no training run has written."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.training import all_fail
from hyperband_snakemake.core.training.all_fail import stop_if_all_fail
from hyperband_snakemake.core.training.stopping import is_run_stopped, stop_text, stopped_run
from hyperband_snakemake.core.tree import environment
from hyperband_snakemake.core.tree.planfile import plan_to_json

FAILED, COMPLETED = "failed: exit status {n}\n", "completed: 0.5\n"


@pytest.fixture
def snakemake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[bytes]"]:
    """What stands for snakemake, in a search that is the working directory."""
    process = subprocess.Popen(["sleep", "600"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(environment.RUN, f"{socket.gethostname()}-{process.pid}-1")
    monkeypatch.setenv(environment.SEARCH, "my search")
    monkeypatch.delenv(environment.KEEP_FAILING, raising=False)
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(Settings(3, 2))))
    yield process
    process.kill()
    process.wait()


def outcomes(*slots: str, text: str = FAILED) -> None:
    for number, slot in enumerate(slots):
        bracket, stage, config = slot.split("-")
        path = Path(f"bracket-{bracket}/stage-{stage}/config-{config}")
        path.mkdir(parents=True, exist_ok=True)
        (path / "outcome").write_text(text.format(n=number))


def was_stopped(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it was told to end; of what was not, a signal sent now is the first."""
    stop_if_all_fail()
    return bool(is_run_stopped() and process.wait(30))


def test_five_failures_in_any_brackets(snakemake: "subprocess.Popen[bytes]", capsys: pytest.CaptureFixture[str]) -> None:
    outcomes("0-0-0", "0-0-7", "1-0-2", "3-0-0")
    assert not was_stopped(snakemake)
    outcomes("2-0-1")
    assert was_stopped(snakemake)
    assert capsys.readouterr().err.count("Error: 5 configurations failed") == 1
    stop_if_all_fail()
    assert capsys.readouterr().err == ""
    assert "hyband run 'my search' bracket-0/stage-0/config-0/outcome" in stop_text(Path())
    assert stop_text(Path()).count(" failed - ") == 4  # status 0 twice, since one of them was written later


def test_nothing_is_stopped_twice_but_the_next_run_is(snakemake: "subprocess.Popen[bytes]") -> None:
    outcomes(*(f"0-0-{c}" for c in range(5)))
    Path("run.stopped").write_text("elsewhere-1-1\nError: before\n")
    assert not is_run_stopped()
    assert was_stopped(snakemake)
    assert stopped_run(Path()) == environment.run_id()


@pytest.mark.parametrize("where", ["0-0-6", "0-2-1", "3-0-3"])
def test_a_success_anywhere(snakemake: "subprocess.Popen[bytes]", where: str) -> None:
    outcomes(*(f"0-0-{c}" for c in range(6)))
    outcomes(where, text=COMPLETED)
    assert not was_stopped(snakemake)


@pytest.mark.parametrize("value", ["1", "yes"])
def test_who_wants_to_continue(snakemake: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    outcomes(*(f"0-0-{c}" for c in range(8)))
    monkeypatch.setenv(environment.KEEP_FAILING, value)
    assert not was_stopped(snakemake)
    monkeypatch.setenv(environment.KEEP_FAILING, "0")
    assert was_stopped(snakemake)


def test_outside_of_a_run(snakemake: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes(*(f"0-0-{c}" for c in range(8)))
    monkeypatch.delenv(environment.RUN)
    assert not was_stopped(snakemake)
    assert not Path("run.stopped").exists()


def test_empty_slots_and_those_that_run_are_no_failures(snakemake: "subprocess.Popen[bytes]") -> None:
    outcomes(*(f"0-0-{c}" for c in range(4)))
    outcomes("0-1-0", "0-1-1", text="empty\n")
    Path("bracket-1/stage-0/config-0").mkdir(parents=True)
    Path("bracket-1/stage-0/config-0/config").touch()
    Path("bracket-1/stage-0/config-0/train.log").touch()
    assert not was_stopped(snakemake)


def test_the_first_success_ends_the_look(snakemake: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch) -> None:
    """Where some succeed, a failure costs the reading of a few outcomes, however large the search."""
    outcomes(*(f"0-0-{c}" for c in range(5)))
    outcomes("0-0-1", text=COMPLETED)
    looked: list[Path] = []
    read = all_fail.read_outcome
    monkeypatch.setattr(all_fail, "read_outcome", lambda path: looked.append(path) or read(path))  # type: ignore[func-returns-value]
    assert not was_stopped(snakemake)
    assert len(looked) == 2
