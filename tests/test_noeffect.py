"""Options that are for no stage are pointed out, on the terminal and not in what is printed."""

import json

from .conftest import Shell

PLAN = ["2", "3", "--parallel-folds", "-k", "2", "--repetitions-at-stage"]
SAID = "Without effect: --repetitions-at-stage 3=2 (the last stage here is 2).\n"


def test_repetitions_beyond_the_last_stage(shell: Shell) -> None:
    assert shell.run("hyband", "plan", *PLAN, "3=2").count(SAID) == 1
    assert "Without effect" not in shell.run("hyband", "plan", *PLAN, "2=2")
    assert shell.run("hyband", "generate", *PLAN, "3=2").count(SAID) == 1
    assert shell.run("hyband", "generate", *PLAN, "3=2", "-o", "S").count(SAID) == 1
    assert json.loads(shell.run("hyband", "plan", *PLAN, "3=2", "--json").replace(SAID, ""))


def test_conditions_for_slurm_that_hold_nowhere(shell: Shell) -> None:
    options = ["--mem", "4G", "--mem", "stage=2:8G", "--mem", "budget>9 and bracket=1: 16G"]
    said = "Without effect: --mem 'budget>9 and bracket=1: 16G' (no stage here is like that).\n"
    text = shell.run("hyband", "generate", "2", "3", "-o", "S", "--slurm", "jobs", *options)
    assert (text.count("Without effect"), text.count(said)) == (1, 1)
    assert shell.run("hyband", "slurm", "S", "jobs", "--time", "stage<0: 1:00").count("Without effect: --") == 2
    assert "Without effect" not in shell.run("hyband", "slurm", "S", "jobs", "--time", "1:00", "--mem", "stage<1: 1G")


def test_arrays_are_not_packed_by_time(shell: Shell) -> None:
    options = ["--slurm", "jobs", "--min-job-time", "10min", "--cost-unit", "minutes"]
    said = "Without effect: --min-job-time (--array decides what shares a job).\n"
    assert shell.run("hyband", "generate", "1", "3", "-o", "S", *options, "--array", "100").count(said) == 1
    assert "Without effect" not in shell.run("hyband", "slurm", "S", "jobs", "--array", "0")
