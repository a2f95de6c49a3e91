"""What is concluded in words, and what is not."""

import random
from dataclasses import replace
from pathlib import Path

from hyperband_snakemake.report.space_view import space_of
from hyperband_snakemake.report.verdicts import importance_words, proxy_words
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan

from ..synthetic import make
from .test_analysis import row


def test_importance_in_words(tmp_path: Path) -> None:
    snapshot, rng = scan(make(tmp_path / "S", 1, 3)), random.Random(0)
    rows = [row(0, c, c / 49 + 0.1 * rng.random(), lr=c / 49, idle=rng.random(), cv_seed=rng.random()) for c in range(49)]
    rows += [row(0, 49, None, lr=2.0, idle=0.5, cv_seed=0.5)]
    words = importance_words(space_of(snapshot, rows), rows)
    assert words[0].startswith("lr explains most: ")
    assert words[1:] == [
        "idle may matter as well, but these results do not show it.",
        "1 of 50 configurations failed and are left out here, not under Failures.",
        "Random seeds do not count as hyper-parameters and are left out: cv_seed.",
    ]
    same = [replace(one, result=0.5) for one in rows[:49]]
    assert importance_words(space_of(snapshot, same), same)[0] == "All results at the same budget are the same, so no parameter matters in them."
    assert importance_words(space_of(snapshot, rows[:12]), rows[:12])[0].startswith("Too few configurations have a result")
    noise = [replace(one, result=rng.random()) for one in rows[:49]]
    assert importance_words(space_of(snapshot, noise), noise)[0] == "No parameter stands out from chance with 49 configurations."


def test_four_pairs_predict_nothing(tmp_path: Path) -> None:
    """However well they agree."""
    snapshot = scan(make(tmp_path / "S", 2, 3))
    words = " ".join(proxy_words(snapshot, make_rows(snapshot)))
    assert "predicts budget 3 to some" not in words
    assert "could be chance" in words or "Fewer than four configurations have results" in words
