"""What Slurm's messages mean."""

import pytest

from hyperband_snakemake.core.tree.reasons import BLAMELESS, slurm_state


@pytest.mark.parametrize(
    ("log", "state"),
    [
        ("slurmstepd: error: *** STEP 26.3 ON node1 CANCELLED AT 2026-11-25T07:26:01 DUE TO TIME LIMIT ***", "TIMEOUT"),
        ("x\nslurmstepd-node1: error: *** JOB 9 ON node1 CANCELLED AT 2026-11-25T07:26:01 DUE TO PREEMPTION ***\ny", "PREEMPTED"),
        ("srun: error: Node failure on node1", "NODE_FAIL"),
        ("slurmstepd: error: *** STEP 26.3 ON node1 CANCELLED AT 2026-11-25T07:26:01 ***", "CANCELLED"),
        ("srun: error: node1: task 0: Out Of Memory", "OUT_OF_MEMORY"),
        ("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=3.0", "OUT_OF_MEMORY"),
        ("srun: error: node1: task 0: Exited with exit code 3", ""),
        ("my log says: DUE TO TIME LIMIT", ""),
        ("", ""),
    ],
)
def test_messages(log: str, state: str) -> None:
    assert slurm_state(log) == state


def test_blame() -> None:
    assert not {"TIMEOUT", "OUT_OF_MEMORY", "CANCELLED", "FAILED", "COMPLETED"} & BLAMELESS
