"""Jobs that live when no run of their search does, with a stand-in for squeue."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.slurm.living import ask_for_living, living_text

from ..conftest import Shell, write_tree

SUBMITTED = '{"token": "t", "submitted": "2026-01-01T00:00:00Z", "run": "r", "configs": 1, "job": "JOB"}\n'


def queue(shell: Shell, search: Path, *states: str) -> None:
    """Let squeue show one job for each configuration of bracket 0, in these states, and one of another search."""
    slots = [f"{search}/bracket-0/stage-0/config-{c}" for c in range(len(states))]
    lines = [f"{7 + n}|{state}|None|n1|0:01|x|hyband t{n} {slot}" for n, (state, slot) in enumerate(zip(states, slots, strict=True))]
    lines.append(f"99|RUNNING|None|n1|0:01|x|hyband t9 {search}-other/bracket-0/stage-0/config-0")
    files = {f"S/bracket-0/stage-0/jobs/config-{n}": SUBMITTED.replace("JOB", str(7 + n)) for n in range(len(states))}
    write_tree(shell.cwd, files | {"answer": "\n".join(lines) + "\n", "tools/squeue": f"#!/bin/bash\ncat {shell.cwd}/answer\n"})
    (search / "slurm").mkdir(exist_ok=True)
    (shell.cwd / "tools/squeue").chmod(0o755)
    shell.env["PATH"] = f"{shell.cwd}/tools:{shell.env['PATH']}"


@pytest.mark.parametrize("mode", ["off", "steps"])
def test_a_change_of_mode_names_them_and_status_shows_them(shell: Shell, mode: str) -> None:
    search = shell.generate(2, 2, "--slurm", "jobs")
    queue(shell, search, "RUNNING", "PENDING", "COMPLETED")
    out = shell.run("hyband", "slurm", "S", mode)
    assert "2 jobs are still in Slurm (7, 8). The next run waits for their results. To end them: hyband cancel S\n" in out
    status = shell.run("hyband", "status", "S")
    assert "bracket-0/stage-0/config-1 - job 8, queued" in status
    assert "job 9" not in status
    assert "still in Slurm" not in shell.run("hyband", "slurm", "S", mode)


def test_it_is_said_of_no_others(shell: Shell) -> None:
    """The same mode again; jobs that have ended; and Slurm is not asked where nothing was ever submitted."""
    search = shell.generate(1, 2, "--slurm", "jobs")
    assert "live" not in shell.run("hyband", "slurm", "S", "off")
    assert not (search / "slurm").exists()
    shell.run("hyband", "slurm", "S", "jobs")
    queue(shell, search, "RUNNING")
    assert "live" not in shell.run("hyband", "slurm", "S", "jobs", "--mem", "1G")
    queue(shell, search, "CANCELLED", "COMPLETED")
    assert "live" not in shell.run("hyband", "slurm", "S", "off")


def test_jobs_of_an_array_and_of_a_plugin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    search = shell.generate(1, 2, "--slurm", "executor")
    queue(shell, search, "RUNNING")
    (search / "bracket-0/stage-0/jobs/config-0").unlink()
    begun = '{"attempt": 1, "start": "2026-01-01T00:00:05Z", "host": "n1", "pid": 1, "run": "r", "job": "12"'
    write_tree(search, {"bracket-0/stage-0/attempts/config-0": begun})
    here = f"x|hyband t {search}/bracket-0/stage-0/config-1"
    lines = ["12|RUNNING|None|n1|0:01|x|rule_train", *(f"10{n}|PENDING|None||0:00|{here}" for n in ("_1", "_2"))]
    (shell.cwd / "answer").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("PATH", f"{shell.cwd}/tools:{os.environ['PATH']}")
    assert ask_for_living(search) == ["10", "12"]


def test_the_text_names_a_few() -> None:
    assert living_text(Path("S"), ["7"], "So.") == "1 job is still in Slurm (7). So. To end it: hyband cancel S"
    many = living_text(Path("a b"), [str(n) for n in range(100, 130)], "So.")
    assert many.startswith("30 jobs are still in Slurm (100, 101,")
    assert "109, ...)" in many
    assert many.endswith("To end them: hyband cancel 'a b'")
