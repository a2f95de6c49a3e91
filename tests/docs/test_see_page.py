"""What docs/see.md shows for a notebook can be typed there."""

import re
from pathlib import Path

import pytest

from ..conftest import ROOT
from ..synthetic import make

PAGE = (ROOT / "docs/see.md").read_text(encoding="utf-8")


def test_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path / "my-search", 3, 3)
    monkeypatch.chdir(tmp_path)
    block = next(b for b in re.findall(r"(?ms)^```python\n(.*?)^```", PAGE) if 's = hb.load("my-search")' in b)
    typed: dict = {}
    exec(block, typed)
    assert typed["s"].best.result is not None
    assert len(typed["s"].top(5, stage=0)) == 5
    assert capsys.readouterr().out == f"{typed['plan']}\n"
