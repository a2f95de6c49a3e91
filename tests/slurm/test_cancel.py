"""Which jobs are a search's own, with a stand-in for squeue and scancel."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.slurm.cancel import Stopped, cancel_jobs

from ..conftest import write_tree
from ..helpers import make_command

SUBMITTED = '{"token": "TOKEN", "submitted": "2026-01-01T00:00:00Z", "run": "r", "configs": 1, "job": "JOB"}\n'


def test_a_number_that_another_search_has_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that was copied from another cluster knows numbers that here may be those of any job."""
    jobs = {f"bracket-0/stage-0/jobs/config-{n}": SUBMITTED.replace("TOKEN", f"t{n}").replace("JOB", str(7 + n)) for n in (0, 1)}
    write_tree(tmp_path, jobs | {f"bracket-0/stage-0/config-{n}/config": "x: 1\n" for n in (0, 1)})
    lines = ("7|RUNNING|None|n1|0:01|S|hyband t9 /other/bracket-0/stage-0/config-0", "8|RUNNING|None|n1|0:01|S|of the site")
    make_command(tmp_path / "squeue", f"[[ -e {tmp_path}/ended ]] || printf '%s\\n' '{lines[0]}' '{lines[1]}'")
    make_command(tmp_path / "scancel", f'echo "$*" > {tmp_path}/ended')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert cancel_jobs(tmp_path, Stopped("", ())) == ["8"]
    assert (tmp_path / "ended").read_text() == "8\n"
