"""The plan against printed tables, an independent count, and properties."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Plan, PlanError, Settings, make_plan, number_text

SMALL = st.builds(
    Settings,
    smax=st.integers(0, 6),
    eta=st.integers(2, 5),
    repetitions=st.integers(1, 5),
    folds=st.integers(1, 12),
    cost_one_epoch_full_dataset=st.fractions(0, 10, max_denominator=1000),
    guaranteed_budget=st.fractions(0, 10, max_denominator=8),
    last_stage=st.none() | st.integers(0, 8),
)


def sizes(plan: Plan) -> list[list[int]]:
    return [[stage.configurations for stage in bracket.stages] for bracket in plan.brackets]


@pytest.mark.parametrize(
    ("smax", "eta", "expected"),
    [
        (5, 3, [[243, 81, 27, 9, 3, 1], [98, 32, 10, 3, 1], [41, 13, 4, 1], [18, 6, 2], [9, 3], [6]]),
        (4, 3, [[81, 27, 9, 3, 1], [34, 11, 3, 1], [15, 5, 1], [8, 2], [5]]),
        (3, 10, [[1000, 100, 10, 1], [134, 13, 1], [20, 2], [4]]),
        (6, 3, [[729, 243, 81, 27, 9, 3, 1], [284, 94, 31, 10, 3, 1], [114, 38, 12, 4, 1], [48, 16, 5, 1],
                [21, 7, 2], [11, 3], [7]]),
        (0, 2, [[1]]),
    ],
)
def test_tables(smax: int, eta: int, expected: list[list[int]]) -> None:
    """R = 243, 81, 1000 and 729: where floating-point logarithms lose a bracket or the last finalist."""
    plan = make_plan(Settings(smax, eta))
    assert sizes(plan) == expected
    assert all(bracket.stages[-1].budget == eta**smax for bracket in plan.brackets)


@given(SMALL)
def test_properties(settings: Settings) -> None:
    """Sizes never grow, budgets grow by eta, no stage is empty, nothing exceeds R, totals are sums."""
    plan = make_plan(settings)
    assert [b.index for b in plan.brackets] == list(range(settings.smax + 1))
    for bracket in plan.brackets:
        counts = [s.configurations for s in bracket.stages]
        pure = [s.budget - settings.guaranteed_budget for s in bracket.stages]
        assert counts == sorted(counts, reverse=True)
        assert min(counts) >= 1
        assert all(b == a * settings.eta for a, b in itertools.pairwise(pure))
        assert pure[-1] <= settings.R
        if settings.last_stage is None:
            assert pure[-1] == settings.R
        else:
            assert len(counts) == min(settings.last_stage, settings.smax - bracket.index) + 1
    trainings = [(s.configurations, s.budget) for b in plan.brackets for s in b.stages]
    assert plan.trainings == sum(n for n, _ in trainings)
    assert plan.budget == sum(n * budget for n, budget in trainings)
    assert plan.cost == plan.budget * settings.unit_cost


@given(st.integers(0, 7), st.integers(2, 6))
def test_first_stage_is_the_smallest_that_suffices(smax: int, eta: int) -> None:
    """n = ceil((smax + 1) / (s + 1) * eta**s), found here by counting up instead of dividing."""
    for bracket in make_plan(Settings(smax, eta)).brackets:
        s = smax - bracket.index
        n = bracket.stages[0].configurations
        assert n * (s + 1) >= (smax + 1) * eta**s > (n - 1) * (s + 1)


def test_last_stage_past_the_end_is_the_end() -> None:
    assert make_plan(Settings(3, 3, last_stage=9)).brackets == make_plan(Settings(3, 3)).brackets
    assert sizes(make_plan(Settings(4, 3, last_stage=0)).select([0])) == [[81]]


def test_costs_of_the_example() -> None:
    """One unit of budget is 2 x 9 epochs' worth of a full epoch of 0.0028 hours."""
    settings = Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028"))
    assert round(float(make_plan(settings).cost), 2) == 426.23
    more = Settings(5, 3, 2, 10, Fraction("0.0028"), guaranteed_budget=Fraction(3))
    assert round(float(make_plan(more).cost), 2) == 518.62
    assert [s.budget for s in make_plan(more).brackets[0].stages] == [4, 6, 12, 30, 84, 246]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"smax": -1}, "smax is -1; expected 0 to 20"),
        ({"eta": 1}, "eta is 1; expected 2 to 1000"),
        ({"eta": 0}, "eta is 0; expected 2 to 1000"),
        ({"folds": 0}, "folds is 0; expected 1"),
        ({"repetitions": 0}, "repetitions is 0"),
        ({"guaranteed_budget": Fraction(-1, 2)}, "guaranteed_budget is -0.5"),
        ({"cost_one_epoch_full_dataset": Fraction(-1)}, "cost_one_epoch_full_dataset is -1"),
        ({"last_stage": -1}, "last_stage is -1"),
        ({"retries": -1}, "retries is -1"),
        ({"smax": 20, "eta": 10}, "starts 100,000,000,000,000,000,000 configurations"),
    ],
)
def test_out_of_range(values: dict[str, object], text: str) -> None:
    with pytest.raises(PlanError, match=text.replace("(", r"\(")):
        make_plan(Settings(**({"smax": 3, "eta": 3} | values)))


@given(st.fractions(0, 10**9))
def test_number_text_has_no_exponent_and_keeps_integers(value: Fraction) -> None:
    text = number_text(value)
    assert "e" not in text.lower()
    assert Fraction(text) == value if value.denominator == 1 else float(text) == float(value)
    assert value.denominator > 1 or text.isdigit()


@pytest.mark.parametrize(
    ("settings", "option"),
    [(Settings(30, 3), "smax"), (Settings(3, 1), "eta"), (Settings(20, 3), "smax"), (Settings(2, 3, carry=("../x",)), "carry"),
     (Settings(2, 3, aggregate="max"), "aggregate"), (Settings(3, 3, max_budget=Fraction(3), integer_budgets=True), "integer_budgets")],
)  # fmt: skip
def test_a_mistake_carries_its_option(settings: Settings, option: str) -> None:
    with pytest.raises(PlanError) as error:
        make_plan(settings)
    assert error.value.option == option
    assert str(error.value) == f"{option} {error.value.text}"
