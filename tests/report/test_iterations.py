"""Which brackets belong together, by what was done to a plan."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.tree.proposals import Learner, SamplerFile
from hyperband_snakemake.planning.growth import at_full_budget, longer, more_brackets
from hyperband_snakemake.report.iterations import groups_of
from hyperband_snakemake.report.verdicts import proxy_words
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import Snapshot, scan

from ..synthetic import make


def names(plan: Plan, sampling: SamplerFile | None = None) -> list[tuple[str, tuple[int, ...]]]:
    return [(group.name, group.brackets) for group in groups_of(Snapshot(Path(), plan, (), sampling=sampling))]


PLAN = make_plan(Settings(2, 3))
TPE = SamplerFile(learners={b: Learner("tpe", 0.0, (0,)) for b in range(3, 9)})


@pytest.mark.parametrize(("plan", "expected"), [
    (PLAN, [("Iteration 1", (0, 1, 2))]),
    (make_plan(Settings(2, 3, repeat=2)), [("Iteration 1", (0, 1, 2)), ("Iteration 2", (3, 4, 5))]),
    (make_plan(Settings(3, 3, last_stage=0)), [("Iteration 1", (0, 1, 2, 3))]),
    (PLAN.select([1]), [("Iteration 1", (1,))]),
    (more_brackets(PLAN.select([1]), [1]), [("Iteration 1", (1,)), ("Iteration 2", (4,))]),
    (longer(PLAN), [("Iteration 1", (0, 1, 2, 3))]),
    (at_full_budget(PLAN, [2]), [("Iteration 1", (0, 1, 2)), ("Added at budget 9", (3,))]),
    (at_full_budget(PLAN.select([1]), [1]), [("Iteration 1", (1,)), ("Added at budget 9", (2,))]),
])
def test_groups(plan: Plan, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert names(plan) == expected


def test_what_a_model_proposed_beside_iterations_is_a_group() -> None:
    refined = at_full_budget(PLAN, [2, 2, 1])
    assert names(refined, TPE) == [("Iteration 1", (0, 1, 2)), ("Proposed by tpe at budget 9", (3, 4, 5))]
    assert names(more_brackets(PLAN, [], repeat=1), TPE)[1] == ("Iteration 2", (3, 4, 5))


def verdicts(snapshot: Snapshot) -> list[str]:
    return [words for words in proxy_words(snapshot, make_rows(snapshot)) if "SMAX" in words]


def test_smaller_plans_are_replayed(tmp_path: Path) -> None:
    """Whatever numbers the brackets have; one of a single configuration has the best by luck only."""
    plan = make_plan(Settings(2, 3))
    later = Plan(plan.settings, tuple(replace(bracket, index=10 + bracket.index) for bracket in plan.brackets))
    one, other = scan(make(tmp_path / "S", 2, 3, plan=plan)), scan(make(tmp_path / "T", 2, 3, plan=later))
    assert verdicts(one) == verdicts(other)
    (words,) = verdicts(one)
    assert re.findall(r"(\d) \(\d+ %", words) == ["1", "0"]
    assert "very likely enough" not in words
    learned = replace(other, sampling=SamplerFile(learners={b.index: Learner("tpe", 0.0, ()) for b in later.brackets}))
    assert verdicts(learned) == []


def test_only_a_whole_search_is_replayed(tmp_path: Path) -> None:
    part = scan(make(tmp_path / "S", 2, 3, plan=make_plan(Settings(2, 3)).select([0, 1])))
    again = scan(make(tmp_path / "T", 1, 3, plan=more_brackets(make_plan(Settings(1, 3)), [], repeat=1)))
    unfinished = scan(make(tmp_path / "U", 2, 3, done=0.9))
    assert verdicts(part) == verdicts(again) == verdicts(unfinished) == []
