"""The template whose folds are tasks of a job array: the mean is taken of all folds, or of none."""

import importlib.util
import signal
from pathlib import Path
from types import ModuleType

import pytest

import hyperband_snakemake

from .conftest import Cluster, jobs_below, wait_for

EXAMPLE = Path(hyperband_snakemake.__file__).parent / "examples" / "slurm_folds"


def average() -> ModuleType:
    spec = importlib.util.spec_from_file_location("average", EXAMPLE / "average.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "there are 0 folds"),
        (["0.5", None], "result-1 is missing"),
        (["0.5", "nan"], "result-1 is nan"),
        (["inf", "0.5"], "result-0 is inf"),
        (["0.5", ""], "result-1 holds no number"),
    ],
)
def test_an_incomplete_set_is_no_result(tmp_path: Path, texts: list[str | None], said: str) -> None:
    for fold, text in enumerate(texts):
        if text is not None:
            (tmp_path / f"result-{fold}").write_text(text)
    with pytest.raises(SystemExit, match=said):
        average().main(tmp_path, len(texts))
    assert not (tmp_path / "result").exists()


def test_mean(tmp_path: Path) -> None:
    for fold, text in enumerate(["-0.5", "-1.0", "-0.75"]):
        (tmp_path / f"result-{fold}").write_text(text + "\n")
    average().main(tmp_path, 3)
    assert (tmp_path / "result").read_text() == "-0.75\n"


@pytest.mark.slurm
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_on_slurm(cluster: Cluster) -> None:
    """A search of real training runs; one whose snakemake was killed has no second array beside the first."""
    shell = cluster.shell
    shell.run("hyband", "init", "T", "--example", "slurm-folds")
    shell.generate(0, 2, "--folds", "2", template=shell.cwd / "T")
    process = cluster.start("", "-j", "20")
    wait_for(lambda: jobs_below(shell.cwd))
    import os
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert cluster.start("", "-j", "20").wait(300) == 0
    cluster.assert_complete()
    first = shell.cwd / "S/bracket-0/stage-0/config-0"
    numbers = [float((first / f"result-{fold}").read_text()) for fold in range(2)]
    assert float((first / "result").read_text()) == pytest.approx(sum(numbers) / 2)
