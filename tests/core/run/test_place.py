"""The place of a training run: taken by train.sh or train.py, free when and only when what held it has ended."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan.gpus import groups
from hyperband_snakemake.core.run.place import give_place_back, read_places, take_place, users
from hyperband_snakemake.core.tree import environment
from hyperband_snakemake.core.tree.layout import Slot

from ...conftest import ROOT
from ...helpers import kill_all, wait_for

PLACE = ROOT / "src/hyperband_snakemake/core/place.sh"
TAKE = f'slot=S; . "{PLACE}"; take_place && echo "$HYBAND_SLOT $CUDA_VISIBLE_DEVICES $HYBAND_HOLDS"; '


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory of places: two without GPUs, unless a test says more; what this process takes, it gives back."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "places 'n'"
    place.mkdir()
    known = {environment.PLACES: str(place), environment.PLACE_COUNT: "2", environment.GPUS: "", environment.PER_GPU: "1",
             environment.SLOT: "", environment.HOLDS: "", environment.GPU_VARIABLES: "CUDA_VISIBLE_DEVICES"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    yield place
    give_place_back()


def with_gpus(monkeypatch: pytest.MonkeyPatch, gpus: str, per_gpu: int, per_run: int) -> None:
    found = groups(gpus.split(), per_run)
    monkeypatch.setenv(environment.GPUS, " ".join(found))
    monkeypatch.setenv(environment.PER_GPU, str(per_gpu))
    monkeypatch.setenv(environment.PLACE_COUNT, str(len(found) * per_gpu))


def bash(then: str = "read", **env: str) -> "subprocess.Popen[str]":
    """A train.sh, so far as its place is concerned, that does this ``then``."""
    return subprocess.Popen(["bash", "-c", TAKE + then], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env=os.environ | env, start_new_session=True)  # fmt: skip


def taken(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def take() -> str:
    """Take a place in this process, as train.py does."""
    os.environ[environment.SLOT] = ""
    take_place(Slot(0, 0, 0))
    return " ".join(os.environ[name] for name in (environment.SLOT, "CUDA_VISIBLE_DEVICES", environment.HOLDS))


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("gpus", "per_gpu", "per_run", "expected"),
    [
        ("", 1, 1, ["0  slot-0", "1  slot-1"]),
        ("2 5", 1, 1, ["0 2 gpu-2", "1 5 gpu-5"]),
        ("2 5", 2, 1, ["0 2 gpu-2.0", "1 5 gpu-5.0", "2 2 gpu-2.1", "3 5 gpu-5.1"]),
        ("0 1 2 3 4", 1, 2, ["0 0,1 gpu-0 gpu-1", "1 2,3 gpu-2 gpu-3"]),
        ("0 1", 2, 2, ["0 0,1 gpu-0.0 gpu-1.0", "1 0,1 gpu-0.1 gpu-1.1"]),
    ],
)
def test_both_programs_take_the_same_places(
    monkeypatch: pytest.MonkeyPatch, gpus: str, per_gpu: int, per_run: int, expected: list[str]
) -> None:
    """In turns: what one of them has, the other does not take."""
    if gpus:
        with_gpus(monkeypatch, gpus, per_gpu, per_run)
    processes = []
    for number, place in enumerate(expected):
        if number % 2:
            assert take() == place
        else:
            processes.append(bash())
            assert taken(processes[-1]) == place
    with bash("true") as none:
        assert taken(none) == ""
    for process in processes:
        process.communicate("\n")


@pytest.mark.usefixtures("directory")
def test_who_wants_a_gpu_alone_shares_it_with_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches of one user may divide the same GPUs in different ways."""
    with_gpus(monkeypatch, "0 1", 2, 1)
    sharing = bash()
    assert taken(sharing) == "0 0 gpu-0.0"
    with_gpus(monkeypatch, "0 1", 1, 1)
    alone = bash()
    assert taken(alone) == "1 1 gpu-1"
    with_gpus(monkeypatch, "0 1", 2, 1)
    assert take() == "2 0 gpu-0.1"
    for process in (sharing, alone):
        process.communicate("\n")


@pytest.mark.usefixtures("directory")
def test_a_child_that_lives_on_holds_the_place() -> None:
    """kill -9 to train.sh alone."""
    with bash("sleep 1000 & echo $!; wait") as first:
        assert taken(first) == "0  slot-0"
        child = int(taken(first))
        first.kill()
    assert take() == "1  slot-1"
    os.kill(child, 9)


def test_what_was_killed_whole_holds_nothing(directory: Path) -> None:
    """Its file is not empty, so train.sh leaves it to train.py."""
    with bash("sleep 1000 & wait") as first:
        assert taken(first) == "0  slot-0"
        kill_all(first)
    assert "process" in (directory / "slot-0").read_text()
    second = bash()
    assert taken(second) == "1  slot-1"
    second.communicate("\n")
    wait_for(lambda: not users(directory, "slot-0"))  # what is killed takes a moment to end
    assert take() == "0  slot-0"
    give_place_back()
    assert (directory / "slot-0").read_text() == ""


def test_a_survivor_without_the_lock_holds_the_place(directory: Path) -> None:
    """Python closes what it inherits in whatever it starts: then the environment tells."""
    with bash("sleep 1000 198>&- & echo $!; kill -9 $$") as first:
        assert taken(first) == "0  slot-0"
        child = int(taken(first))
    wait_for(lambda: users(directory, "slot-0") == [child])  # it has begun
    assert take() == "1  slot-1"
    give_place_back()
    os.kill(child, 9)
    wait_for(lambda: not users(directory, "slot-0"))
    assert take() == "0  slot-0"


def test_a_place_that_is_given_back_is_the_next_one(directory: Path) -> None:
    for _ in range(2):
        process = bash("give_place_back")
        assert taken(process) == "0  slot-0"
        process.communicate()
        assert (directory / "slot-0").read_text() == ""


@pytest.mark.usefixtures("directory")
def test_without_gpus_nobody_waits() -> None:
    processes = [bash(), bash()]
    assert sorted(map(taken, processes)) == ["0  slot-0", "1  slot-1"]
    assert take() == "2  slot-2"
    for process in processes:
        process.communicate("\n")


def test_a_file_that_was_deleted_is_no_place(directory: Path) -> None:
    """What is locked must be what others find there."""
    first = bash()
    assert taken(first) == "0  slot-0"
    (directory / "slot-0").unlink()
    assert take() == "0  slot-0"
    second = bash()
    assert taken(second) == "1  slot-1"
    for process in (first, second):
        process.communicate("\n")


def test_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.PLACES, raising=False)
    assert read_places() is None
    take_place(Slot(0, 0, 0))
