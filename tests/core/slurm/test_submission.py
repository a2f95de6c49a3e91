"""What is asked for when a job is submitted again: less after a wait in vain, and no nodes where nothing begins."""

import json
import os
import socket
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.slurm.jobs import append, begin_text, submitted_text
from hyperband_snakemake.core.slurm.never_began import ENDED, EXCLUDED, REPLACED, noting
from hyperband_snakemake.core.slurm.request import slurm_from_toml
from hyperband_snakemake.core.slurm.submission import Work, submit
from hyperband_snakemake.core.training.stopping import is_run_stopped, stop_text
from hyperband_snakemake.core.tree import environment
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.record import record_path

STAGE = make_plan(Settings(2, 2)).brackets[0].stages[0]
SLOTS = (Slot(0, 0, 0), Slot(0, 0, 1))
OPTIONS = 'format = 1\nmode = "jobs"\ntime = "10"\nsbatch-extra = "-x bad"\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search; sbatch takes each job and notes its options. The run's host is another one: there is nobody to end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools").mkdir()
    sbatch(tmp_path, "echo 8")
    monkeypatch.setenv("PATH", f"{tmp_path}/tools:{os.environ['PATH']}")
    monkeypatch.setenv(environment.RUN, f"not-{socket.gethostname()}-1-1")
    monkeypatch.setenv(environment.TOKEN, "")
    return tmp_path


def sbatch(here: Path, text: str) -> None:
    path = here / "tools/sbatch"
    path.write_text(f'#!/bin/bash\nprintf "%s\\n" "$*" >> {here}/calls\n{text}\n')
    path.chmod(0o755)


def note(kind: str, job: str, node: str = "", state: str = "") -> None:
    with noting() as notes:
        notes.add(kind, job, node=node, state=state, slot=str(SLOTS[0]))


def submitted(*slots: Slot, options: str = OPTIONS) -> str:
    """Options of the last call of sbatch."""
    submit(Work(slurm_from_toml(options), 0, STAGE, "1", slots), slots)
    return Path("calls").read_text().splitlines()[-1]


def timed_out(slot: Slot) -> None:
    append([slot], begin_text("abc", environment.run_id(), 1) + submitted_text("7"))
    path = record_path(slot.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"attempt": 1, "job": "6", "end": "x", "reason": "r", "slurm": "TIMEOUT"}) + "\n")


def test_nodes_are_left_out_beside_those_of_the_user() -> None:
    note(EXCLUDED, "1", node="n1")
    note(EXCLUDED, "2", node="n2")
    assert "--exclude=bad,n1,n2" in submitted(SLOTS[0])


def test_also_beside_those_in_a_file_or_in_the_script() -> None:
    Path("nodes").write_text("bad[1-2,5]\nworse, worst\n")
    Path("job.sh").write_text("#!/usr/bin/env bash\n# hello\n#SBATCH -x slow --nice  # not our own\n\necho\n#SBATCH -x not\n")
    options = OPTIONS.replace("-x bad", "--exclude=./nodes")
    assert "--exclude=./nodes" in submitted(SLOTS[0], options=options)
    note(EXCLUDED, "1", node="n1")
    assert "--exclude=bad[1-2,5],worse,worst,slow,n1" in submitted(SLOTS[0], options=options)


def test_more_time_after_a_timeout_unless_that_has_been_waited_for_in_vain() -> None:
    timed_out(SLOTS[0])
    assert "--time=00:20:00" in submitted(SLOTS[0])
    note(REPLACED, "8")
    assert "--time=00:10:00" in submitted(SLOTS[0])


def test_the_same_for_a_pack() -> None:
    timed_out(SLOTS[1])
    assert "--time=00:30:00" in submitted(*SLOTS)
    note(REPLACED, "8")
    assert "--time=00:20:00" in submitted(*SLOTS)


@pytest.mark.parametrize(("comment", "answer"), [("$(<comment)", "9"), ("(null)", None)])
def test_a_site_that_prints_no_number(here: Path, capsys: pytest.CaptureFixture[str], comment: str, answer: str | None) -> None:
    """The job is found in the queue by its token. Where it has none, no other one is submitted in its place."""
    sbatch(here, f'[[ $* =~ --comment=([^/]*) ]] && echo "${{BASH_REMATCH[1]}}" > {here}/comment; echo "Thank you for request 9."')
    (here / "tools/squeue").write_text(f'#!/bin/bash\necho "9|PENDING|None||0:00|x|{comment}"\n')
    (here / "tools/squeue").chmod(0o755)
    assert submit(Work(slurm_from_toml(OPTIONS + "poll-seconds = 0.1\n"), 0, STAGE, "1", SLOTS), SLOTS) == answer
    assert len(Path("calls").read_text().splitlines()) == 1
    assert ("has printed no job number: Thank you for request 9." in capsys.readouterr().err) == (answer is None)


def test_no_other_nodes_are_left(here: Path) -> None:
    sbatch(here, '[[ $* != *n1* || $* == *--test-only* ]] || { echo "Requested node configuration is not available" >&2; exit 1; }')
    note(ENDED, "1", node="n1", state="FAILED")
    note(EXCLUDED, "1", node="n1")
    assert "--test-only" in submitted(SLOTS[0])
    assert is_run_stopped()
    assert "can be trained on no other node" in stop_text(Path())
    assert not Path("slurm/refused").exists()


def test_a_mistake_is_one_with_all_nodes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sbatch(here, 'echo "invalid partition specified: x" >&2; exit 1')
    note(EXCLUDED, "1", node="n1")
    submitted(SLOTS[0])
    assert not is_run_stopped()
    assert "Fix slurm.toml" in capsys.readouterr().err
