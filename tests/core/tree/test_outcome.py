"""The state of a slot from the files in its directory, whatever they hold."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyperband_snakemake.core.tree.outcome import (
    INTERRUPTED,
    RUNNING,
    Outcome,
    Status,
    failed,
    read_outcome,
    verdict_text,
)
from hyperband_snakemake.core.tree.record import locked

from ...conftest import write_tree

START = '{"attempt": 1, "start": "2026-01-01T00:00:00Z", "host": "h", "pid": 1'
GOOD = START + ', "end": "2026-01-01T00:00:01Z", "seconds": 1.0, "exit": 0, "result": "0.25", "reason": ""}\n'
BAD = START + ', "end": "2026-01-01T00:00:01Z", "seconds": 1.0, "exit": 3, "result": "", "reason": "status 3"}\n'


@pytest.mark.parametrize(
    ("files", "status", "result"),
    [
        ({}, Status.PENDING, None),
        ({"config": "x"}, Status.PENDING, None),
        ({"config": "x", "origin": "from: y"}, Status.PENDING, None),
        ({"config": "x", "log.log": ""}, Status.RUNNING, None),
        ({"config": "x", "attempts": START}, Status.PENDING, None),
        ({"config": "x", "attempts": START, "result": "0.5"}, Status.PENDING, None),
        ({"config": "x", "attempts": BAD + START, "result": "0.5"}, Status.PENDING, None),
        ({"config": "x", "attempts": "garbage", "result": "0.5"}, Status.PENDING, None),
        ({"config": "x", "attempts": GOOD, "result": "0.25", "outcome": "completed: 0.25\n"}, Status.COMPLETED, 0.25),
        ({"config": "x", "attempts": GOOD, "result": "9", "outcome": "completed: 0.25\n"}, Status.COMPLETED, 0.25),
        ({"config": "x", "attempts": GOOD, "outcome": "completed: 0.25\n"}, Status.COMPLETED, 0.25),
        ({"config": "x", "attempts": "", "result": "0.5"}, Status.PENDING, None),  # its record is lost
        ({"config": "x", "attempt-1.log": "", "result": "0.5"}, Status.PENDING, None),  # the same
        ({"config": "x", "attempts": GOOD, "outcome": "completed: 0.2"}, Status.COMPLETED, 0.25),  # the record outweighs
        ({"config": "x", "attempts": GOOD, "outcome": "failed: no\n"}, Status.COMPLETED, 0.25),
        ({"config": "x", "attempts": GOOD, "outcome": "completed: []\n"}, Status.COMPLETED, 0.25),
        ({"config": "x", "attempts": BAD, "outcome": "completed: 0.1\n"}, Status.PENDING, None),
        ({"config": "x", "attempts": BAD, "outcome": "failed: status 3\n"}, Status.FAILED, None),
        ({"config": "x", "attempts": BAD, "outcome": "failed: sta"}, Status.PENDING, None),  # cut short
        ({"config": "x", "attempts": BAD + START, "outcome": "failed: status 3\n"}, Status.PENDING, None),
        ({"config": "x", "attempts": GOOD.replace(', "result": "0.25", "reason": ""}', "")}, Status.PENDING, None),
        ({"config": "x", "attempts": GOOD}, Status.COMPLETED, 0.25),
        ({"config": "x", "result": "0.5\n"}, Status.COMPLETED, 0.5),
        ({"config": "x", "result": "nan\n"}, Status.FAILED, None),
        ({"config": "x", "result": ""}, Status.FAILED, None),
        ({"config": "x", "result": "0.5", "outcome": "failed: status 3\n"}, Status.FAILED, None),
        ({"outcome": "empty\n"}, Status.EMPTY, None),
        ({"config": "x", "attempts": START, "outcome": ""}, Status.PENDING, None),
    ],
)
def test_table(tmp_path: Path, files: dict[str, str], status: Status, result: float | None) -> None:
    found = read_outcome(write_tree(tmp_path / "config-0", files) if files else tmp_path / "config-0")
    assert (found.status, found.result) == (status, result)


def test_runs_as_long_as_somebody_holds_the_record(tmp_path: Path) -> None:
    write_tree(tmp_path, {"config": "x", "attempts": START, "result": "0.5"})
    with locked(tmp_path):
        assert read_outcome(tmp_path) == RUNNING
    assert read_outcome(tmp_path) == INTERRUPTED


def test_reason_is_kept(tmp_path: Path) -> None:
    write_tree(tmp_path, {"outcome": verdict_text(failed("run.sh exited with status 3: why: so"))})
    assert read_outcome(tmp_path) == failed("run.sh exited with status 3: why: so")


@given(files=st.dictionaries(st.sampled_from(["config", "result", "outcome", "attempts", "origin"]), st.binary(max_size=60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_never_crashes(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Any bytes in any of the files give an outcome, and a number only when completed."""
    for name in ("config", "result", "outcome", "attempts", "origin"):
        (tmp_path / name).unlink(missing_ok=True)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    found = read_outcome(tmp_path)
    assert (found.result is not None) == (found.status is Status.COMPLETED)


def test_directories_in_the_place_of_files(tmp_path: Path) -> None:
    for name in ("result", "outcome", "attempts"):
        (tmp_path / name).mkdir()
    assert isinstance(read_outcome(tmp_path), Outcome)
    assert read_outcome(tmp_path / "result" / "nothing") == Outcome(Status.PENDING)
