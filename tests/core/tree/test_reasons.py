"""What Slurm's messages mean."""

import pytest

from hyperband_snakemake.core.tree.reasons import BLAMELESS, reason_of_attempts, slurm_state, without_numbers


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


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("result: it holds 'np.float64(0.14)'", "result: it holds 'np.float64(-1.5e-07)'", True),
        ("result: it holds '.5,'", "result: it holds '17,'", True),
        ("3 jobs in a row (12, 13, 14); see slurm/14.out", "3 jobs in a row (2, 3, 4); see slurm/4.out", True),
        ("CANCELLED: cancelled by 0 (job 1580)", "CANCELLED: cancelled by 1000 (job 1581)", True),
        ("NODE_FAIL: its node failed (job 1580_3)", "NODE_FAIL: its node failed (job 1581_12)", True),
        ("run.sh exited with status 1", "run.sh exited with status 2", False),
        ("run.sh was ended by signal 11 (SIGSEGV)", "run.sh was ended by signal 6 (SIGABRT)", False),
        ("exit (attempt 1: killed)", "exit (attempt 2: killed)", True),
    ],
)
def test_alike_but_for_their_numbers(one: str, other: str, alike: bool) -> None:
    assert (without_numbers(one) == without_numbers(other)) is alike


def test_reasons_of_attempts() -> None:
    assert reason_of_attempts([""]) == "every attempt was interrupted"
    assert reason_of_attempts(["", "b"]) == "b"
    assert reason_of_attempts(["a", "b", "c"]) == "c (attempt 1: a)"
    assert reason_of_attempts(["c", "b", "c"]) == "c (attempt 2: b)"
