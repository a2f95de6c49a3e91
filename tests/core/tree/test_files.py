"""Writing a file whole or not at all, and what is said when it cannot be written."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.files import write


@pytest.mark.parametrize("name", ["no/directory", "file/below", "directory", "x" * 300, "/proc/x"])
def test_an_error_names_the_file_that_was_wanted(tmp_path: Path, name: str) -> None:
    """And not the one beside it, which nobody knows; none is left."""
    (tmp_path / "file").touch()
    (tmp_path / "directory/more").mkdir(parents=True)
    with pytest.raises(OSError, match=r".") as caught:
        write(tmp_path / name, "text")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / name), None)
    assert {path.name for path in tmp_path.iterdir()} == {"file", "directory"}
