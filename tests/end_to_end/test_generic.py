"""Other schedulers: Snakemake submits through a command of the user's, which here stands in for qsub and its like."""

import pytest

from ..conftest import Shell

QSUB = """#!/bin/bash
# Runs the job on another "node": nothing of the environment of the submission is there.
printf "%s\\n" "$*" >> {work}/submitted
echo $RANDOM$RANDOM
cd / && env -i HOME="$HOME" PATH="$PATH" RES="$RES" setsid bash "${{@: -1}}" >> {work}/qsub.log 2>&1 </dev/null &
"""


@pytest.mark.slow
def test_cluster_generic(shell: Shell) -> None:
    """The same search, and the same winner; promotions are no jobs of the scheduler."""
    for output in ("S", "local"):
        shell.generate(1, 2, "--bracket", "0", output=output)
    qsub = shell.cwd / "qsub"
    qsub.write_text(QSUB.format(work=shell.cwd))
    qsub.chmod(0o755)
    res = 'if [[ $b$s$n$HYBAND_ATTEMPT == 0001 ]]; then exit 3; fi; pwd > "$1/where"; echo 0.$x > "$1/result"'
    shell.snakemake("local", res=res)
    shell.snakemake("S", "--executor", "cluster-generic", "--jobs", "4", "--cluster-generic-submit-cmd",
                    f"{qsub} -n {{threads}}", "--seconds-between-status-checks", "1", res=res)
    assert {slot["status"] for slot in shell.slots().values()} == {"completed"}
    assert (shell.cwd / "S/best.json").read_bytes() == (shell.cwd / "local/best.json").read_bytes()
    submitted = (shell.cwd / "submitted").read_text().splitlines()
    assert [line.split()[:2] for line in submitted] == [["-n", "1"]] * 3
    assert (shell.cwd / "S/bracket-0/stage-0/config-0/where").read_text() == f"{shell.cwd}\n"
    assert "exited with status 3" in (shell.cwd / "S/bracket-0/stage-0/attempts/config-0").read_text()
