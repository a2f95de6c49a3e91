"""A search of real trainings ends with the same results, byte for byte, in whatever way it is run."""

import subprocess
from pathlib import Path

import pytest

from .conftest import Cluster

TEMPLATE = Path(__file__).parent / "sgd"
pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(900)]
SHORT = ["--cost-one-epoch-full-dataset", "1", "--cost-unit", "seconds", "--time", "10"]
WAYS = {
    "steps": ["steps", "--workers", "8"],
    "jobs": ["jobs"],
    "jobs, packed": ["jobs", *SHORT, "--min-job-time", "27s"],
    "jobs, arrays": ["jobs", "--array", "30"],
    "executor, packed": ["executor", *SHORT, "--min-job-time", "81s"],
}


def results(search: Path) -> dict[str, str]:
    return {p.relative_to(search).as_posix(): p.read_text() for p in search.rglob("*") if p.name in ("result", "promotion", "best.json", "config")}


def test_2_3(cluster: Cluster) -> None:
    shell = cluster.shell
    shell.generate(2, 3, template=TEMPLATE, output="local")
    shell.snakemake("local")
    expected = results(shell.cwd / "local")
    assert len([name for name in expected if name.endswith("/result")]) == 22
    for number, options in enumerate(WAYS.values()):
        search = shell.generate(2, 3, "--slurm", *options, *([] if options[0] == "steps" else ["--poll-seconds", "2"]),
                                template=TEMPLATE, output=f"S{number}")
        if options[0] == "steps":
            done = subprocess.run(["sbatch", "--wait", search / "submit.sh"], cwd=shell.cwd, env=shell.env, check=False)
            assert done.returncode == 0, next(shell.cwd.glob("slurm-*.out")).read_text()
        else:
            profile = search / "profiles/default/config.yaml"
            profile.write_text(profile.read_text().replace("status-checks: 20", "status-checks: 2"))
            shell.snakemake(search.name)
        assert results(search) == expected, options
