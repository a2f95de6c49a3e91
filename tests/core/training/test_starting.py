"""The command that starts a search, and where a run may start."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.training.starting import again_command, note, quoted, read_mode, refusal, start_command
from hyperband_snakemake.core.tree.environment import HERE

SEARCH = Path("my search")
PLAIN = "snakemake --snakefile 'my search/Snakefile'"


@pytest.fixture(params=[True, False], ids=["with Slurm", "without"])
def slurm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A machine outside of any allocation; whether it has Slurm."""
    if request.param:
        (tmp_path / "sbatch").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("SLURM_JOB_ID", HERE):
        monkeypatch.delenv(name, raising=False)
    return bool(request.param)


@pytest.mark.parametrize("mode", ["", "jobs", "executor", "steps"])
def test_only_steps_are_submitted(mode: str) -> None:
    assert start_command(SEARCH, mode) == ("sbatch 'my search/submit.sh'" if mode == "steps" else PLAIN)


def test_a_login_node_trains_nothing_unasked(slurm: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(SEARCH, "steps")
    assert bool(said) == slurm
    assert not slurm or all(f"{words}\n" in f"{said}\n" for words in (
        "To submit it: sbatch 'my search/submit.sh'", "hyband run 'my search' --local", f"{HERE}=1 {PLAIN}",
    ))  # fmt: skip
    for mode in ("", "jobs", "executor"):
        assert refusal(SEARCH, mode) == note(mode) == ""
    for value in ("", "0"):
        monkeypatch.setenv(HERE, value)
        assert bool(refusal(SEARCH, "steps")) == slurm


def test_who_confirms_it_trains_here(slurm: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HERE, "1")
    assert refusal(SEARCH, "steps") == ""
    assert note("steps").startswith("Mode steps, outside of an allocation" if slurm else "Mode steps, and there is no Slurm here")
    assert again_command(SEARCH, "steps") == f"{HERE}=1 {PLAIN}"


def test_where_there_is_no_slurm_it_just_runs(slurm: bool) -> None:
    if not slurm:
        assert refusal(SEARCH, "steps") == ""
        assert note("steps") == "Mode steps, and there is no Slurm here (sbatch): all training runs start on this machine."
        assert again_command(SEARCH, "steps") == PLAIN


def test_within_an_allocation(slurm: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert refusal(SEARCH, "steps") == note("steps") == ""
    assert again_command(SEARCH, "steps") == start_command(SEARCH, "steps")


@pytest.mark.parametrize(
    ("text", "mode"), [('mode = "steps"', "steps"), ('mode = "steps"\nmem = [\n', "steps"), ("mode = 3", ""), ("mode = [", ""), ("", ""), (None, "")]
)  # fmt: skip
def test_the_mode_of_a_search(tmp_path: Path, text: str | None, mode: str) -> None:
    if text is not None:
        (tmp_path / "slurm.toml").write_text(text)
    assert read_mode(tmp_path) == mode


def test_paths_can_be_pasted() -> None:
    assert [quoted(Path(path)) for path in ("a", "a b", "-x")] == ["a", "'a b'", "./-x"]
    assert os.sep not in quoted(Path("a"))
