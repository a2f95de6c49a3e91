"""Options that are for no stage are pointed out, on the terminal and not in what is printed."""

import json

import pytest

from ..conftest import Shell

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


RULED = ["partition", "account", "qos", "time", "mem", "cpus", "gpus", "constraint", "sbatch-extra"]
ON_SLURM = dict.fromkeys([*RULED, "time-factor", "array", "poll-seconds", "workers"], "1") | {
    "cost-unit": "hours", "min-job-time": "1h", "allocation-time": "1h"}
LIMITS = ["time", "mem", "cost-unit", "time-factor"]  # for training runs on this machine, too, as are GPUs


def test_limits_that_hold_nowhere(shell: Shell) -> None:
    said = "Without effect: --mem 'stage>5: 8G' (no stage here is like that).\n"
    assert shell.run("hyband", "generate", "2", "3", "-o", "S", "--time", "1h", "--mem", "stage>5:8G").count(said) == 1
    assert shell.run("hyband", "limits", "S").count(said) == 1
    assert "Without effect" not in shell.run("hyband", "limits", "S", "--mem", "stage<1: 8G")


def effectless(said: str) -> list[str]:
    return [line.removeprefix("Without effect: ") for line in said.splitlines() if line.startswith("Without effect: ")]


def test_options_on_slurm_without_it(shell: Shell) -> None:
    """All of them, by `generate` with and without a directory, and by `slurm SEARCH off`."""
    words = [word for name, value in ON_SLURM.items() for word in (f"--{name}", value)]
    for command, reason in (
        (["generate", "1", "3"], "it needs --slurm"),
        (["generate", "1", "3", "-o", "S"], "it needs --slurm"),
        (["slurm", "S", "off"], "the search runs without Slurm"),
    ):
        found = effectless(shell.run("hyband", *command, *words))
        said = {name: reason for name in ON_SLURM if name not in LIMITS}
        if "slurm" in command:
            said |= dict.fromkeys(LIMITS, f"{reason}, where `hyband limits` sets it")
            said["gpus"] = f"{reason}, where `hyband run --gpus` sets it"
        else:
            del said["gpus"]
        assert sorted(found) == sorted(f"--{name} ({why})." for name, why in said.items()), command
    assert not effectless(shell.run("hyband", "generate", "1", "3", "-t", "1"))


def test_options_of_the_mode_steps(shell: Shell) -> None:
    options = ["--workers", "9", "--allocation-time", "3h"]
    said = [f"{option} (it is for the mode steps)." for option in options[::2]]
    shell.generate(1, 3)
    for mode in ("jobs", "executor"):
        assert effectless(shell.run("hyband", "slurm", "S", mode, *options)) == said
        assert effectless(shell.run("hyband", "generate", "1", "3", "--slurm", mode, *options)) == said
    assert not effectless(shell.run("hyband", "slurm", "S", "steps", *options))
    assert not effectless(shell.run("hyband", "slurm", "S", "jobs"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--last-stage", "3"], ["--last-stage 3 (the last stage here is 2)."]),
        (["--last-stage", "2"], []),
        (["--last-stage", "0"], []),
        (["--parallel-folds"], ["--parallel-folds (there is one fold; see --folds and --repetitions)."]),
        (["--parallel-folds", "-k", "2"], []),
        (["--parallel-folds", "-r", "2"], []),
        (["--parallel-folds", "--repetitions-at-stage", "2=2"], []),
        (["--random-share", "0.25"], ["--random-share (the sampler random does not learn)."]),
        (["--random-share", "0.5", "--sampler", "sobol"], ["--random-share (the sampler sobol does not learn)."]),
        (["--random-share", "0.5", "--sampler", "tpe"], []),
    ],
)
def test_options_of_the_plan(shell: Shell, options: list[str], said: list[str]) -> None:
    assert effectless(shell.run("hyband", "generate", "2", "3", *options)) == said
    if not any("random-share" in word for word in options):
        assert effectless(shell.run("hyband", "plan", "2", "3", *options)) == said


def test_a_share_in_an_extension(shell: Shell) -> None:
    shell.generate(1, 2)
    said = shell.run("hyband", "extend", "S", "--repeat", "1", "--random-share", "0.5")
    assert effectless(said) == ["--random-share (the sampler random does not learn)."]
