"""The jobs of a configuration: lines and half lines, and how a job is found whose number was never noted."""

import time
from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm import jobs
from hyperband_snakemake.core.slurm.jobs import (
    Submission,
    append,
    begin_text,
    cancelled_text,
    new_token,
    read_submissions,
    refused_text,
    submitted_text,
    take_up_jobs,
)
from hyperband_snakemake.core.slurm.queue import Job, Queue
from hyperband_snakemake.core.tree.layout import Slot

SLOT = Slot(0, 0, 3)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / SLOT.path).mkdir(parents=True)
    return tmp_path / SLOT.path


def queue_of(monkeypatch: pytest.MonkeyPatch, *found: Job) -> None:
    monkeypatch.setattr(jobs, "ask", lambda *_, **__: Queue(int(time.time()) + 10, {job.number: job for job in found}))


def test_lines_are_read_as_written(here: Path) -> None:
    append([SLOT], begin_text("abc", "run", 4))
    assert read_submissions(here)[0].job == ""
    append([SLOT], submitted_text("7"))
    append([SLOT], begin_text("def", "run", 1))
    append([SLOT], refused_text("no"))
    append([SLOT], cancelled_text())
    append([SLOT], begin_text("ghi", "run", 1))
    one, two, three, four = read_submissions(here)
    assert (one.token, one.run, one.configs, one.job, one.refused) == ("abc", "run", 4, "7", "")
    assert (two.job, two.refused, three.refused, four.token, four.job) == ("", "no", "cancelled", "ghi", "")


@pytest.mark.parametrize("text", ["", "nonsense\n", '{"job": 7}\n', "[]\n", '{"configs": "many"}\n'])
def test_torn_lines(here: Path, text: str) -> None:
    (here / "jobs").write_text(text)
    assert all(submission == Submission() for submission in read_submissions(here))


def test_a_job_that_lives(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append([SLOT], begin_text("abc", "run", 1) + submitted_text("7"))
    queue_of(monkeypatch, Job("7", "RUNNING"))
    assert take_up_jobs([SLOT], 0, 1) == {"7"}
    queue_of(monkeypatch, Job("7", "FAILED"))
    assert take_up_jobs([SLOT], 0, 1) == set()
    queue_of(monkeypatch, Job("7_0", "FAILED"), Job("7_1", "PENDING"))
    assert take_up_jobs([SLOT], 0, 1) == {"7"}
    assert here.exists()


@pytest.mark.parametrize(("ago", "listed", "lives"), [(5, False, True), (5, True, False), (600, False, False)])
def test_a_job_that_squeue_does_not_know_yet(
    here: Path, monkeypatch: pytest.MonkeyPatch, ago: int, listed: bool, lives: bool
) -> None:
    """Some sites answer from a list that is up to a minute old."""
    now = int(time.time())
    monkeypatch.setattr(jobs, "now", lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - ago)))
    append([SLOT], begin_text("abc", "run", 1) + submitted_text("7"))
    queue_of(monkeypatch, *[Job("7", "FAILED")] * listed)
    assert take_up_jobs([SLOT], 0, 1) == ({"7"} if lives else set())
    assert here.exists()


def test_a_number_that_was_given_twice(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append([SLOT], begin_text("abc", "run", 1) + submitted_text("7"))
    queue_of(monkeypatch, Job("7", "RUNNING", comment="hyband other /t/bracket-0/stage-0/config-3"))
    assert take_up_jobs([SLOT], 0, 1) == set()
    queue_of(monkeypatch, Job("7", "RUNNING", comment="the words of the site"))
    assert take_up_jobs([SLOT], 0, 1) == {"7"}
    assert here.exists()


def test_a_job_whose_number_was_never_noted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = new_token()
    append([SLOT], begin_text(token, "run", 1))
    queue_of(monkeypatch, Job("8", "PENDING", comment="hyband other /s"), Job("9", "PENDING", comment=f"hyband {token} /s"))
    assert take_up_jobs([SLOT], 0, 1) == {"9"}
    assert read_submissions(here)[-1].job == "9"


def test_one_that_was_never_submitted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append([SLOT], begin_text("abc", "run", 1))
    queue_of(monkeypatch)
    assert take_up_jobs([SLOT], 0, 1) == set()
    assert read_submissions(here)[-1].refused == "never submitted"
    append([SLOT], begin_text("def", "run", 1) + submitted_text("5"))
    assert [s.token for s in read_submissions(here)] == ["abc", "def"]
