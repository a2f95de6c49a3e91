"""An outcome that does not count makes room; a number in it is kept for the user."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.halving.settled import reopen
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import PENDING, RUNNING, completed, failed

SLOTS = [Slot(0, 0, c) for c in range(3)]


def test_what_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for slot, text in zip(SLOTS, ("completed: 0.2\n", "", "completed: 0.5\n"), strict=True):
        slot.path.mkdir(parents=True)
        (slot.path / "outcome").write_text(text)
    assert reopen(dict(zip(SLOTS, (RUNNING, PENDING, completed(b"0.5")), strict=True)))
    assert [path.name for path in sorted(SLOTS[0].path.iterdir())] == ["outcome.replaced-1"]
    assert list(SLOTS[1].path.iterdir()) == []
    assert (SLOTS[2].path / "outcome").exists()
    assert "bracket-0/stage-0/config-0: its outcome says 'completed: 0.2'" in capsys.readouterr().err


def test_all_have_ended() -> None:
    assert not reopen({SLOTS[0]: completed(b"1"), SLOTS[1]: failed("why")})
