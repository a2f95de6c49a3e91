"""The program that asks for a job step."""

from pathlib import Path

import pytest

from hyperband_snakemake.core import step
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.slurm.steps import words_if_never_begun
from hyperband_snakemake.core.tree import environment


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training run that is to begin."""
    path = tmp_path / "bracket-0/stage-0/config-0"
    path.mkdir(parents=True)
    for name, value in {"SEARCH": str(tmp_path), "BRACKET": "0", "STAGE": "0", "CONFIG": "0", "ATTEMPT": "1"}.items():
        monkeypatch.setenv(getattr(environment, name), value)
    return path


def test_a_mistake_in_slurm_toml_is_no_failure(tmp_path: Path, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a search that runs: its next training run has not begun."""
    (tmp_path / "slurm.toml").write_text("mem = [")
    assert step.main(["run.sh", str(directory), "1", ""]) == 1
    (directory / "attempt-1.log").write_text(capsys.readouterr().out)
    assert words_if_never_begun(directory, 1).startswith(f"{tmp_path}/slurm.toml: ")


def test_a_node_without_srun(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "slurm.toml").write_text('format = 1\nmode = "steps"\n')
    monkeypatch.setattr(step, "read_plan", lambda _: make_plan(Settings(1, 2)))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert step.main(["run.sh", str(directory), "1", ""]) == 1
    (directory / "attempt-1.log").write_text(capsys.readouterr().out)
    assert words_if_never_begun(directory, 1).startswith("srun cannot be started: No such file or directory.")
