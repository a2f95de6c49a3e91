"""Slots that nothing was found for: only where a proposal, which is final, says so."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.configurations import is_left_empty
from hyperband_snakemake.core.tree.layout import Slot

from ...conftest import write_tree


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        (json.dumps({"configurations": [{"config": "x: 1\n"}]}), [False, True, True]),
        (json.dumps({"configurations": []}), [True, True, True]),
        (json.dumps({"configurations": None}), [False, False, False]),
        ("edited", [False, False, False]),
        (None, [False, False, False]),
    ],
)
def test_beyond_the_end_of_a_proposal(tmp_path: Path, text: str | None, empty: list[bool]) -> None:
    if text is not None:
        write_tree(tmp_path, {"bracket-1/proposal": text})
    assert [is_left_empty(Slot(1, 0, config), tmp_path) for config in range(3)] == empty
    assert not is_left_empty(Slot(1, 1, 2), tmp_path), "later stages are filled by promotions"
    assert not is_left_empty(Slot(0, 0, 2), tmp_path)
