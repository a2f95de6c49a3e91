"""Who is promoted, as tables and against a naive sort."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.halving.ranking import order_across, promote, rank
from hyperband_snakemake.core.tree.outcome import EMPTY, PENDING, RUNNING, Outcome, Status, failed

BAD = failed("nan")


def done(value: float) -> Outcome:
    return Outcome(Status.COMPLETED, value)


@pytest.mark.parametrize(
    ("outcomes", "slots", "expected"),
    [
        ([done(3), done(1), done(2)], 2, [1, 2]),
        ([done(1), done(1), done(1)], 2, [0, 1]),
        ([done(0.0), done(-0.0)], 1, [0]),
        ([BAD, done(5), BAD, done(4)], 2, [3, 1]),
        ([BAD, done(5), EMPTY, RUNNING, PENDING], 2, [1, None]),
        ([BAD, BAD, BAD], 2, [None, None]),
        ([done(-1e308), done(1e-320)], 1, [0]),
    ],
)
def test_promote(outcomes: list[Outcome], slots: int, expected: list[int | None]) -> None:
    assert promote(outcomes, slots) == expected


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-2, 2).map(float)))
def test_rank_is_a_naive_selection(values: list[float | None]) -> None:
    """Taking the first smallest, again and again, gives the same order."""
    left = {i: v for i, v in enumerate(values) if v is not None}
    naive = []
    while left:
        best = min(left.values())
        naive.append(next(i for i in sorted(left) if left[i] == best))
        del left[naive[-1]]
    assert rank([BAD if v is None else done(v) for v in values]) == naive


def test_order_across_never_compares_budgets() -> None:
    entries = [(Fraction(1), "a", done(-9)), (Fraction(3), "b", done(2)), (Fraction(3), "c", done(1)),
               (Fraction(9), "d", BAD), (Fraction(3), "e", done(1))]
    assert [key for _, key, _ in order_across(entries)] == ["c", "e", "b", "a"]
