"""`hyband run --gpus`, and what `hyband generate` writes of it."""

import tomllib

import pytest

from ..conftest import Shell, write_tree

NOTHING = "--dry-run"


def options(shell: Shell) -> dict[str, object]:
    return tomllib.loads((shell.cwd / "S/gpus.toml").read_text())


def test_at_once_or_later(shell: Shell) -> None:
    """Both commands write the same; what is not given stays, and 0 is none."""
    shell.generate(1, 2, "--gpus", "4", "--per-gpu", "3")
    assert options(shell) == {"format": 1, "gpus": 4, "per-gpu": 3, "gpus-per-run": 1}
    shell.run("hyband", "run", "S", "--gpus-per-run", "2", NOTHING)
    assert options(shell) == {"format": 1, "gpus": 4, "per-gpu": 3, "gpus-per-run": 2}
    (shell.cwd / "S/gpus.toml").write_text("gpus = many\n")
    assert "gpus.toml.old" in shell.run("hyband", "run", "S", "--gpus", "2", NOTHING)
    assert options(shell) == {"format": 1, "gpus": 2, "per-gpu": 1, "gpus-per-run": 1}
    shell.run("hyband", "run", "S", "--gpus", "0", NOTHING)
    assert not (shell.cwd / "S/gpus.toml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--gpus", "four"], "Error: --gpus: 'four' is not valid; expected a number from 1 or 'auto'."),
        (["--gpus", "-1"], "Error: --gpus: '-1' is not valid; expected a number from 1 or 'auto'."),
        (["--per-gpu", "2"], "Error: --per-gpu needs --gpus: this search uses no GPUs yet."),
    ],
)
def test_what_means_nothing(shell: Shell, words: list[str], said: str) -> None:
    for command in (["run", "R"], ["generate", "0", "2", "-o", "S"]):
        if command[0] == "run":
            shell.generate(0, 2, output="R")
        done = shell.try_run("hyband", *command, *words)
        assert (done.returncode, said in done.stdout) == (2, True), done.stdout
    assert not (shell.cwd / "S").exists()


def test_on_slurm(shell: Shell) -> None:
    """There the GPUs are Slurm's."""
    out = shell.run("hyband", "generate", "0", "2", "-o", "S", "--slurm", "jobs", "--gpus", "1", "--per-gpu", "2")
    assert "Without effect: --per-gpu (Slurm gives the GPUs)." in out
    assert not (shell.cwd / "S/gpus.toml").exists()
    done = shell.try_run("hyband", "run", "S", "--gpus", "2")
    assert done.returncode == 2
    assert "Slurm runs this search" in done.stdout
    done = shell.try_run("hyband", "generate", "0", "2", "-o", "S2", "--gpus", "a100:1")
    assert (done.returncode, "conditions and kinds need --slurm" in done.stdout) == (2, True)


def test_a_file_of_the_template_directory(shell: Shell) -> None:
    template = write_tree(shell.cwd / "T", {"config": "x: 1\n", "run.sh": "", "gpus.toml": "format = 1\ngpus = 0\n"})
    done = shell.try_run("hyband", "generate", "0", "2", "--template-dir", template, "-o", "S")
    assert done.returncode == 1
    assert f"{template}/gpus.toml: gpus: 0 is not valid" in done.stdout
    (template / "gpus.toml").write_text("format = 1\ngpus = 2\n")
    shell.run("hyband", "generate", "0", "2", "--template-dir", template, "-o", "S")
    assert options(shell)["gpus"] == 2
