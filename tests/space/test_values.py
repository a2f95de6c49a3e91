"""Values as text and in columns: two that differ are never one."""

from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.space.values import Spelled, SpelledNumber, of_one_type, settled, value_text

from .test_formats import VALUES, same

HARD = st.sampled_from(["1", "1.0", "01", "true", "null", "", "[]", "[1]", '"', '"1"', " a", "a\nb", 1, 1.0, True, False, None, 0, [], [1], [None], {}, 2**70])
SPELLINGS = st.sampled_from(["1", "1.0", "1.10", "1.1", "01", "1e-05", "0.00001", "true", "True", "null", "None", "adam"])


@given(VALUES | HARD, VALUES | HARD)
def test_two_values_are_two_texts(one: object, other: object) -> None:
    assert same(one, other) == (value_text(one) == value_text(other))
    assert "\n" not in value_text(one)


@given(st.lists(VALUES | HARD, max_size=5))
def test_a_column_merges_nothing(values: list) -> None:
    column = of_one_type(values)
    assert len({type(value) for value in column if value is not None}) <= 1
    for i, one in enumerate(values):
        assert (one is None) == (column[i] is None)
        for k, other in enumerate(values):
            if type(one) is type(other):
                assert same(one, other) == (column[i] == column[k])
            elif one is not None and other is not None and not {type(one), type(other)} <= {int, float}:
                assert column[i] != column[k]


@given(st.lists(SPELLINGS, max_size=6), st.sampled_from([Spelled, SpelledNumber]))
def test_two_spellings_are_never_one_value(spellings: list[str], kind: type) -> None:
    values = settled([kind(text) for text in spellings])
    assert not any(isinstance(value, Spelled) for value in values)
    for text, value in zip(spellings, values, strict=True):
        assert [same(value, other) for other in values] == [text == other for other in spellings]
