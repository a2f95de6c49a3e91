"""Jobs that outlive a run: what the user hears about them, and that the advised line works."""

import os
import signal
import subprocess

import pytest

from hyperband_snakemake.writing.remarks import SINGLETON

from ..conftest import write_tree
from .conftest import Cluster, jobs_below, run, wait_for

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(400)]
UNTIL_GO = "until [[ -e go ]]; do sleep 0.1; done"


def test_a_stopped_run_names_its_jobs_and_so_does_the_way_back(cluster: Cluster) -> None:
    search, shell = cluster.generate("jobs"), cluster.shell
    with (shell.cwd / "said").open("w") as said:
        child = subprocess.Popen(["hyband", "run", "S"], cwd=shell.cwd, env=shell.env | {"RES": cluster.training(UNTIL_GO, UNTIL_GO)},
                                 stdout=said, stderr=said, start_new_session=True)  # fmt: skip
    wait_for(lambda: sum(line.startswith("begin") for line in cluster.lines) == 4)
    child.send_signal(signal.SIGINT)
    assert child.wait(120) == 130
    numbers = ", ".join(sorted(jobs_below(search), key=int))
    assert numbers.count(", ") == 3
    text = f"4 jobs are still in Slurm ({numbers}). The next run collects the results. To end them: hyband cancel S\n"
    assert text in (shell.cwd / "said").read_text()
    assert f"4 jobs are still in Slurm ({numbers}). The next run waits" in shell.run("hyband", "slurm", "S", "off")
    assert "Slurm - 4 running, 0 queued" in shell.run("hyband", "status", "S")
    (shell.cwd / "go").touch()
    shell.snakemake("S", res=cluster.training())
    cluster.assert_complete()
    assert sum(line.startswith("begin") for line in cluster.lines) == 5, "what ran in Slurm was waited for"


def test_a_run_sh_with_sbatch_and_the_line_that_is_advised(cluster: Cluster) -> None:
    """After Ctrl-C its jobs live on; no second one starts beside them, whatever its script says its name is."""
    shell = cluster.shell
    script = f"""\
sbatch --wait {SINGLETON} <<END
#!/bin/bash
#SBATCH -J all-the-same
#SBATCH -o /dev/null
echo "begin $1 $HYBAND_ATTEMPT" >> ledger
until [[ -e go ]]; do sleep 0.1; done
echo 0.5 > "$1/result"
echo "end $1 $HYBAND_ATTEMPT" >> ledger
END
"""
    template = write_tree(shell.cwd / "it's T", {"config": "x: {{ [1, 2, 3, 4, 5, 6] | random }}\n", "run.sh": script})
    shell.generate(0, 2, template=template, output="my (x) ü")
    process = cluster.start("", search="my (x) ü")
    wait_for(lambda: cluster.lines)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)
    process = cluster.start("", search="my (x) ü")
    wait_for(lambda: run("squeue", "-h", "-t", "PENDING", "-o", "%Z %r").count(f"{shell.cwd} Dependency") == 1)
    assert len(cluster.lines) == 1
    (shell.cwd / "go").touch()
    assert process.wait(300) == 0
    assert [line.split()[0] + line.split()[-1] for line in cluster.lines] == ["begin1", "end1", "begin2", "end2"]
