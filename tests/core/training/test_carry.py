"""Copies of what a promoted configuration takes along."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from hyperband_snakemake.core.training import carry as module
from hyperband_snakemake.core.training.carry import carry

from ...conftest import read_tree, write_tree

ALL = ("checkpoint*",)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    stages = tmp_path / "bracket-0"
    old = write_tree(stages / "stage-0" / "config-3", {
        "config": "x: 1", "result": "0.5", "checkpoint": "weights", "checkpoint-dir/step-1/w": "one", "checkpoint-dir/step-2/w": "two", "log": "l"})
    new = write_tree(stages / "stage-1" / "config-0", {"config": "x: 1"})
    return old, new


def test_what_is_named_is_copied(places: tuple[Path, Path]) -> None:
    old, new = places
    before = read_tree(old)
    carry(old, new, ALL, tried=False)
    assert sorted(read_tree(new)) == ["checkpoint", "checkpoint-dir/step-1/w", "checkpoint-dir/step-2/w", "config"]
    (new / "checkpoint").write_text("changed")
    with (new / "checkpoint-dir/step-1/w").open("r+") as file:
        file.write("CHANGED")
    assert read_tree(old) == before
    assert not any(os.path.samefile(old / name, new / name) for name in read_tree(new))


def test_modes_and_times_are_kept(places: tuple[Path, Path]) -> None:
    old, new = places
    (old / "checkpoint").chmod(0o444)
    (old / "checkpoint-dir").chmod(0o555)
    os.utime(old / "checkpoint", (1, 1))
    carry(old, new, ALL, tried=False)
    assert (new / "checkpoint").stat().st_mode & 0o777 == 0o444
    assert (new / "checkpoint").stat().st_mtime == 1
    assert (new / "checkpoint-dir").stat().st_mode & 0o700 == 0o700  # a training can write there
    (old / "checkpoint-dir").chmod(0o755)


def test_what_is_there_stays(places: tuple[Path, Path]) -> None:
    old, new = places
    write_tree(new, {"checkpoint": "own"})
    carry(old, new, ALL, tried=False)
    assert (new / "checkpoint").read_text() == "own"
    assert (new / "checkpoint-dir/step-2/w").exists()


def test_after_an_attempt_its_own_checkpoint_counts(places: tuple[Path, Path]) -> None:
    """A training that has gone on to checkpoint-7 and deleted what it was given does not get it again."""
    old, new = places
    write_tree(new, {"checkpoint-7": "own"})
    carry(old, new, ALL, tried=True)
    assert sorted(read_tree(new)) == ["checkpoint-7", "config"]
    (new / "checkpoint-7").unlink()  # nothing of its own: from the stage below again
    carry(old, new, ALL, tried=True)
    assert (new / "checkpoint").read_text() == "weights"


def test_a_copy_that_was_cut_off(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a file or directory never gets its name, and the space is freed."""
    old, new = places

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_clone", full)
        with pytest.raises(OSError, match="No space"):
            carry(old, new, ALL, tried=False)
    assert sorted(read_tree(new)) == ["config"]
    write_tree(new, {".carrying/copy/step-1/w": "ha"})  # killed while it copied
    carry(old, new, ALL, tried=False)
    assert read_tree(new) == {"config": b"x: 1"} | {name: text for name, text in read_tree(old).items() if name.startswith("checkpoint")}


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_later_copy_that_was_cut_off(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    """An attempt has left nothing, and what comes before the next one ends after the first of two: then it is no own one."""
    old, new = places
    real = module._copy_file

    def once(source: Path, target: Path) -> None:
        if "step" in str(source):
            raise fault
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_copy_file", once)
        with pytest.raises(type(fault)):
            carry(old, new, ALL, tried=True)
    assert sorted(read_tree(new)) == ["checkpoint", "config"]
    carry(old, new, ALL, tried=True)
    assert sorted(read_tree(new)) == ["checkpoint", "checkpoint-dir/step-1/w", "checkpoint-dir/step-2/w", "config"]
    assert not (new / ".carrying").exists()


@pytest.mark.parametrize("fault", ["missing", "refuses", "copies half"])
def test_where_the_system_does_not_copy(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    old, new = places
    (old / "checkpoint").write_bytes(bytes(range(256)) * 5000)
    if fault == "missing":
        monkeypatch.delattr(os, "copy_file_range")
    else:
        real = os.copy_file_range

        def bad(source: int, target: int, _: int) -> int:
            real(source, target, 1000)
            if fault == "refuses":
                raise OSError(errno.EXDEV, "no")
            return 0

        monkeypatch.setattr(os, "copy_file_range", bad)
    carry(old, new, ALL, tried=False)
    assert (new / "checkpoint").read_bytes() == (old / "checkpoint").read_bytes()


def test_links(places: tuple[Path, Path], tmp_path: Path) -> None:
    """No link leads to what the stage below has; one that leads out leads to the same place."""
    old, new = places
    write_tree(tmp_path, {"data/x": "data"})
    write_tree(old, {"runs/v3/w": "v3"})
    links = {
        "checkpoint-latest": "checkpoint-dir/step-2",  # to something that is copied
        "checkpoint-absolute": str(old / "checkpoint"),
        "checkpoint-run": "runs/v3",  # to something that is not
        "checkpoint-log": "log",
        "checkpoint-dir/up": "..",  # out of what is copied, and round in a circle
        "checkpoint-dir/self": ".",
        "checkpoint-dir/data": "../../../../data",  # out of the search
        "checkpoint-data": str(tmp_path / "data"),
        "checkpoint-nothing": "gone",
    }
    for name, text in links.items():
        (old / name).symlink_to(text)
    os.mkfifo(old / "checkpoint-dir/pipe")
    carry(old, new, ALL, tried=False)
    assert (new / "checkpoint-latest").readlink() == Path("checkpoint-dir/step-2")
    assert (new / "checkpoint-absolute").readlink() == Path("checkpoint")
    assert (new / "checkpoint-run/w").read_text() == "v3"
    assert (new / "checkpoint-log").read_text() == "l"
    assert (new / "checkpoint-dir/self").resolve() == (new / "checkpoint-dir").resolve()
    assert (new / "checkpoint-dir/data/x").read_text() == (new / "checkpoint-data/x").read_text() == "data"
    left_out = ("checkpoint-dir/up", "checkpoint-nothing", "checkpoint-dir/pipe")
    assert not any(os.path.lexists(new / name) for name in left_out)
    shutil.rmtree(old)
    leads = [path for path in new.rglob("*") if path.is_symlink() and str(old) in os.path.realpath(path)]
    assert leads == []


def test_a_sibling_is_reached_from_one_stage_above(places: tuple[Path, Path]) -> None:
    old, new = places
    write_tree(old.parent, {"config-5/w": "sibling"})
    (old / "checkpoint-other").symlink_to("../config-5/w")
    carry(old, new, ("checkpoint-other",), tried=False)
    assert (new / "checkpoint-other").read_text() == "sibling"


def test_no_stage_below(tmp_path: Path) -> None:
    """Its directory is gone: there is nothing to take along."""
    new = write_tree(tmp_path / "new", {"config": "x"})
    carry(tmp_path / "gone", new, ALL, tried=False)
    assert sorted(read_tree(new)) == ["config"]
