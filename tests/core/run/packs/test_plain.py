"""What is read without the modules that know all cases agrees with them."""

import os
import string

from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.run.packs.plain import is_plain_number, read_plain, search_from_start
from hyperband_snakemake.core.tree.number import NotANumber, parse_number


@given(st.text(string.digits + "+-.eEdD_ n", max_size=9) | st.floats().map(repr) | st.text(max_size=5))
def test_a_plain_number_is_one_for_all(text: str) -> None:
    """And no plain text is too large for a number: two digits of exponent, twenty before the point."""
    if is_plain_number(text):
        assert parse_number(text.encode()) == float(text)


@given(st.floats(-1e60, 1e60))
def test_what_python_prints_is_plain(value: float) -> None:
    text = repr(value)
    assert is_plain_number(text) or "e-1" in text or "e-2" in text or "e-3" in text


def test_numbers_of_this_kind_are_left_to_others() -> None:
    for text in ("nan", "inf", "0,5", "1_000", "٣", "", ".", "1.", "1e", "--1", "1e300"):
        assert not is_plain_number(text)
    assert parse_number(b"1.") == 1  # a number, but not plain
    try:
        parse_number("٣".encode())
    except NotANumber:
        return
    raise AssertionError


def test_only_regular_files_are_read(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_text("1" * 5000)
    (tmp_path / "short").write_text("1\n")
    assert [read_plain(str(tmp_path / name)) for name in ("pipe", "long", "none", "", "short")] == ["", "", "", "", "1\n"]


def test_a_search_that_links_of_another_node_hide_has_its_whole_path(tmp_path, monkeypatch) -> None:
    for name in ("start", "S", "far/away"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "S/run.sh").touch()
    (tmp_path / "link").symlink_to("far/away")
    monkeypatch.chdir(tmp_path / "S")
    assert search_from_start("../S", str(tmp_path / "start")) == "../S"
    assert search_from_start("../S", str(tmp_path / "link")) == str(tmp_path / "S")
    assert search_from_start("S", "anywhere") == "S"
