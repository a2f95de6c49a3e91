"""slurm.toml: rules, times, amounts of memory, and what they ask Slurm for."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Settings, Stage, make_plan
from hyperband_snakemake.core.plan.rules import parse_rule
from hyperband_snakemake.core.plan.units import OptionError, megabytes_of, parse_duration, slurm_time
from hyperband_snakemake.core.run.resources import resources_of
from hyperband_snakemake.core.slurm.request import Request, slurm_from_toml
from hyperband_snakemake.slurm.submit_script import submit_values

STAGE = Stage(2, 9, Fraction(9), Fraction(27))  # nine training runs of three units each
HEAD = 'format = 1\nmode = "jobs"\n'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 1800), ("1:30", 90), ("2:00:00", 7200), ("1-0", 86400), ("1-2:30", 95400), ("1-0:0:1", 86401), ("90s", 90),
     ("10min", 600), ("1.5h", 5400), ("2d", 172800), ("0.5min", 30)],
)
def test_times(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@given(st.integers(1, 10**7))
def test_a_time_limit_is_never_shorter_than_asked(seconds: int) -> None:
    assert 0 <= parse_duration(slurm_time(seconds)) - seconds < 60


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4", "-5", "5 hours", "1e3"])
def test_no_times(text: str) -> None:
    with pytest.raises(OptionError, match="is not a valid time"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "megabytes"), [("1G", 1024), ("1GB", 1024), ("512", 512), ("1.5g", 1536), ("1K", 1), ("2T", 2 * 1024**2)])
def test_memory(text: str, megabytes: int) -> None:
    assert megabytes_of(text) == megabytes


@pytest.mark.parametrize(
    ("rule", "holds"),
    [("5", True), ("stage>=2: 5", True), ("stage>2: 5", False), ("budget=9: 5", True), ("budget<=8.5: 5", False),
     ("bracket=1 and stage<3: 5", True), ("bracket=0 and stage<3: 5", False), ("budget >= 9/1 : 5", True)],
)
def test_conditions(rule: str, holds: bool) -> None:
    numbers = {"bracket": Fraction(1), "stage": Fraction(2), "budget": Fraction(9)}
    parsed = parse_rule("cpus", rule)
    assert (parsed.fits(numbers), parsed.value) == (holds, "5")


@pytest.mark.parametrize("value", ["0", "UNLIMITED", "infinite", "0min"])
@pytest.mark.parametrize("rule", ["{}", "stage=0: {}"])
def test_no_time_limit_at_all(value: str, rule: str) -> None:
    """As for Slurm; it is no less after an attempt that was too long for the partition, and cost-unit does not matter."""
    text = f'cost-unit = "hours"\ntime = "{rule.format(value)}"\n'
    stage = make_plan(Settings(1, 2)).stage(0, 0)
    for timeouts in (0, 2):
        request = slurm_from_toml(HEAD + text).request(0, stage, timeouts=timeouts)
        assert request.seconds == 0
        assert "--time=UNLIMITED" in request.job_options
        assert "--time=UNLIMITED" in request.step_options
    executor = slurm_from_toml(HEAD.replace("jobs", "executor") + text)
    assert "runtime" not in resources_of(executor, 0, stage, 1), "the plugin cannot ask for that"


def test_an_allocation_without_a_limit_stops_as_early_as_any() -> None:
    slurm, plan = slurm_from_toml('format = 1\nmode = "steps"'), make_plan(Settings(0, 2))
    ahead = [submit_values("S", plan, slurm, 1, time)["stop_ahead"] for time in ("UNLIMITED", "0", "2", "1-0")]
    assert ahead == [120, 120, 30, 120]


def test_a_value_may_look_like_a_time_or_have_colons() -> None:
    assert parse_rule("gpus", "a100:2").value == "a100:2"
    assert parse_rule("time", "stage>=3: 12:00:00").value == "12:00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mode = "jobs"', "format"),
        ('format = 2\nmode = "jobs"', "format = 1"),
        ('format = 1\nmode = "job"', "not one of steps, jobs, executor"),
        (HEAD + 'memory = "1G"', "'memory' is not an option"),
        (HEAD + 'mem = "much"', "not a valid amount of memory"),
        (HEAD + 'mem = ["1G", "step>=2: 4G"]', "not a valid amount of memory"),
        (HEAD + 'mem = "stage>=2 or bracket=1: 4G"', "is not a valid condition"),
        (HEAD + "cpus = 0", "cpus is '0'"),
        (HEAD + 'cost-unit = "weeks"', "not one of seconds, minutes, hours, days"),
        (HEAD + 'time-factor = "big"', "time-factor"),
        (HEAD + "sbatch-extra = \"--comment='x\"", "sbatch-extra"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        slurm_from_toml(text)


def test_the_last_rule_that_fits_holds() -> None:
    slurm = slurm_from_toml(HEAD + 'mem = ["1G", "stage>=1: 2G", "budget>=9: 3G", "stage>=3: 4G"]\ngpus = ["1", "stage=2: 0"]')
    request = slurm.request(0, STAGE)
    assert (request.megabytes, request.gpus) == (3072, "")


def test_options() -> None:
    text = HEAD + 'partition = "long"\ntime = "90min"\nmem = "2G"\ncpus = 4\ngpus = "a100:1"\nsbatch-extra = "--nice=5 --exclude n1"'
    assert slurm_from_toml(text).request(0, STAGE).job_options == [
        "--partition=long", "--cpus-per-task=4", "--mem=2048M", "--time=01:30:00", "--gres=gpu:a100:1", "--nice=5", "--exclude", "n1"]
    assert Request().job_options == ["--cpus-per-task=1"]
    assert Request().step_options == ["--cpus-per-task=1", "--mem=0"]


def test_time_limits_from_the_cost() -> None:
    """Three units for each training of STAGE, in hours, times the factor; never less than five minutes."""
    slurm = slurm_from_toml(HEAD + 'cost-unit = "hours"\ntime-factor = 2.5')
    assert slurm.request(0, STAGE).seconds == 3 * 3600 * 2.5
    assert slurm_from_toml(HEAD + 'cost-unit = "seconds"').request(0, STAGE).seconds == 300
    assert slurm_from_toml(HEAD).request(0, STAGE).seconds is None


def test_more_after_a_time_out_or_a_memory_kill() -> None:
    slurm = slurm_from_toml(HEAD + 'time = "1:00:00"\nmem = "1G"')
    assert slurm.request(0, STAGE, timeouts=2).seconds == 4 * 3600
    assert slurm.request(0, STAGE, memory_kills=1).megabytes == 2048


def test_the_seed_example_by_hand() -> None:
    """5 3, two repetitions of ten folds, 0.0028 hours: a unit of budget is 2 x 9 x 0.0028 x 3600 = 181.44 seconds."""
    plan = make_plan(Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028")))
    slurm = slurm_from_toml(HEAD + 'cost-unit = "hours"')
    seconds = [slurm.expected_seconds(stage) for stage in plan.brackets[0].stages]
    assert seconds == [Fraction("181.44") * 3**s for s in range(6)]


@pytest.mark.parametrize(("gpus", "number"), [("", 0), ("0", 0), ("1", 1), ("a100", 1), ("a100:2", 2)])
def test_the_allocation_and_snakemake_count_gpus_alike(gpus: str, number: int) -> None:
    slurm = slurm_from_toml(f'format = 1\nmode = "steps"\ngpus = "{gpus}"')
    plan = make_plan(Settings(0, 2))
    assert submit_values("S", plan, slurm, 1, "")["gpus"] == number
    assert resources_of(slurm, 0, plan.stage(0, 0), 1).get("gpus", 0) == number


@pytest.mark.parametrize(
    ("line", "option"),
    [('mem = "x"', "mem"), ("cpus = 0", "cpus"), ('min-job-time = "x"', "min-job-time"), ('array = "x"', "array"),
     ('time = "stage>3 x: 3"', "time"), ("sbatch-extra = \"'\"", "sbatch-extra"), ('what = "x"', "")],
)  # fmt: skip
def test_a_mistake_carries_its_option(line: str, option: str) -> None:
    with pytest.raises(OptionError) as error:
        slurm_from_toml(HEAD + line)
    assert error.value.option == option
    assert str(error.value).startswith(option)
