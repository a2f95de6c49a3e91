"""What rows say together, on rows whose answer is known."""

import random
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
    pauses_of,
    progress_of,
    spans_of,
    working_seconds,
)
from hyperband_snakemake.report.importance import Importance, importances, varying
from hyperband_snakemake.report.space_figures import importance_bars
from hyperband_snakemake.report.statistics.correlation import spearman
from hyperband_snakemake.snapshot.rows import Row, Run

BLANK = Row(0, 0, 0, "", None, None, 1, 1, 1, "completed", None, None, None, None, 1, None, None, None, None, "n1")


def row(stage: int, config: int, result: float | None, *, root: int | None = None, rank: int = 1, begin: int = 0, seconds: float = 1.0,
        **parameters: object) -> Row:
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
    for rows in ([*born, *same], [*born, *opposite]):  # four in the same order are no proof, nor are four in the opposite one
        (pair,) = pairs_of(rows)
        assert pair.ends[0] < 0 < pair.ends[1]
        assert "could be chance" in pair_words(pair)


@pytest.mark.parametrize(("sign", "said"), [(1, "Budget 1 predicts budget 3 well"), (-1, "What is better at budget 1 is worse at budget 3")])
def test_enough_pairs_are_believed(sign: int, said: str) -> None:
    rows = [row(0, c, float(c)) for c in range(20)] + [row(1, c, sign * float(c), root=c) for c in range(20)]
    assert said in pair_words(pairs_of(rows)[0])
    assert "over 20 configurations (95 % interval" in pair_words(pairs_of(rows)[0])


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
    assert [(p.seconds, p.spent, p.best) for p in progress_of([running, again])] == [((8, 8), (1, 1), (0.5, 0.5))]


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


def test_none_is_a_level_and_values_keep_their_kinds() -> None:
    depth, flag = (None, 2, 3), (True, 1, "1")
    rows = [row(0, c, 0.0, depth=depth[c % 3], flag=flag[c % 3], clip=None if c % 4 else c / 7) for c in range(60)]
    found = {p.name: p for p in varying(rows)}
    assert found["depth"].levels == (None, 2, 3)
    assert found["flag"].levels == ('"1"', "1", "true")
    assert (found["clip"].numeric, len(found["clip"].values)) == (True, 15)
    assert found["clip = null"].levels == (False, True)
    shares = importances(list(found.values()), {r.path: float(r.parameters["depth"] is not None) for r in rows})
    assert shares["depth"].share > 0.3


def test_what_decides_is_important() -> None:
    rows = space()
    parameters = varying(rows)
    assert [p.name for p in parameters] == ["decides", "idle", "part"]
    assert len(parameters[2].values) == 40
    found = importances(parameters, birth_scores(rows))
    assert [name for name, one in found.items() if one.is_told] == ["decides"]
    decides = found["decides"]
    assert decides.low < decides.share <= decides.high
    assert decides.share > 0.9
    assert decides.better == "lower"
    assert found["idle"].share == pytest.approx(0, abs=0.05)
    assert found["idle"].low == found["part"].low == 0
    assert found == importances(parameters, birth_scores(rows))


@pytest.mark.parametrize("seed", range(3))
def test_chance_is_called_so(seed: int) -> None:
    """49 configurations of noise, of which the best always have something in common."""
    rng = random.Random(seed)
    rows = [row(0, c, rng.random(), **{name: rng.random() for name in "abcdef"}) for c in range(49)]
    found = importances(varying(rows), birth_scores(rows))
    assert not any(one.is_told or one.low for one in found.values())
    assert all(one.is_judged and one.better == "" for one in found.values())


def test_two_that_matter_only_together_are_found() -> None:
    rng = random.Random(1)
    rows = []
    for c in range(300):
        a, b, idle = rng.random(), rng.random(), rng.random()
        rows.append(row(0, c, (a - 0.5) * (b - 0.5) + 0.02 * rng.random(), a=a, b=b, idle=idle))
    found = importances(varying(rows), birth_scores(rows))
    assert {name: one.partners for name, one in found.items() if one.is_told} == {"a": ("b",), "b": ("a",)}
    assert min(found["a"].share, found["b"].share) > 0.5


def test_a_conditional_parameter_is_judged_among_those_that_have_it() -> None:
    """Having it says as much as the choice that it depends on, and counts for that choice."""
    rng = random.Random(2)
    rows = []
    for c in range(60):
        solver = rng.choice(["sgd", "adam"])
        more = {"momentum": rng.random()} if solver == "sgd" else {}
        rows.append(row(0, c, (solver == "sgd") + 0.2 * rng.random(), solver=solver, **more))
    found = importances(varying(rows), birth_scores(rows))
    assert [name for name, one in found.items() if one.is_told] == ["solver"]


def test_few_configurations_are_not_judged() -> None:
    rows = space(19)
    assert not any(one.is_judged or one.share for one in importances(varying(rows), birth_scores(rows)).values())
    some = [replace(one, parameters={k: v for k, v in one.parameters.items() if k != "part" or one.config < 18}) for one in space(40)]
    found = importances(varying(some), birth_scores(some))  # nine of them have it
    assert {name for name, one in found.items() if not one.is_judged} == {"part"}
    bars = importance_bars(found)
    assert bars["data"][0]["x"][bars["data"][0]["y"].index("part")] is None
    assert [note["text"] for note in bars["layout"]["annotations"] if note["y"] == "part"] == ["too few to judge"]


def test_an_interval_and_a_direction_are_drawn() -> None:
    rows = space()
    bar = importance_bars(found := importances(varying(rows), birth_scores(rows)))
    place = bar["data"][0]["y"].index("decides")
    one, errors = found["decides"], bar["data"][0]["error_x"]
    assert errors["arrayminus"][place] == pytest.approx(100 * (one.share - one.low))
    assert bar["data"][0]["marker"]["color"][place] == "--good"
    assert bar["data"][0]["marker"]["color"][bar["data"][0]["y"].index("idle")] == "--faint"
    assert "lower is better" in bar["layout"]["annotations"][place]["text"]


def test_the_same_results_have_the_same_score_and_no_structure() -> None:
    scores = birth_scores([row(0, c, result) for c, result in enumerate([0.5, 0.1, 0.5, 0.5, 0.9])])
    assert [scores[f"bracket-0/stage-0/config-{c}"] for c in range(5)] == [50, 0, 50, 50, 100]
    rows = [replace(one, result=0.5) for one in space()]
    assert set(birth_scores(rows).values()) == {50}
    assert not any(one.is_told or one.share for one in importances(varying(rows), birth_scores(rows)).values())


def test_seeds_are_no_parameters() -> None:
    names = {"seed": 1, "net.cv_seed": 1, "randomState": 1, "seed_length": 1, "lr": 1}
    rows = [row(0, c, float(c), **{name: c * value for name, value in names.items()}) for c in range(30)]
    assert [one.name for one in varying(rows)] == ["seed_length", "lr"]


def test_pauses_are_no_work() -> None:
    rows = [row(0, c, 0.0, begin=2 * c, seconds=2) for c in range(4)]
    later = [replace(one, runs=tuple(replace(run, start=run.start.replace("T00", "T09"), end=(run.end or "").replace("T00", "T09"))
                                     for run in one.runs)) for one in (row(0, c, 0.0, begin=2 * c, seconds=2) for c in range(4, 6))]
    spans = spans_of([*rows, *later])
    assert pauses_of(spans) == [(8, 9 * 3600 + 8)]
    assert working_seconds(spans) == 12
    assert mean_busy(spans) == 1
    assert pauses_of(spans_of(rows)) == []


@pytest.mark.parametrize(("direction", "better"), [(0.1, ""), (-0.7, "lower"), (0.7, "higher")])
def test_a_direction_is_said_where_it_is_most_of_what_is_explained(direction: float, better: str) -> None:
    """With many configurations even a valley has a slight direction that chance does not explain."""
    ends = (direction - 0.05, direction + 0.05)
    assert Importance(0.5, 0.45, 0.55, is_judged=True, is_told=True, direction=direction, direction_ends=ends).better == better
