"""The reader of results against its grammar, and against what real programs leave."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hyperband_snakemake.core.tree.number import NotANumber, parse_number

# the grammar of the module's docstring, written a second time with other means
DIGITS = st.text("0123456789", min_size=1, max_size=25)
SIGN = st.sampled_from(["", "+", "-"])
MANTISSA = st.one_of(
    DIGITS, DIGITS.map("{}.".format), DIGITS.map(".{}".format), st.tuples(DIGITS, DIGITS).map(".".join)
)
EXPONENT = st.one_of(
    st.just(""), st.tuples(st.sampled_from("eEdD"), SIGN, st.integers(0, 250).map(str)).map("".join)
)
BLANKS = st.text(" \t\r\n", max_size=4)


@given(st.sampled_from(["", "\ufeff"]), BLANKS, SIGN, MANTISSA, EXPONENT, BLANKS)
def test_accepts_the_grammar(mark: str, before: str, sign: str, mantissa: str, exponent: str, after: str) -> None:
    number = sign + mantissa + exponent
    value = parse_number(f"{mark}{before}{number}{after}".encode())
    assert value == float(re.sub("[dD]", "e", number))
    assert math.isfinite(value)


@given(st.text(max_size=12) | st.text("0123456789.eEdD+-_ ,\tnaif\n", max_size=12))
@example("1_000")
@example("٣")
@example("0.5\x0b")
@example("0.5\u00a0")
@example("\u22120.5")
def test_refuses_all_else(text: str) -> None:
    """Whatever is accepted is one plain ASCII number between blanks; all else says why."""
    try:
        value = parse_number(text.encode("utf-8", "surrogatepass"))
    except NotANumber as error:
        assert str(error).startswith("it ")
    else:
        core = text.removeprefix("\ufeff").strip(" \t\r\n")
        assert re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eEdD][-+]?[0-9]+)?", core, re.ASCII)
        assert math.isfinite(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_reads_what_python_prints(value: float) -> None:
    assert parse_number(f"{value!r}\n".encode()) == value
    assert parse_number(f"{value:.17e}".encode()) == value


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"nan", "not a number"),
        (b"NaN\n", "not a number"),
        (b"-nan", "not a number"),
        (b"-nan(ind)", "not a number"),
        (b"1.#QNAN", "not a number"),
        (b"1.#IND", "not a number"),
        (b".nan", "not a number"),
        (b"NA", "not a number"),
        (b"null", "not a number"),
        (b"None", "not a number"),
        (b"inf", "infinite"),
        (b"-Infinity", "infinite"),
        (b"1.#INF", "infinite"),
        (b"-.inf", "infinite"),
        (b"****", "infinite or too large to print"),
        (b"1e999", "infinite in double precision"),
        (b"-1e400", "infinite in double precision"),
        (b"0,5", "write a decimal point"),
        (b"1.234,5", "write one decimal number"),
        (b"0.5 0.6", "several numbers"),
        (b"0.5\n0.6\n", "several numbers"),
        (b"Loss: 0.5", "write one decimal number"),
        (b"Epoch 1\n0.5", "write one decimal number"),
        (b"0x1p-3", "write one decimal number"),
        (b"1_000", "write one decimal number"),
        (b"0.5%", "write one decimal number"),
        (b"[0.5]", "write one decimal number"),
        (b"tensor(0.5)", r"write float\(x\)"),
        (b"np.float64(0.14)", r"write float\(x\)"),
        (b"array([1.5, 2.5], dtype=float32)", r"write float\(x\)"),
        (b"Loss(nan)", "write one decimal number"),
        (b"--0.5", "write one decimal number"),
        ("\u0663".encode(), "write one decimal number"),
        ("0.5".encode("utf-16"), "not plain text"),
        (b"0.5\0", "not plain text"),
        (b"\xff0.5", "write one decimal number"),
        (b"9" * 5000, "more than 4096 bytes"),
    ],
)
def test_reasons(raw: bytes, why: str) -> None:
    with pytest.raises(NotANumber, match=why):
        parse_number(raw)
