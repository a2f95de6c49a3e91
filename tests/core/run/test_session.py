"""The start of a run on Slurm: what is refused, and what is waited for; Slurm's commands are stand-ins."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.run.session import begin
from hyperband_snakemake.core.slurm.request import slurm_from_toml

from ...helpers import make_command

STAGES = [(bracket.index, stage, ()) for bracket in make_plan(Settings(2, 2)).brackets for stage in bracket.stages]
NOT_AVAILABLE = "allocation failure: Requested node configuration is not available"


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_command(tmp_path / "sbatch", f'echo call >> {tmp_path}/calls; echo "{NOT_AVAILABLE}" >&2; exit 1')
    make_command(tmp_path / "sinfo", 'echo "n1|drained|8|64000|(null)|(null)"; echo "n2|down*|8|64000|(null)|(null)"')
    make_command(tmp_path / "scontrol", 'echo "PartitionName=p Default=YES QoS=N/A MaxTime=00:10:00"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def start(options: str = "") -> None:
    begin(slurm_from_toml(f'format = 1\nmode = "jobs"\n{options}'), STAGES)


def test_nodes_that_are_down_are_waited_for_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    start('mem = ["1G", "stage>=1: 2G"]')
    said = capsys.readouterr().err
    assert said.count("They wait for them.") == 1
    assert "nodes are down, drained or reserved (n1, n2)" in said
    assert "slurm.toml" not in said


def test_more_than_any_node_has_is_a_mistake_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        start('mem = ["1G", "stage>=1: 200G"]')
    said = capsys.readouterr().err
    assert "the job for training runs of bracket 0, stage 1" in said
    assert "Fix slurm.toml" in said


def test_all_nodes_are_up(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_command(tools / "sinfo", 'echo "n1|idle|8|64000|(null)|(null)"')
    with pytest.raises(SystemExit):
        start()
    assert "Fix slurm.toml" in capsys.readouterr().err


def test_another_refusal_is_not_excused_by_nodes_that_are_down(tools: Path) -> None:
    make_command(tools / "sbatch", 'echo "invalid partition specified: x" >&2; exit 1')
    with pytest.raises(SystemExit):
        start()


def test_a_time_that_the_partition_does_not_give(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_command(tools / "sbatch", "exit 0")
    start('time = "10"')
    with pytest.raises(SystemExit):
        start('time = ["10", "stage>=2: 11"]')
    said = capsys.readouterr().err
    assert "the job for training runs of bracket 0, stage 2: it would wait forever, its time limit, 00:11:00, is longer" in said


def test_what_an_earlier_run_has_noticed_is_forgotten(tools: Path) -> None:
    make_command(tools / "sbatch", "exit 0")
    (tools / "slurm").mkdir()
    for name in ("slurm/never-began", "slurm/refused"):
        Path(name).touch()
    start()
    assert list(Path("slurm").iterdir()) == []
