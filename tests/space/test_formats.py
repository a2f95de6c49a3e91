"""Values survive each format: what is read is what was drawn, with its type."""

import ast
import json
import tomllib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.space.formats import Real, as_drawn, to_json, to_python, to_toml, to_yaml

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = NUMBERS | TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(SCALARS | st.none(), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))
HARD = ["no", "on", "1e-05", "null", "~", "", " a", "a: b", "#", "'", '"', "\\", "é\n\t", "\x7f\x85\u2028\ufeff", "😀", "12:30", "0x1f", "=", "{x}", "-"]


def same(one: object, two: object) -> bool:
    """Equal, with types: 1 is not 1.0 and not true."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    return type(one) is type(two) and (one == two)


@given(NUMBERS)
def test_numbers_print_as_numbers(value: float) -> None:
    text = str(Real(value))
    for read in (yaml.safe_load, json.loads, ast.literal_eval, lambda t: tomllib.loads(f"x = {t}")["x"]):
        assert same(read(text), value), read
    assert f"{Real(value)}" == text == repr(Real(value))


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_calculations_print_as_numbers(one: float, two: float) -> None:
    for result in (Real(one) * two, one / Real(two), Real(one) - 1, -Real(one), abs(Real(-one)), round(Real(one), 7), Real(one) ** 2):
        assert same(yaml.safe_load(f"{result}"), float(result))


@given(VALUES)
def test_json_and_yaml(value: object) -> None:
    assert same(json.loads(to_json(value)), value)
    assert same(yaml.safe_load(to_yaml(value)), value)
    assert same(yaml.safe_load(to_json(value)), value)
    assert same(json.loads(to_json(value, 2)), value)
    assert same(ast.literal_eval(to_python(value)), value)


@pytest.mark.parametrize("text", HARD)
def test_texts_that_formats_misread(text: str) -> None:
    for value in (text, [text], {text: text}):
        assert same(yaml.safe_load("key: " + to_yaml(value))["key"], value)
        assert same(json.loads(to_json(value)), value)
    assert tomllib.loads(f"x = {to_json(text)}")["x"] == text


@given(st.lists(SCALARS, max_size=4))
def test_toml(value: list) -> None:
    for write in (to_json, to_toml):
        assert same(tomllib.loads(f"x = {write(value)}")["x"], value)


@given(st.recursive(SCALARS | st.floats(), lambda inner: st.lists(inner, max_size=3)))
def test_toml_of_lists_in_lists_and_of_all_numbers(value: object) -> None:
    assert repr(tomllib.loads(f"x = {to_toml(value)}")["x"]) == repr(value)


@pytest.mark.parametrize("value", [None, [1, None], {"a": 1}, [{"a": 1}], {1}, 1j])
def test_what_toml_has_not(value: object) -> None:
    with pytest.raises(ValueError, match=r"cannot be written as a TOML value|is neither text"):
        to_toml(value)


@given(st.lists(VALUES))
def test_drawn_numbers_within_values(value: list[object]) -> None:
    """As the templates print them, by Python itself: numbers in lists and mappings are drawn ones, too."""
    assert same(ast.literal_eval(str(as_drawn(value))), value)


def test_infinite_numbers() -> None:
    assert yaml.safe_load(to_yaml([float("inf"), float("-inf")])) == [float("inf"), float("-inf")]
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        to_json(float("nan"))
