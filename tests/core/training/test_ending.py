"""Which processes belong to a training run, and how they are ended."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyperband_snakemake.core.disk.processes import children_below
from hyperband_snakemake.core.training import ending
from hyperband_snakemake.core.training.ending import end_leftovers, end_survivors, survivors
from hyperband_snakemake.core.tree.layout import Slot

SLOT = Slot(0, 0, 0)
HOLD = 'exec 199>>"$RECORD"; echo; sleep 1000; true'


@pytest.fixture
def slot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = SLOT.path.absolute()
    (path.parent / "attempts").mkdir(parents=True)
    path.mkdir()
    return path


@contextmanager
def holder(slot: Path, *arguments: str, script: str = HOLD, run: str = "a-1-1") -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the record of a slot."""
    env = os.environ | {"RECORD": str(slot.parent / "attempts/config-0")} | ({"HYBAND_RUN": run} if run else {})
    command = ["bash", "-c", script, *arguments]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield process
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_survivors(slot: Path) -> None:
    """Whoever just looks at the record is none, and what is watched needs nobody else."""
    assert survivors(slot) == []
    with holder(slot, run=""):
        assert survivors(slot) == []
        with holder(slot) as one:
            assert one.pid in survivors(slot)
            for words in (["hyperband", "train", "0"], ["x", "hyperband/train.sh"]):
                with holder(slot, *words):
                    assert survivors(slot) == []


@pytest.mark.parametrize("script", [HOLD, f"trap '' TERM; {HOLD}", HOLD.replace("echo;", "echo; kill -STOP $$;")])
def test_survivors_end(slot: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "GRACE", 0.1)
    with holder(slot, script=script), holder(slot, run="") as other:
        end_survivors(slot)
        assert survivors(slot) == []
        assert other.poll() is None


def test_a_shell_is_asked_before_what_it_has_started(slot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever order they are found: it would continue with its next command."""
    with holder(slot) as shell:
        while not (children := children_below(shell.pid)[shell.pid]):
            pass
        found = [*children, shell.pid]
        asked: list[int] = []
        monkeypatch.setattr(ending, "_send", lambda pid, _number: asked.append(pid))
        ending._end(lambda: [] if asked else found, 1)
        assert asked == found[::-1]


def test_leftovers_are_those_of_this_run(slot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBAND_RUN", "a-1-1")
    with holder(slot) as own, holder(slot, run="a-2-2") as other:
        end_leftovers(SLOT)
        assert own.wait() == -signal.SIGTERM
        assert other.poll() is None
