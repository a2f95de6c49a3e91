"""How many training runs share a job: by what they take, and so that no core is idle for long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.plan.packs import LONG_ENOUGH, UNKNOWN, Packs, pack_size, packs_from, packs_from_toml
from hyperband_snakemake.core.plan.units import OptionError

PLAN = make_plan(Settings(5, 3))
FIRST, LAST = PLAN.brackets[0].stages[0], PLAN.brackets[0].stages[-1]  # budgets 1 and 243


@pytest.mark.parametrize(("seconds", "left", "size"), [
    (0.01, 10_000, 200),  # two seconds
    (0.01, 243, 30),  # each of two cores has four packs at least
    (0.01, 20, 20),  # all of it takes no time
    (1.0, 243, 2),
    (1.9, 243, 2),
    (2.0, 243, 1),
    (3600.0, 243, 1),
    (0.0, 10**6, 1000),
])
def test_by_the_time_that_they_have_taken(seconds: float, left: int, size: int) -> None:
    assert pack_size(PLAN, FIRST, Packs(), left=left, cores=2, seconds=seconds) == size


def test_as_long_as_nobody_knows_a_pack_takes_no_longer_than_the_longest_training_run() -> None:
    assert pack_size(PLAN, FIRST, Packs(), left=10_000, cores=2) == UNKNOWN
    assert pack_size(PLAN, PLAN.brackets[0].stages[2], Packs(), left=10_000, cores=2) == 243 // 9
    assert pack_size(PLAN, LAST, Packs(), left=10_000, cores=2) == 1


@given(st.integers(1, 1000), st.integers(0, 5000), st.integers(1, 64))
def test_a_number_is_the_most_and_each_core_has_several_packs(most: int, left: int, cores: int) -> None:
    size = pack_size(PLAN, FIRST, Packs(most), left=left, cores=cores)
    assert 1 <= size <= most
    assert size == 1 or left // size >= 4 * cores


@given(st.floats(0, 10**5), st.integers(0, 5000), st.integers(1, 64))
def test_no_pack_takes_long(seconds: float, left: int, cores: int) -> None:
    size = pack_size(PLAN, FIRST, Packs(), left=left, cores=cores, seconds=seconds)
    assert size == 1 or (size - 1) * seconds < LONG_ENOUGH


@pytest.mark.parametrize("wanted", [0, -1, 1001, "many", 2.5, True, None])
def test_what_means_nothing(wanted: object) -> None:
    with pytest.raises(OptionError, match="expected 1 to 1000 or 'auto'"):
        packs_from(wanted)


def test_the_file() -> None:
    assert packs_from_toml("format = 1\n") == Packs()
    with pytest.raises(OptionError, match="'packs' is not an option"):
        packs_from_toml("format = 1\npacks = 3")
    with pytest.raises(OptionError, match="format"):
        packs_from_toml("pack = 3")
