"""Whether a directory may be used for a new search."""

import fcntl
import json
import os
import threading
import time
from pathlib import Path

import pytest

from hyperband_snakemake.core.run import lock
from hyperband_snakemake.errors import DirectoryInUse
from hyperband_snakemake.writing.place import refuse_if_used

from ..conftest import write_tree


def test_a_run_on_a_host_whose_clock_is_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps touching the file with its own time, so that the file looks old here; the file system shares no locks."""
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    monkeypatch.setattr(lock, "LOOK", 0.01)
    holder = json.dumps({"host": "elsewhere", "pid": 1, "since": "2026-01-01 00:00:00", "run": "r"})
    search = write_tree(tmp_path, {"S/Snakefile": "", "S/bracket-0/stage-0/config-0/config": "1", "S/run.lock": holder}) / "S"
    skewed, ended = time.time() - 600, threading.Event()
    os.utime(search / "run.lock", (skewed, skewed))

    def beat() -> None:
        while not ended.wait(0.02):
            os.utime(search / "run.lock", (skewed + 1, skewed + 1))

    other = threading.Thread(target=beat)
    other.start()
    try:
        with pytest.raises(DirectoryInUse, match="is being run by snakemake, process 1 on elsewhere"):
            refuse_if_used(search, overwrite=True)
    finally:
        ended.set()
        other.join()
    assert (search / "run.lock").read_text() == holder
    monkeypatch.setattr(lock, "DEAD_AFTER", 0.05)
    refuse_if_used(search, overwrite=True)  # it has ended
