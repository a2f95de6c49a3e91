"""The last lines of a run."""

from fractions import Fraction
from pathlib import Path

from hyperband_snakemake.core.halving.best import best_text
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import completed

from ...conftest import write_tree

RANKED = [(Fraction(3), Slot(0, 1, 0), completed(b"0.25")), (Fraction(1), Slot(0, 0, 2), completed(b"0.5"))]


def test_the_copy_is_named_where_it_is_one(tmp_path: Path) -> None:
    best = "bracket-0/stage-1/config-0/config"
    write_tree(tmp_path, {best: "x: 1\n", "config": "x: 1\n"})
    lines = best_text(RANKED, tmp_path, Path("S")).splitlines()
    assert lines == ["Best configurations:", "  1. 0.25 - S/bracket-0/stage-1/config-0 (budget 3)",
                     "  2. 0.5 - S/bracket-0/stage-0/config-2 (budget 1)", "The best one is copied to S/config"]


def test_a_run_of_a_part_names_no_copy(tmp_path: Path) -> None:
    write_tree(tmp_path, {"bracket-0/stage-1/config-0/config": "x: 1\n"})
    assert "copied" not in best_text(RANKED, tmp_path, Path("S"))
    write_tree(tmp_path, {"config": "x: of an earlier best\n"})
    assert "copied" not in best_text(RANKED, tmp_path, Path("S"))
