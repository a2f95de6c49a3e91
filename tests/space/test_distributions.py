"""Each draw function draws what it says: Kolmogorov-Smirnov and chi-square at fixed seeds, and the same value by rank."""

import math
from collections import Counter
from typing import Any

import pytest
from scipy import stats

from hyperband_snakemake.space.distributions import truncated_normal
from hyperband_snakemake.space.draws import Drawing
from hyperband_snakemake.space.generator import Generator, every_path
from hyperband_snakemake.space.selections import Subset

N = 4000
ALPHA = 1e-3  # of a test at a fixed seed; a wrong distribution gives less than 1e-10 with so many draws


def sample(function: str, *args: Any, **kwargs: Any) -> list[Any]:
    generator = Generator(7)
    return [getattr(Drawing(generator), function)("x", *args, **kwargs) for _ in range(N)]


def is_spread_as(counts: Counter[Any], shares: dict[Any, float]) -> bool:
    assert set(counts) <= set(shares)
    whole = sum(shares.values())
    observed = [counts[value] for value in shares]
    return stats.chisquare(observed, [N * share / whole for share in shares.values()]).pvalue > ALPHA


CONTINUOUS = [
    (("uniform", -2, 3), {}, stats.uniform(-2, 5)),
    (("uniform", 1e-5, 1e-1), {"log": True}, stats.loguniform(1e-5, 1e-1)),
    (("normal", 5, 2), {}, stats.norm(5, 2)),
    (("normal", 0, 1), {"low": -0.5, "high": 2}, stats.truncnorm(-0.5, 2)),
    (("normal", 0, 1), {"low": 3}, stats.truncnorm(3, math.inf)),
    (("normal", 0, 1), {"low": 8, "high": 9}, stats.truncnorm(8, 9)),
    (("normal", 0, 1), {"low": -9, "high": -8}, stats.truncnorm(-9, -8)),
]


@pytest.mark.parametrize(("call", "options", "reference"), CONTINUOUS, ids=lambda x: str(x)[:40])
def test_real_numbers(call: tuple[Any, ...], options: dict[str, Any], reference: Any) -> None:
    drawn = sample(*call, **options)
    assert stats.kstest(drawn, reference.cdf).pvalue > ALPHA
    assert stats.kstest(drawn, stats.uniform(-2, 5.3).cdf).pvalue < 1e-10 or call[1:] == (-2, 3)  # the test can fail


def test_real_numbers_with_a_prior() -> None:
    """Half of the draws from the range that is expected, half from the whole."""
    drawn = sample("uniform", 0, 10, prior=[2, 4], share=0.25)
    assert stats.kstest(drawn, lambda x: 0.75 * stats.uniform(0, 10).cdf(x) + 0.25 * stats.uniform(2, 2).cdf(x)).pvalue > ALPHA


def test_a_prior_around_one_value() -> None:
    """A bell with a tenth of the range, in the logarithm where the range is logarithmic."""
    drawn = [math.log10(x) for x in sample("uniform", 1e-5, 1e-1, log=True, prior=1e-2, share=0.9)]
    bell = stats.truncnorm(-7.5, 2.5, loc=-2, scale=0.4)
    assert stats.kstest(drawn, lambda x: 0.1 * stats.uniform(-5, 4).cdf(x) + 0.9 * bell.cdf(x)).pvalue > ALPHA


def test_whole_numbers() -> None:
    assert is_spread_as(Counter(sample("integer", 1, 8)), dict.fromkeys(range(1, 9), 1))
    assert is_spread_as(Counter(sample("integer", -4, 9, step=4)), dict.fromkeys((-4, 0, 4, 8), 1))
    logarithmic = {n: math.log((n + 0.5) / (n - 0.5)) for n in range(1, 33)}
    assert is_spread_as(Counter(sample("integer", 1, 32, log=True)), logarithmic)
    in_steps = {n: math.log((n + 4) / (n - 4)) for n in range(8, 65, 8)}
    assert is_spread_as(Counter(sample("integer", 8, 64, log=True, step=8)), in_steps)
    assert is_spread_as(Counter(sample("uniform", 0.5, 4.2, log=True, step=0.5)), {n / 16: share for n, share in in_steps.items()})
    expected = {n: 0.5 / 10 + (0.5 / 3 if n in (3, 4, 5) else 0) for n in range(1, 11)}
    assert is_spread_as(Counter(sample("integer", 1, 10, prior=[3, 5])), expected)


def test_steps_are_exact() -> None:
    counts = Counter(sample("uniform", 0, 0.5, step=0.1))
    assert is_spread_as(counts, dict.fromkeys((0.0, 0.1, 0.2, 0.3, 0.4, 0.5), 1))


def test_choices() -> None:
    assert is_spread_as(Counter(sample("choice", ["ABC", "b", "c"])), {"ABC": 1, "b": 1, "c": 1})
    assert is_spread_as(Counter(sample("choice", ["a", "b", "c"], weights=[1, 2, 5])), {"a": 1, "b": 2, "c": 5})
    assert set(sample("choice", ["a", "b"], weights=[0, 1])) == {"b"}
    assert set(map(repr, sample("choice", [1, True, "1", 1.0]))) == {"1", "True", "'1'", "1.0"}
    assert is_spread_as(Counter(sample("choice", ["a", "b", "c"], prior=["a", "b"])), {"a": 2.5, "b": 2.5, "c": 1})
    assert is_spread_as(Counter(sample("ordinal", ["s", "m", "l"])), dict.fromkeys(("s", "m", "l"), 1))
    assert is_spread_as(Counter(sample("ordinal", ["s", "m", "l"], prior="m", share=0.4)), {"s": 0.2, "m": 0.6, "l": 0.2})


def test_subsets_and_orders() -> None:
    subsets = Counter(tuple(s) for s in sample("subset", ["a", "b", "c"], min_size=1))
    assert len(subsets) == 7
    assert is_spread_as(subsets, dict.fromkeys(subsets, 1))
    orders = Counter(tuple(s) for s in sample("permutation", ["a", "b", "c", "d"]))
    assert len(orders) == 24
    assert is_spread_as(orders, dict.fromkeys(orders, 1))


def test_ranks_of_subsets_are_distinct() -> None:
    subset = Subset(tuple("abcdef"), 2, 4)
    found = {tuple(subset.unrank(i)) for i in range(subset.size)}
    assert len(found) == 15 + 20 + 15
    assert {len(s) for s in found} == {2, 3, 4}


def test_a_seed_is_drawn() -> None:
    generator = Generator(7)
    drawing = Drawing(generator)
    assert drawing.seed() == drawing.seed() != drawing.seed("other")
    seeds = [Drawing(generator).seed() for _ in range(N)]
    assert stats.kstest(seeds, stats.uniform(0, 2**31).cdf).pvalue > ALPHA


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (8, 9), (-9, -8), (-30, -29), (5, math.inf)])
def test_truncated_tails_are_precise(low: float, high: float) -> None:
    for unit in (1e-6, 0.3, 0.999):
        assert truncated_normal(unit, 0, 1, low, high) == pytest.approx(float(stats.truncnorm.ppf(unit, low, high)), rel=1e-6)


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [("integer", (1, 20), {"log": True}), ("choice", ([1, True, "1", 1.5],), {"weights": [1, 1, 1, 3]}), ("subset", (list("abcd"),), {}),
     ("permutation", (list("abc"),), {}), ("uniform", (0, 1), {"step": 0.25, "prior": 0.5})],
)  # fmt: skip
def test_every_value_is_listed_once(function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    listed = [repr(value) for _, value in every_path(lambda source: getattr(Drawing(source), function)("x", *args, **kwargs))]
    assert len(listed) == len(set(listed))
    assert {repr(value) for value in sample(function, *args, **kwargs)} == set(listed)
