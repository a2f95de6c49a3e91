"""Template directories shaped after real users': each generates and runs."""

import shutil

import pytest

from ..conftest import STAND_INS, USERCASES, Shell

CASES = sorted(p.name for p in USERCASES.iterdir() if not p.name.startswith("_"))
ARGUMENTS = {
    "01-gin-cv-random-search": ("4", "2", "--bracket", "0", "--last-stage", "0"),
    "03-yaml-conditional-cv": ("2", "3", "--repetitions", "2", "--folds", "10", "--guaranteed-budget", "3"),
}


@pytest.mark.parametrize("case", CASES)
def test_generates_and_runs(shell: Shell, case: str) -> None:
    template = shutil.copytree(USERCASES / case, shell.cwd / "T", symlinks=True)
    within = case == "06-json-folders"  # its configurations name data three levels up
    output = "T/S" if within else "S"
    path = {"PATH": f"{STAND_INS}:{shell.env['PATH']}", "STANDIN_LOG": str(shell.cwd / "sbatch.log")}
    smax, eta, *options = ARGUMENTS.get(case, ("1", "2"))
    shell.run("hyband", "generate", smax, eta, *options, "--template-dir", template, "-o", output, "--random-seed", "123456")
    shell.snakemake(output, env=path)
    status = shell.status(output)
    assert status["complete"]
    failed = {slot["reason"] for slot in status["slots"] if slot["status"] == "failed"}
    assert failed <= ({"result: it holds 'nan': not a number"} if case == "04-slurm-array-cv" else set())
    assert shell.planned(output) == {}


def test_a_refused_submission_is_tried_again_and_then_failed(shell: Shell) -> None:
    """The queue refuses the first three submissions; no other configuration suffers."""
    shell.generate(template=shutil.copytree(USERCASES / "02-gin-slurm-heredoc", shell.cwd / "T"))
    path = f"{STAND_INS}:{shell.env['PATH']}"
    shell.snakemake(env={"PATH": path, "STANDIN_LOG": str(shell.cwd / "log"), "STANDIN_REJECT": "1"})
    assert {slot["status"] for slot in shell.status()["slots"]} == {"completed"}


def test_a_failed_fold_fails_its_configuration(shell: Shell) -> None:
    shell.generate(1, 2, "--bracket", "0", template=shutil.copytree(USERCASES / "04-slurm-array-cv", shell.cwd / "T"))
    path = f"{STAND_INS}:{shell.env['PATH']}"
    done = shell.snakemake(env={"PATH": path, "STANDIN_LOG": str(shell.cwd / "log"), "STANDIN_FAIL": "3", "HYBAND_KEEP_FAILING": "1"}, check=False)
    assert "every training run failed" in done
    assert {slot["status"] for slot in shell.status()["slots"]} == {"failed", "empty"}
