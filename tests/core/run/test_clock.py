"""Files of tomorrow do not keep a search from its end."""

import os
import time

from ...conftest import Shell


def test_a_search_whose_clock_was_set_back(shell: Shell) -> None:
    search = shell.generate(1, 2)
    shell.snakemake("S", "bracket-0/stage-0/promotion")
    later = time.time() + 3600
    for path in search.rglob("*"):
        os.utime(path, (later, later))
    assert "had a time in the future" in shell.snakemake()
    assert shell.status()["complete"]
    assert all(path.stat().st_mtime < later for path in search.glob("bracket-*/stage-*/config-*/outcome"))
