"""Which job stands for a slot, by files alone: the last look at the queue may be old."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm.queue import Job, Queue
from hyperband_snakemake.core.tree.outcome import PENDING
from hyperband_snakemake.snapshot.jobs import job_of, never_began_text

SUBMITTED = '{"token": "t", "submitted": "2026-01-01T00:00:00Z", "run": "r", "configs": 4, "job": "7"}\n'
BEGUN = '{"attempt": 1, "start": "2026-01-01T00:00:05Z", "host": "node1", "pid": 1, "run": "r", "job": "7_2"'
ENDED = (
    ', "end": "2026-01-01T00:00:06Z", "seconds": 1, "exit": 3, "result": "", "reason": "run.sh exited with status 3"'
)
REQUEUED = ENDED.replace('"exit": 3', '"exit": null') + ', "slurm": "REQUEUED"'


QUEUE = Queue(1767225600, {"7_2": Job("7_2", "RUNNING")})


def slot(search: Path, record: str) -> Path:
    """Write what a slot has whose job was alive when the queue was asked for last."""
    for name, text in (("jobs", SUBMITTED), ("attempts", record)):
        path = search / "bracket-0/stage-0" / name / "config-2"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    directory = search / "bracket-0/stage-0/config-2"
    directory.mkdir()
    return directory


@pytest.mark.parametrize(
    ("record", "has_job"),
    [("", True), (BEGUN, True), (f"{BEGUN}{ENDED}}}\n", False), (f"{BEGUN}{REQUEUED}}}\n", True)],
)
def test_a_job_stands_for_a_slot_until_its_attempt_has_ended(tmp_path: Path, record: str, has_job: bool) -> None:
    assert (job_of(slot(tmp_path, record), PENDING, QUEUE) is not None) == has_job


def test_jobs_that_never_began_are_told_until_one_begins(tmp_path: Path) -> None:
    """Slurm may end each of them, all night long: nothing has failed, and nothing is done."""
    assert never_began_text(tmp_path) == ""
    record = f"{BEGUN}{ENDED}}}\n"  # at 1767225605
    slot(tmp_path, record)
    ended = "vm-1-1|{}|ended|{}|node3|{}|bracket-0/stage-0/config-{}\n"
    lines = ["vm-0-1|1|ended|1|n1|FAILED|bracket-0/stage-0/config-3\n", ended.format(1767225600, 7, "BOOT_FAIL", 2),
             *(ended.format(1767225700 + n, n, "NODE_FAIL", 3) for n in range(8, 11)), ended.format(1767225800, 11, "CANCELLED", 2),
             "vm-1-1|1767225900|stuck|12||Priority|bracket-0/stage-0/config-2\n"]
    (tmp_path / "slurm").mkdir()
    (tmp_path / "slurm/never-began").write_text("".join(lines))
    assert never_began_text(tmp_path) == (
        "Slurm - 4 jobs ended before run.sh was started (3 NODE_FAIL, 1 CANCELLED; the last: 11 on node3, "
        "bracket-0/stage-0/config-2). Others are submitted after pauses of up to 5 minutes.")
    (tmp_path / "bracket-0/stage-0/config-2/outcome").write_text("completed: 1\n")
    assert "3 jobs ended" in never_began_text(tmp_path)
