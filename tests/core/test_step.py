"""The program that asks for a job step."""

from pathlib import Path

import pytest

from hyperband_snakemake.core import step
from hyperband_snakemake.core.slurm.steps import words_if_never_begun
from hyperband_snakemake.core.tree import environment


def test_a_mistake_in_slurm_toml_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a search that runs: its next training run has not begun."""
    directory = tmp_path / "bracket-0/stage-0/config-0"
    directory.mkdir(parents=True)
    (tmp_path / "slurm.toml").write_text("mem = [")
    for name, value in {"SEARCH": str(tmp_path), "BRACKET": "0", "STAGE": "0", "ATTEMPT": "1"}.items():
        monkeypatch.setenv(getattr(environment, name), value)
    assert step.main(["run.sh", str(directory), "1", ""]) == 1
    (directory / "attempt-1.log").write_text(capsys.readouterr().out)
    assert words_if_never_begun(directory, 1).startswith(f"{tmp_path}/slurm.toml: ")
