"""A file system that cannot read for a moment: nothing is decided for good as if the file were missing."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core import promote
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.training import attempt, verdict
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import Status
from hyperband_snakemake.core.tree.planfile import plan_to_json

from ...conftest import write_tree

SLOT = Slot(0, 0, 0)
ENDED = '{"attempt": 1, "exit": 0, "result": "0.5", "reason": ""}\n'


@pytest.fixture
def stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it with the names of files in the search (the current directory) that cannot be read from now on."""
    monkeypatch.chdir(tmp_path)
    names, really = set[str](), os.open

    def open_(path: Any, *flags: Any, **more: Any) -> int:
        if any(str(path).endswith(name) for name in names):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(path))
        return really(path, *flags, **more)

    monkeypatch.setattr(os, "open", open_)
    write_tree(tmp_path, {"plan.json": plan_to_json(make_plan(Settings(1, 2)).select((0,)))})

    def make(*wanted: str) -> None:
        names.clear()
        names.update(wanted)

    return make


def test_a_record_that_cannot_be_read_is_not_empty(stale: Callable[..., None]) -> None:
    """Or the configuration would be trained again."""
    write_tree(Path(), {"bracket-0/stage-0/attempts/config-0": ENDED})
    stale("attempts/config-0")
    with pytest.raises(OSError, match=r"Stale file handle: .*attempts/config-0"):
        verdict.known(SLOT.path)
    stale()
    assert verdict.known(SLOT.path).result == 0.5


def test_a_configuration_that_cannot_be_read_is_not_lost(stale: Callable[..., None]) -> None:
    write_tree(Path(), {"bracket-0/proposal": '{"configurations": [{"config": "x: 1\\n"}, {"config": "x: 2\\n"}]}'})
    stale("bracket-0/proposal")
    with pytest.raises(OSError, match="bracket-0/proposal"):
        verdict.ensure_config(SLOT)
    stale()
    assert verdict.ensure_config(SLOT) is None


def test_results_that_cannot_be_read_lose_no_promotion(stale: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """They were put there by hand, so no record has them."""
    slots = {f"bracket-0/stage-0/config-{c}": f"{c}\n" for c in range(2)}
    write_tree(Path(), {f"{path}/config": f"x: {text}" for path, text in slots.items()})
    write_tree(Path(), {f"{path}/result": text for path, text in slots.items()})
    stale("config-0/result", "config-0/outcome")
    with pytest.raises(OSError, match="config-0/result"):
        promote.main(["0", "0"])
    with pytest.raises(OSError, match="config-0/result"):
        verdict.by_hand(SLOT.path)
    stale()
    assert promote.main(["0", "0"]) == 0
    assert "1 of 2 promoted" in capsys.readouterr().out
    assert Path("bracket-0/stage-1/config-0/config").read_text() == "x: 0\n"


def test_a_result_that_another_host_renames_just_now_is_waited_for(stale: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(Path(), {"bracket-0/stage-0/config-0/result": "0.5\n"})
    stale("config-0/result")
    monkeypatch.setattr(attempt.time, "sleep", lambda _: stale())  # by the next look
    assert attempt.judge(SLOT.path, 1, 0)[0].result == 0.5
    (SLOT.path / "result").unlink()
    (SLOT.path / "result").mkdir()
    assert attempt.judge(SLOT.path, 1, 0)[0].status is Status.FAILED
