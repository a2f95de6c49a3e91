"""Packs: each training is in one of them, none is too short or too long."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.plan.units import OptionError
from hyperband_snakemake.core.slurm.packs import packs_of
from hyperband_snakemake.core.slurm.request import SlurmConfig


def plan(smax: int = 5, eta: int = 3, cost: str = "1") -> Plan:
    return make_plan(Settings(smax, eta, cost_one_epoch_full_dataset=Fraction(cost)))


@given(st.integers(0, 5), st.integers(2, 4), st.integers(1, 5000), st.integers(1, 10))
def test_each_training_in_one_pack_of_the_right_length(smax: int, eta: int, shortest: int, unit: int) -> None:
    whole = plan(smax, eta, str(unit))
    slurm = SlurmConfig("jobs", cost_unit="seconds", min_job_seconds=shortest)
    longest = eta**smax * unit
    for bracket in whole.brackets:
        for stage in bracket.stages:
            packs = packs_of(whole, stage, slurm)
            one = slurm.expected_seconds(stage)
            assert one is not None
            if not packs:
                assert one >= min(shortest, longest) or 2 * one > longest
                continue
            assert [config for pack in packs for config in pack] == list(stage.run_names)
            for pack in packs:
                assert len(pack) * one <= longest or len(pack) == 1
            if len(packs) > 1 and stage.configurations * one >= 2 * longest:
                assert min(map(len, packs)) * one >= min(shortest, longest) / 2


def test_the_seed_example() -> None:
    """611 training runs of 5 3, where one unit takes three minutes, become some dozens of jobs of at least two hours."""
    whole = make_plan(Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028")))
    slurm = SlurmConfig("jobs", cost_unit="hours", min_job_seconds=7200)
    packs = [packs_of(whole, stage, slurm) or [()] * stage.configurations for b in whole.brackets for stage in b.stages]
    assert sum(s.configurations for b in whole.brackets for s in b.stages) == 611
    by_hand = [6, 5, 5, 4, 3, 1, 7, 6, 5, 3, 1, 8, 6, 4, 1, 9, 6, 2, 9, 3, 6]
    assert list(map(len, packs)) == by_hand
    assert sum(by_hand) == 100
    assert [len(pack) for pack in packs[0]] == [40, 41, 40, 41, 40, 41]


def test_arrays() -> None:
    whole = plan()
    packs = packs_of(whole, whole.brackets[0].stages[0], SlurmConfig("jobs", array=100))
    assert [len(pack) for pack in packs] == [81, 81, 81]


@pytest.mark.parametrize("array", [0, 100])
def test_without_a_time_nothing_can_be_packed(array: int) -> None:
    whole = plan()
    with pytest.raises(OptionError, match="cost-unit is empty"):
        packs_of(whole, whole.brackets[0].stages[0], SlurmConfig("jobs", min_job_seconds=600, array=array))


def test_no_packs_where_they_are_not_asked_for() -> None:
    whole = plan()
    assert packs_of(whole, whole.brackets[0].stages[0], None) == []
    assert packs_of(whole, whole.brackets[0].stages[0], SlurmConfig("jobs", cost_unit="hours")) == []
    assert packs_of(whole, whole.brackets[0].stages[0], SlurmConfig("steps", cost_unit="hours", min_job_seconds=9**9)) == []
