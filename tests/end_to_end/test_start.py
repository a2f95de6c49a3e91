"""A search in the mode steps belongs into an allocation: what the commands say, and what a run elsewhere does."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from ..conftest import Shell
from ..helpers import RUN, learns

WELL = 'echo 0.$x > "$1/result"'
SUBMIT = "sbatch S/submit.sh"


def with_slurm(shell: Shell) -> None:
    """Put a sbatch first in PATH that is never to be called."""
    tools = shell.cwd / "tools"
    tools.mkdir()
    (tools / "sbatch").write_text("#!/bin/bash\ntouch called\nexit 1\n")
    (tools / "sbatch").chmod(0o755)
    shell.env["PATH"] = f"{tools}:{shell.env['PATH']}"


def without_slurm(shell: Shell) -> None:
    """Leave the commands of Slurm out of PATH, wherever they are."""
    tools = shell.cwd / "tools"
    tools.mkdir()
    for folder in map(Path, shell.env["PATH"].split(os.pathsep)):
        for program in folder.iterdir() if folder.is_dir() else ():
            if program.name not in ("sbatch", "srun", "squeue") and not (tools / program.name).is_symlink():
                (tools / program.name).symlink_to(program)
    shell.env["PATH"] = str(tools)


def has_begun(search: Path) -> bool:
    return any(search.glob("bracket-*/stage-*/attempts/*"))


@pytest.mark.parametrize("words", [("snakemake", "--snakefile", "S/Snakefile", "--cores", "2"), ("hyband", "run", "S", "--cores", "2")], ids=" ".join)
def test_it_does_not_start_on_a_login_node(shell: Shell, words: Sequence[str]) -> None:
    with_slurm(shell)
    search = shell.generate(1, 2, "--slurm", "steps")
    done = shell.try_run(*words, env={"RES": WELL})
    assert done.returncode == 1
    assert f"To submit it: {SUBMIT}\n" in done.stdout
    assert "hyband run S --local\n" in done.stdout
    assert "or: HYBAND_HERE=1 snakemake --snakefile S/Snakefile\n" in done.stdout
    assert done.stdout.count("Error: ") == 1
    assert not has_begun(search)
    assert not (shell.cwd / "called").exists()
    dry = shell.run(*words, "-n")
    assert "train_bracket_0_stage_0" in dry


@pytest.mark.parametrize("way", ["option", "variable"])
def test_it_does_if_that_is_confirmed(shell: Shell, way: str) -> None:
    with_slurm(shell)
    shell.generate(1, 2, "--slurm", "steps")
    if way == "option":
        out = shell.run("hyband", "run", "S", "--local", "--cores", "2", env={"RES": WELL})
    else:
        out = shell.snakemake("S", "--cores", "2", res=WELL, env={"HYBAND_HERE": "1"})
    assert out.count("all training runs start on this machine") == 1
    assert shell.status()["complete"]


@pytest.mark.parametrize("words", [("snakemake", "--snakefile", "S/Snakefile"), ("hyband", "run", "S")], ids=" ".join)
def test_it_just_runs_where_there_is_no_slurm(shell: Shell, words: Sequence[str]) -> None:
    without_slurm(shell)
    shell.generate(1, 2, "--slurm", "steps")
    out = shell.run(*words, env={"RES": WELL})
    assert out.count("Mode steps, and there is no Slurm here (sbatch): all training runs start on this machine.") == 1
    assert shell.status()["complete"]


def test_what_is_added_is_submitted(shell: Shell) -> None:
    """extend, its --undo, refine, retry, and `hyband slurm` with each of the modes."""
    template = learns(shell, run=f"[[ $HYBAND_BRACKET == 2 ]] && exit 3\n{RUN}")
    shell.generate(2, 2, "--slurm", "steps", "--retries", "0", template=template)
    shell.snakemake("S", "--cores", "2", env={"HYBAND_HERE": "1"})
    for words in (("extend", "S", "--bracket", "2"), ("extend", "S", "--undo"), ("refine", "S", "--trials", "1"), ("retry", "S")):
        assert shell.run("hyband", *words).splitlines()[-1] == SUBMIT, words
    for mode, last in (
        ("jobs", "nohup snakemake --snakefile S/Snakefile > S/snakemake.log 2>&1 &"),
        ("off", "snakemake --snakefile S/Snakefile"),
        ("steps", SUBMIT),
    ):
        assert shell.run("hyband", "slurm", "S", mode).splitlines()[-1] == last
        assert shell.run("hyband", "extend", "S", "--bracket", "2").splitlines()[-1] == last


@pytest.mark.parametrize("where", ["allocation", "here"])
def test_the_end_of_a_run_names_it(shell: Shell, where: str) -> None:
    """A training run that has no outcome: its file of attempts cannot be written."""
    search = shell.generate(1, 2, "--slurm", "steps")
    (search / "bracket-0/stage-0/attempts").write_text("a file where a directory belongs")
    env = {"SLURM_JOB_ID": "7", "HYBAND_STEP": "1"} if where == "allocation" else {"HYBAND_HERE": "1"}
    out = shell.snakemake("S", "--cores", "2", res=WELL, check=False, env=env)
    again = SUBMIT if where == "allocation" else "HYBAND_HERE=1 snakemake --snakefile S/Snakefile"
    assert f"To continue:\n  {again}\n" in out


@pytest.mark.parametrize("where", ["allocation", "here"])
def test_where_everything_fails(shell: Shell, where: str) -> None:
    shell.generate(1, 2, "--slurm", "steps", "--retries", "0")
    env = {"SLURM_JOB_ID": "7", "HYBAND_STEP": "1"} if where == "allocation" else {"HYBAND_HERE": "1"}
    out = shell.snakemake("S", "--cores", "2", res="exit 3", check=False, env=env)
    if where == "allocation":
        assert f"    hyband retry S\n    {SUBMIT}\n" in out
        assert f"    HYBAND_KEEP_FAILING=1 {SUBMIT}\n" in out
        assert "hyband run" not in out
    else:
        assert "    hyband run S --local --keep-failing\n  or: HYBAND_KEEP_FAILING=1 HYBAND_HERE=1 snakemake --snakefile" in out
