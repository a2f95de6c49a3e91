"""A search of real training runs in packs of the plugin ends with the same results as without Slurm; other modes: test_a_search."""

from pathlib import Path

import pytest

from .conftest import Cluster

TEMPLATE = Path(__file__).parent / "sgd"
pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.timeout(900)]
PACKED = ["--cost-one-epoch-full-dataset", "1", "--cost-unit", "seconds", "--time", "10", "--min-job-time", "81s"]


def test_1_3(cluster: Cluster) -> None:
    pytest.importorskip("snakemake_executor_plugin_slurm")
    search = cluster.generate("executor", *PACKED, smax=1, eta=3, template=TEMPLATE)
    profile = search / "profiles/default/config.yaml"
    profile.write_text(profile.read_text().replace("status-checks: 20", "status-checks: 2"))
    assert cluster.start("").wait(400) == 0, (cluster.shell.cwd / "snakemake.log").read_text()
    cluster.assert_same_as_without(smax=1, eta=3, template=TEMPLATE)
    assert len([path for path in search.rglob("result") if path.parent.name.startswith("config-")]) == 6
