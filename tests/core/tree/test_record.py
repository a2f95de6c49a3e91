"""The record: its lines, what they count for, and what a torn one is."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.tree.record import (
    Attempt,
    end_text,
    is_held,
    is_unfinished,
    locked,
    read_attempts,
    retry_text,
    since_retry,
    start_text,
    used,
)


def attempt(run: str, exit_status: int | None) -> Attempt:
    return Attempt(1, run=run, exit=exit_status, end="" if exit_status is None else "now")


@pytest.mark.parametrize(
    ("attempts", "run", "expected"),
    [
        ([], "B", 0),
        ([attempt("A", 1)], "B", 1),
        ([attempt("A", None)], "B", 0),  # the whole run A died
        ([attempt("A", None)], "A", 1),  # run A lives: only the job was killed
        ([attempt("A", None), attempt("A", None)], "B", 1),
        ([attempt("A", None), attempt("B", None), attempt("C", 3)], "D", 1),
        ([attempt("A", None), attempt("A", 1)], "A", 2),
    ],
)
def test_used(attempts: list[Attempt], run: str, expected: int) -> None:
    assert used(attempts, run) == expected


@given(st.floats(0, 10**6), st.none() | st.integers(0, 255), st.text(max_size=30), st.text(max_size=30))
def test_lines_are_read_as_written(seconds: float, status: int | None, result: str, reason: str) -> None:
    line = start_text(3, "run") + end_text(seconds=seconds, status=status, result=result, reason=reason)
    assert line.count("\n") == 1
    data = json.loads(line)
    assert (data["attempt"], data["run"], data["exit"], data["result"], data["reason"]) == (3, "run", status, result, reason)


def test_halves_retries_and_torn_lines(tmp_path: Path) -> None:
    good = start_text(1, "A") + end_text(seconds=1, status=0, result="0.5", reason="")
    (tmp_path / "attempts").write_text('{"attem\n' + good + retry_text() + start_text(2, "B"))
    torn, first, retry, second = read_attempts(tmp_path)
    assert is_unfinished(tmp_path)
    assert (torn.end, first.good, bool(first.end), bool(retry.retry), second.end) == ("", True, True, True, "")
    assert since_retry([torn, first, retry, second]) == [second]
    assert not torn.good
    assert not retry.good


def test_the_lock_is_held_while_it_is_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with locked(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
