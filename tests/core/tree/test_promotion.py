"""Where a configuration comes from is asked for each slot of a search: that must not take longer in a larger one."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.promotion import find_origin, find_other_origin, table_text

from ...conftest import write_tree

TABLE = table_text([(1, "0.5")])


def fail(*_: object) -> NoReturn:
    raise AssertionError("a directory was listed")


@pytest.mark.parametrize("is_redone", [False, True])
def test_no_directory_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_redone: bool) -> None:
    files = {"bracket-0/stage-0/promotion": TABLE, "bracket-0/stage-1/config-0/origin": "from: bracket-0/stage-0/config-2\n"}
    write_tree(tmp_path, files | ({"bracket-0/stage-0/promotion.replaced-1": TABLE} if is_redone else {}))
    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, fail)
    slot = Slot(0, 1, 0)
    assert find_origin(slot, tmp_path) == Slot(0, 0, 1)
    assert find_other_origin(slot, tmp_path) == (Slot(0, 0, 2) if is_redone else None)
