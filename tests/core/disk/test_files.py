"""Writing a file whole or not at all, and what is said when it cannot be written."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.disk.files import free_name, read, read_bytes, tail, write
from hyperband_snakemake.core.disk.jsonlines import read_lines
from hyperband_snakemake.core.disk.locks import is_locked


@pytest.mark.parametrize("name", ["no/directory", "file/below", "directory", "x" * 300, "/proc/x"])
def test_an_error_names_the_file_that_was_wanted(tmp_path: Path, name: str) -> None:
    """And not the one beside it, which nobody knows; none is left."""
    (tmp_path / "file").touch()
    (tmp_path / "directory/more").mkdir(parents=True)
    with pytest.raises(OSError, match=r".") as caught:
        write(tmp_path / name, "text")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / name), None)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "directory"}


def test_free_names(tmp_path: Path) -> None:
    path = tmp_path / "a.old"
    assert free_name(path, "") == path
    for name in ("a.old", "a.old2", "a.old-1"):
        (tmp_path / name).touch()
    assert free_name(path, "") == tmp_path / "a.old3"
    assert free_name(path, "-") == tmp_path / "a.old-2"
    assert free_name(path, "-", numbered=True) == tmp_path / "a.old-2"
    (tmp_path / "a.old3").symlink_to("nowhere")
    assert free_name(path, "") == tmp_path / "a.old4"


def test_tail(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"one\ntwo \xff\n")
    assert tail(tmp_path / "log", 6) == "two \ufffd\n"
    assert tail(tmp_path / "log", 100) == "one\ntwo \ufffd\n"
    assert tail(tmp_path / "none", 6) is tail(tmp_path, 6) is None


@pytest.mark.parametrize("kind", ["pipe", "device", "directory", "link to a device", "nothing"])
def test_what_is_no_regular_file_counts_as_not_there(tmp_path: Path, kind: str) -> None:
    """Nobody waits for a pipe, nor reads a device to its end."""
    path = tmp_path / "config"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    elif kind == "device":
        path = Path("/dev/zero")
    assert (read(path), read_bytes(path), tail(path, 10), list(read_lines(path)), is_locked(path)) == (None, None, None, [], False)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    (tmp_path / "config").symlink_to("there")
    assert read(tmp_path / "config") == tail(tmp_path / "config", 5) == "x"
