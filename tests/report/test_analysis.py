"""What rows say together, on rows whose answer is known."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from math import nan
from statistics import correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.report.analysis import (
    birth_scores,
    busy_of,
    mean_busy,
    pair_words,
    pairs_of,
    spans_of,
    spearman,
)
from hyperband_snakemake.report.importance import importances, varying
from hyperband_snakemake.snapshot.rows import Row, Run

BLANK = Row(0, 0, 0, "", None, None, 1, 1, 1, "completed", None, None, None, None, 1, None, None, None, None, "n1")


def row(stage: int, config: int, result: float | None, *, root: int | None = None, rank: int = 1, begin: int = 0, seconds: float = 1.0,
        **parameters: float | str) -> Row:
    path = f"bracket-0/stage-{stage}/config-{config}"
    stamp = "2026-01-01T00:00:{:02}Z".format
    return replace(BLANK, stage=stage, config=config, path=path, root=f"bracket-0/stage-0/config-{config if root is None else root}",
                   budget=3**stage, added_budget=3**stage, result=result, status="failed" if result is None else "completed", rank=rank if result is not None else None,
                   start=stamp(begin), end=stamp(int(begin + seconds)), seconds=seconds, total_seconds=seconds, parameters=parameters,
                   runs=(Run(stamp(begin), stamp(int(begin + seconds)), seconds, "n1", result is not None),))


@given(st.lists(st.integers(0, 5), min_size=2, max_size=8))
def test_spearman_is_one_with_itself_and_minus_one_reversed(values: list[int]) -> None:
    expected = pytest.approx(nan if len(set(values)) == 1 else 1.0, nan_ok=True)
    assert spearman(values, values) == expected
    assert -spearman(values, [-v for v in values]) == expected


def test_spearman_of_ties_is_the_correlation_of_their_mean_ranks() -> None:
    """By hand: ranks 1.5, 1.5, 3, 4 against 1, 2.5, 2.5, 4."""
    assert spearman([1, 1, 2, 3], [10, 20, 20, 40]) == pytest.approx(correlation([1.5, 1.5, 3, 4], [1, 2.5, 2.5, 4]))


def test_budgets_that_agree_and_that_do_not() -> None:
    born = [row(0, c, float(c)) for c in range(5)]
    same = [row(1, c, float(c), root=c) for c in range(4)]
    opposite = [row(1, c, -float(c), root=c) for c in range(4)]
    assert [(p.low, p.high, p.configurations, p.rho) for p in pairs_of([*born, *same])] == [(1, 3, 4, 1.0)]
    assert pairs_of([*born, *opposite])[0].rho == -1.0
    assert pairs_of([*born, *same[:3]]) == []  # three pairs say nothing
    assert "Budget 1 foretells budget 3" in pair_words(pairs_of([*born, *same])[0])
    assert "hardly" in pair_words(pairs_of([*born, *opposite])[0])


def test_runs_of_all_kinds_are_in_the_timeline() -> None:
    """What runs reaches until now, and each fold and each attempt has a span."""
    def run(begin: int, end: int | None, fold: str = "", good: bool = True) -> Run:
        stamp = "2026-01-01T00:00:{:02}Z".format
        return Run(stamp(begin), None if end is None else stamp(end), 0.0 if end is None else float(end - begin), "n1", good, fold)

    running = replace(row(0, 0, None), status="running", end=None, runs=(run(0, 4, "0-0"), run(5, None, "0-1")))
    again = replace(row(0, 1, 0.5), runs=(run(0, 3, good=False), run(4, 8)))
    zero = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    spans = spans_of([running, again], zero + 20)
    assert [(s.begin, s.end, s.lane, s.run.fold, s.running) for s in spans] == [
        (0, 4, 0, "0-0", False), (0, 3, 1, "", False), (4, 8, 0, "", False), (5, 20, 1, "0-1", True)]
    assert len(spans_of([running, again])) == 3


def test_a_lane_holds_one_training_at_a_time() -> None:
    rows = [row(0, c, 0.0, begin=begin, seconds=seconds) for c, (begin, seconds) in enumerate([(0, 4.5), (0, 2.5), (2, 3), (5, 2), (5, 2)])]
    spans = spans_of(rows)
    for one, two in product(spans, spans):
        assert one is two or one.lane != two.lane or one.end <= two.begin or two.end <= one.begin
    assert max(span.lane for span in spans) == 1
    assert max(busy_of(spans)[1]) == 2
    assert 1 < mean_busy(spans) < 2


def test_scores_are_ranks_among_those_born_together() -> None:
    rows = [row(0, c, float(c), rank=c + 1) for c in range(5)] + [row(0, 5, None)]
    assert list(birth_scores(rows).values()) == [0, 25, 50, 75, 100]


def test_scores_of_all_that_were_trained_alike_are_compared() -> None:
    """Proposals come in brackets of their own, often of one configuration: alone it would have no score."""
    alone = [replace(row(0, c, result), bracket=c, path=f"bracket-{c}") for c, result in enumerate([0.3, 0.1, 0.2])]
    assert birth_scores(alone) == {"bracket-1": 0, "bracket-2": 50, "bracket-0": 100}
    assert birth_scores(alone, maximize=True) == {"bracket-0": 0, "bracket-2": 50, "bracket-1": 100}


def test_a_few_different_numbers_are_a_scale_and_a_few_repeated_ones_are_levels() -> None:
    few = {p.name: p for p in varying([row(0, c, 0.0, real=c / 7, level=(1, 8)[c % 2]) for c in range(6)])}
    assert few["real"].numeric
    assert few["level"].levels == (1, 8)


def space(number: int = 80) -> list[Row]:
    """The first parameter decides, the second does nothing, the third is there for every other configuration."""
    rows = []
    for c in range(number):
        more = {"part": float(c * 37 % 11)} if c % 2 else {}
        rows.append(row(0, c, float(c), rank=c + 1, decides=c / number, idle="abc"[c * 7 % 3], same=1, **more))
    return rows


def test_what_decides_is_important() -> None:
    rows = space()
    parameters = varying(rows)
    assert [p.name for p in parameters] == ["decides", "idle", "part"]
    assert len(parameters[2].values) == 40
    shares = importances(parameters, birth_scores(rows))
    assert next(iter(shares)) == "decides"
    assert shares["decides"] > 0.6
    assert sum(shares.values()) == pytest.approx(1)
    assert shares == importances(parameters, birth_scores(rows))
