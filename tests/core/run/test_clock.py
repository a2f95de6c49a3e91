"""Files of tomorrow do not keep a search from its end."""

import os
import time
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.run.clock import bring_back_from_the_future

from ...conftest import Shell, write_tree


def test_a_search_whose_clock_was_set_back(shell: Shell) -> None:
    search = shell.generate(1, 2)
    shell.snakemake("S", "bracket-0/stage-0/promotion")
    later = time.time() + 3600
    for path in search.rglob("*"):
        os.utime(path, (later, later))
    assert "had a time in the future" in shell.snakemake()
    assert shell.status()["complete"]
    assert all(path.stat().st_mtime < later for path in search.glob("bracket-*/stage-*/config-*/outcome"))


def test_files_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who shares a search may write its files, but only their owners may choose a time; and the disk may have a clock of its own."""
    plan, later, change = make_plan(Settings(0, 2)), time.time() + 3600, os.utime
    outcome = write_tree(tmp_path, {"bracket-0/stage-0/config-0/outcome": "completed: 1\n"}) / "bracket-0/stage-0/config-0/outcome"
    change(outcome, (later, later))
    disk = [0.0]

    def refused(path: Path, times: tuple[float, float] | None = None) -> None:
        if times is not None:
            raise PermissionError(1, "Operation not permitted", str(path))
        change(path, (time.time() + disk[0],) * 2)

    monkeypatch.setattr(os, "utime", refused)
    disk[0] = 1800.0
    assert "that of 1 could not be set to now: others own them" in bring_back_from_the_future(plan, tmp_path)
    disk[0] = 0.0
    assert "; it was set to now." in bring_back_from_the_future(plan, tmp_path)
    assert bring_back_from_the_future(plan, tmp_path) == ""
