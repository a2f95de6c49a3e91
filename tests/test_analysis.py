"""Numbers that the report is made of."""

from dataclasses import replace

import pytest

from hyperband_snakemake.analysis import (
    best_over_time,
    failing_regions,
    importance,
    spearman,
    stage_correlations,
    workers,
)
from hyperband_snakemake.rows import Row

BLANK = Row(0, 0, 0, "", None, None, 1, 1, "completed", None, None, None, None, 1, None, None, None, None, "n1")


def row(c: int, result: float | None, *, stage: int = 0, root: int | None = None, rank: int | None = None, **parameters: object) -> Row:
    return replace(
        BLANK, stage=stage, config=c, path=f"bracket-0/stage-{stage}/config-{c}", budget=3**stage, result=result, rank=rank,
        root=f"bracket-0/stage-0/config-{c if root is None else root}", status="failed" if result is None else "completed",
        start=f"2026-01-01T00:{c:02}:00Z", end=f"2026-01-01T00:{c + 2:02}:00Z", parameters=parameters,
    )


def test_spearman_of_known_values() -> None:
    assert spearman([1, 2, 3, 4], [1, 2, 3, 4]) == 1
    assert spearman([1, 2, 3, 4], [8, 4, 2, 1]) == -1
    assert spearman([1, 1, 1], [1, 2, 3]) is None
    assert spearman([1, 2, 2, 3], [1, 3, 2, 4]) == pytest.approx(0.948683, abs=1e-6)  # scipy.stats.spearmanr


def test_stages_are_compared_over_the_same_configurations() -> None:
    rows = [row(c, c / 10) for c in range(6)] + [row(i, 1 - c / 10, stage=1, root=c) for i, c in enumerate((0, 2, 4))]
    assert stage_correlations(rows) == [{"bracket": 0, "low": 1, "high": 3, "n": 3, "rho": -1.0}]


def test_importance_tells_what_matters_from_what_does_not() -> None:
    rows = [row(c, c / 20, rank=c + 1, lr=c // 10, seed=c % 2) for c in range(20)]
    (first, large), (second, small) = importance(rows)
    assert (first, second) == ("lr", "seed")
    assert large > 0.7
    assert small < 0.1


def test_a_parameter_that_is_absent_in_some_is_a_group() -> None:
    rows = [row(c, c / 20, rank=c + 1, **({"momentum": 0.9} if c < 10 else {})) for c in range(20)]
    assert importance(rows)[0][0] == "momentum"


def test_best_over_time_keeps_budgets_apart() -> None:
    rows = [row(0, 0.5), row(1, 0.7), row(2, None), row(3, 0.2), row(4, 0.9, stage=1)]
    small, large = best_over_time(rows)
    assert small == {"budget": 1, "points": [[1, 120, 0.5, rows[0].path], [4, 300, 0.2, rows[3].path]]}
    assert large == {"budget": 3, "points": [[7, 360, 0.9, rows[4].path]]}


def test_failures_are_placed() -> None:
    rows = [row(c, None if c < 10 else 0.1, lr="large" if c < 12 else "small", net=c % 2) for c in range(40)]
    assert [(r["parameter"], r["value"], r["failed"], r["of"]) for r in failing_regions(rows)] == [("lr", "large", 10, 12)]


def test_workers() -> None:
    assert workers([]) is None
    assert workers([row(0, 1.0), row(1, 1.0)]) == {"most": 2, "mean": round(240 / 180, 2), "share": 0.667, "seconds": 180}
