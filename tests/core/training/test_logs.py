"""The end of what the attempts of a training run printed."""

from pathlib import Path

from hyperband_snakemake.core.training.logs import LINES, LogEnd, last_words, log_ends
from hyperband_snakemake.core.tree.record import end_text, retry_text, start_text


def record(directory: Path, *attempts: tuple[str, str] | None) -> Path:
    """Write a record, each attempt with its reason and what it printed; None stands for a retry."""
    text = ""
    for number, attempt in enumerate(attempts, 1):
        if attempt is None:
            text += retry_text()
            continue
        text += start_text(number, "run") + end_text(seconds=1, status=1, result="", reason=attempt[0])
        (directory / f"attempt-{number}.log").write_text(attempt[1])
    (directory / "attempts").write_text(text)
    return directory


def test_other_words_are_shown_with_the_reason_of_their_attempt(tmp_path: Path) -> None:
    found = log_ends(record(tmp_path, ("killed", "CUDA out of memory\n"), ("status 1", "already exists\n")))
    assert found == (LogEnd("attempt-1.log", ("CUDA out of memory",), "killed"), LogEnd("attempt-2.log", ("already exists",)))


def test_the_same_words_are_shown_once(tmp_path: Path) -> None:
    found = log_ends(record(tmp_path, ("a", "12:00:01 pid 7 failed\n"), ("a", "other\n"), ("a", "12:00:09 pid 8 failed\n")))
    assert [end.name for end in found] == ["attempt-2.log", "attempt-3.log"]


def test_an_attempt_that_printed_nothing_is_shown_only_if_it_is_the_last(tmp_path: Path) -> None:
    assert [end.name for end in log_ends(record(tmp_path, ("a", ""), ("a", "words")))] == ["attempt-2.log"]
    assert [end.name for end in log_ends(record(tmp_path, ("a", "words"), ("a", "\n\n")))] == ["attempt-1.log", "attempt-2.log"]


def test_what_was_before_a_retry_is_left_out(tmp_path: Path) -> None:
    assert [end.name for end in log_ends(record(tmp_path, ("a", "one"), None, ("a", "two")))] == ["attempt-3.log"]
    assert [end.name for end in log_ends(record(tmp_path, ("a", "one"), ("a", "two"), None))] == ["attempt-2.log"]


def test_no_record_and_no_log(tmp_path: Path) -> None:
    assert (log_ends(tmp_path), last_words(tmp_path)) == ((), ("", ""))
    record(tmp_path, ("a", "one"))
    (tmp_path / "attempt-1.log").unlink()
    assert (log_ends(tmp_path), last_words(tmp_path)) == ((), ("", ""))


def test_long_logs_colours_and_progress_bars(tmp_path: Path) -> None:
    lines = "".join(f"line {n}\n" for n in range(100))
    record(tmp_path, ("a", f"{lines}\x1b[31m{'x' * 200}\x1b[0m\n  1 %\r 99 %\rValueError: no\r\n\n  \n"))
    end = log_ends(tmp_path)[0]
    assert len(end.lines) <= LINES
    assert end.lines[-2:] == ("x" * 160, "ValueError: no")
    assert last_words(tmp_path) == ("attempt-1.log", "ValueError: no")
