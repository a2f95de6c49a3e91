"""`hyband report --watch`: pages until the search is complete."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hyperband_snakemake.cli import cli

from ..synthetic import make


def test_watch_writes_pages_until_the_search_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a search that runs loads itself again; the last one does not."""
    search, page = make(tmp_path / "S", 2, 2, done=0.5), tmp_path / "page.html"
    seen = []

    def pass_time(seconds: float) -> None:
        found = re.search(r'"every":([\d.]+|null)', page.read_text(encoding="utf-8"))
        assert found
        seen.append(found[1])
        assert seconds >= 7
        make(search, 2, 2)

    monkeypatch.setattr("time.sleep", pass_time)
    done = CliRunner().invoke(cli, ["report", str(search), "-o", str(page), "--watch", "--every", "7"], catch_exceptions=False)
    assert done.exit_code == 0
    assert seen == ["7.0"]
    assert '"every":null' in page.read_text(encoding="utf-8")
    assert "The search is complete." in done.output


def test_every_needs_watch(tmp_path: Path) -> None:
    make(tmp_path / "S", 1, 2)
    done = CliRunner().invoke(cli, ["report", str(tmp_path / "S"), "--every", "3"])
    assert "expected --watch" in str(done.exception)
