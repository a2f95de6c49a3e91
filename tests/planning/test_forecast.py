"""`hyband plan`: every number by hand, and the time it takes as a real run shows it."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Plan, PlanError, Settings, brackets_for, make_plan
from hyperband_snakemake.core.run.rules import Rules
from hyperband_snakemake.core.tree.planfile import plan_from_json, plan_to_json
from hyperband_snakemake.core.tree.proposals import Learner, SamplerFile
from hyperband_snakemake.planning.fit import fit
from hyperband_snakemake.planning.forecast import files, kept
from hyperband_snakemake.planning.growth import at_full_budget
from hyperband_snakemake.planning.recipe import recipe_of
from hyperband_snakemake.planning.simulate import PROPOSED, critical_path, simulate
from hyperband_snakemake.planning.turns import turns
from hyperband_snakemake.writing.learners import learners_of, waits_of, waits_while_growing

from ..conftest import Shell


def shape(plan: Plan) -> list[list[tuple[int, Fraction]]]:
    return [[(stage.configurations, stage.budget) for stage in bracket.stages] for bracket in plan.brackets]


def test_json_has_all_sums(shell: Shell) -> None:
    words = ["plan", "--fit-cost", "500", "-r", "2", "-k", "10", "-t", "0.0028", "--disk-per-config", "200MB", "--workers", "32", "--json"]
    data = json.loads(shell.run("hyband", *words))
    assert (data["smax"], data["eta"], data["trainings"], data["budget"], data["critical_bracket"]) == (5, 3, 611, 8457, 0)
    assert [data[name] for name in ("cost", "critical_path", "wall")] == pytest.approx([426.2328, 18.3456, 21.672])
    assert data["busy"] == pytest.approx(8457 / (32 * 430))
    assert (data["disk"], data["disk_after_clean_up"], data["files"]) == (611 * 200_000_000, 210 * 200_000_000, 3299)
    assert [bracket["budget"] for bracket in data["brackets"]] == [1458, 1338, 1287, 1458, 1458, 1458]
    assert [bracket["trainings"] for bracket in data["brackets"]] == [364, 144, 59, 26, 12, 6]
    assert (data["next_larger"]["smax"], data["next_larger"]["trainings"]) == (6, 1806)
    data = json.loads(shell.run("hyband", "plan", "1", "2", "--resume", "--json"))
    assert data["brackets"][0]["stages"][1] == {"stage": 1, "configurations": 1, "budget": 2, "added": 1, "budget_in_all": 1, "cost": 1}
    assert (data["budget"], data["budget_without_resume"], data["cost_without_resume"]) == (7, 8, 8)


def test_a_budget_of_one_hundred() -> None:
    """R = 100, r = 1, eta = 3: 3^4 = 81 fits into 100, so there are five brackets and the smallest budget is 100/81."""
    plan = make_plan(Settings(brackets_for(Fraction(100), Fraction(1), 3), 3, max_budget=Fraction(100)))
    hundred = [Fraction(100, 3**k) for k in range(5)]
    assert shape(plan) == [
        [(81, hundred[4]), (27, hundred[3]), (9, hundred[2]), (3, hundred[1]), (1, hundred[0])],
        [(34, hundred[3]), (11, hundred[2]), (3, hundred[1]), (1, hundred[0])],
        [(15, hundred[2]), (5, hundred[1]), (1, hundred[0])],
        [(8, hundred[1]), (2, hundred[0])],
        [(5, hundred[0])],
    ]
    assert plan.budget == 500 + Fraction(34 * 100, 27) + Fraction(1100, 9) + 200 + Fraction(1500, 9) + Fraction(500, 3) + 100 + Fraction(800, 3) + 200 + 500
    assert critical_path(plan)[1] == sum(hundred)


def test_a_fraction_of_the_data() -> None:
    plan = make_plan(Settings(brackets_for(Fraction(1), Fraction(1, 81), 3), 3, max_budget=Fraction(1)))
    assert [stage.budget for stage in plan.brackets[0].stages] == [Fraction(1, 81), Fraction(1, 27), Fraction(1, 9), Fraction(1, 3), 1]


def test_bracket_sizes() -> None:
    sizes = {name: [b.stages[0].configurations for b in make_plan(Settings(4, 3, bracket_sizes=name)).brackets] for name in ("paper", "floor")}
    assert sizes == {"paper": [81, 34, 15, 8, 5], "floor": [81, 27, 9, 6, 5]}


def test_integer_budgets() -> None:
    plan = make_plan(Settings(4, 3, max_budget=Fraction(100), integer_budgets=True))
    assert [stage.budget for stage in plan.brackets[0].stages] == [1, 4, 11, 33, 100]
    assert plan.brackets[0].cost == 81 + 27 * 4 + 9 * 11 + 3 * 33 + 100
    with pytest.raises(PlanError, match="the same budget"):
        make_plan(Settings(4, 3, max_budget=Fraction(10), integer_budgets=True))
    with pytest.raises(PlanError, match="a whole number"):
        make_plan(Settings(1, 3, max_budget=Fraction("4.5"), integer_budgets=True))
    with pytest.raises(PlanError, match=r"guaranteed_budget is .* whole number"):
        make_plan(Settings(1, 3, guaranteed_budget=Fraction("0.5"), integer_budgets=True))


@given(st.integers(2, 5), st.fractions(Fraction(1, 1000), 1000), st.fractions(Fraction(1, 1000), 1000))
def test_the_largest_budget_is_reached_and_none_is_below_the_smallest(eta: int, one: Fraction, two: Fraction) -> None:
    smallest, largest = sorted((one, two))
    smax = brackets_for(largest, smallest, eta)
    if eta**smax > 10**4:
        return
    plan = make_plan(Settings(smax, eta, max_budget=largest))
    budgets = [stage.budget for bracket in plan.brackets for stage in bracket.stages]
    assert {bracket.stages[-1].budget for bracket in plan.brackets} == {largest}
    assert min(budgets) >= smallest
    assert min(budgets) / eta < smallest or smax == 20


def test_resuming_costs_what_is_added() -> None:
    """3 3 with --resume: above stage 0 a stage costs two thirds. Bracket 0: 27 + 18 + 18 + 18 = 81 instead of 108."""
    plan = make_plan(Settings(3, 3, resume=True))
    assert [stage.cost for stage in plan.brackets[0].stages] == [27, 9 * 2, 3 * 6, 18]
    assert [bracket.cost for bracket in plan.brackets] == [81, 12 * 3 + 4 * 6 + 18, 6 * 9 + 2 * 18, 4 * 27]
    assert make_plan(Settings(3, 3, resume=True, guaranteed_budget=Fraction(3))).brackets[0].stages[1].cost == 9 * 2
    assert make_plan(Settings(1, 2, resume=True, start_cost=Fraction(5))).brackets[0].cost == 2 * (1 + 5) + (1 + 5)


def test_more_iterations() -> None:
    one, three = make_plan(Settings(2, 3)), make_plan(Settings(2, 3, repeat=3))
    assert [bracket.index for bracket in three.brackets] == list(range(9))
    assert shape(three) == shape(one) * 3
    assert three.cost == 3 * one.cost


def test_more_iterations_draw_the_same_first(shell: Shell) -> None:
    one, two = shell.generate(1, 2, output="one"), shell.generate(1, 2, "--repeat", "2", output="two")
    for config in one.glob("bracket-*/stage-0/*/config"):
        assert config.read_text() == (two / config.relative_to(one)).read_text()
    shell.snakemake("two")
    assert shell.status("two")["complete"]
    assert len({p.read_text() for p in two.glob("bracket-*/stage-0/*/config")}) == 8


def test_simulation_by_hand() -> None:
    """1 2 on two workers: two of bracket 0 first (they have 1 + 2 to go), then the promoted one beside one of bracket 1."""
    schedule = simulate(make_plan(Settings(1, 2)), 2)
    assert [(s.bracket, s.stage, s.start, s.end) for s in schedule.spans] == [
        (0, 0, 0, 1), (0, 0, 0, 1), (0, 1, 1, 3), (1, 0, 1, 3), (1, 0, 3, 5)]
    assert (schedule.wall, schedule.busy) == (5, Fraction(8, 10))


def test_brackets_in_turn(shell: Shell) -> None:
    """1 2 where bracket 1 learns from bracket 0: 1 + 2, then two of budget 2 at the same time.

    In a search, bracket 1 learns from the two results at budget 1 and does not wait for the one at budget 2.
    """
    schedule = simulate(make_plan(Settings(1, 2)), 2, {1: [(0, 0), (0, 1)]})
    assert [(s.bracket, s.stage, s.start, s.end) for s in schedule.spans] == [
        (0, 0, 0, 1), (0, 0, 0, 1), (0, 1, 1, 3), (1, 0, 3, 5), (1, 0, 3, 5)]
    shown = shell.run("hyband", "plan", "1", "2", "--workers", "9", "--sampler", "tpe", "--parameters", "1")
    assert "Shortest time  3.00, with unlimited workers (brackets that learn from others)\nTime           3.00 with 9 workers" in shown
    assert "Shortest time  3.00, with unlimited workers (bracket 0)" in shell.run("hyband", "plan", "1", "2", "--sampler", "sobol")
    assert json.loads(shell.run("hyband", "plan", "1", "2", "--sampler", "gp", "--json"))["critical_path"] == 3


def test_a_bracket_waits_only_for_what_it_learns_from() -> None:
    """2 3: bracket 0 has 9, 3, 1 results at 1, 3, 9, bracket 1 has 5, 1 at 3, 9, bracket 2 is at 9.

    With six parameters, nine results are enough, and two at the largest budget are not. So both others wait only for
    stage 0 of bracket 0, even though they begin at larger budgets. With unlimited workers: 1 + 3 + 9.
    """
    plan = make_plan(Settings(2, 3))
    learners = learners_of(plan, [1, 2], Learner("tpe", 0.25, (0,)), 6)
    assert [(one.learns, one.until) for one in learners.values()] == [((0,), 1), ((0, 1), 1)]
    joint = learners_of(plan, [1, 2], Learner("joint", 0.25, (0,)), 6)
    assert [one.until for one in joint.values()] == [3, 9]
    trials = learners_of(at_full_budget(plan, [1] * 5), [3, 4, 5, 6, 7], Learner("joint", 0.0, (0,)), 6, parallel=4)
    assert [one.until for one in trials.values()] == [1, 1, 9, 9, 9]
    assert waits_of(plan, learners)[1] == [(0, PROPOSED), (0, 0)]
    assert critical_path(plan, waits_of(plan, learners))[1] == 1 + 3 + 9
    started = {span.bracket: span.start for span in reversed(simulate(plan, 99, waits_of(plan, learners)).spans)}
    assert started == {0: 0, 1: 1, 2: 1}


def test_workers_stay_busy_while_brackets_end() -> None:
    """Trials that learn at a smaller budget run next to the last stages of the brackets, where few are left to train."""
    recipe = recipe_of(Settings(4, 3, resume=True), Fraction(81 * 40))
    schedules = [
        simulate(recipe.whole, workers, waits_while_growing(recipe.first, recipe.whole, round(1.5 * workers), 7, by))
        for workers in (8, 16) for by in ("tpe", "joint")
    ]
    for schedule in schedules:
        until = 2 * 81
        used = sum(min(span.end, until) - span.start for span in schedule.spans if span.start < until)
        assert used > Fraction(7, 10) * until * schedule.workers


def test_refinements_wait_for_what_they_learn_from(shell: Shell) -> None:
    """1 2 and three trials of budget 2, two at a time: 0 1, 1 3 is bracket 0, then bracket 1; the third waits for the first."""
    plan = at_full_budget(make_plan(Settings(1, 2)), [1, 1, 1])
    learners = learners_of(plan, [2, 3, 4], Learner("tpe", 0.0, (0, 1)), 5, parallel=2)
    assert {b: (one.learns, one.beside, one.until) for b, one in learners.items()} == {
        2: ((0, 1), (), 2), 3: ((0, 1), (2,), 2), 4: ((0, 1, 2), (3,), 2)}
    spans = simulate(plan, 2, waits_of(plan, learners)).spans
    assert [(s.bracket, s.start, s.end) for s in spans[4:]] == [(1, 3, 5), (2, 5, 7), (3, 5, 7), (4, 7, 9)]
    data = json.loads(shell.run("hyband", "plan", "1", "2", "--refine", "3", "--parallel", "2", "--workers", "2", "--json"))
    assert (data["trainings"], data["wall"], data["critical_path"]) == (8, 9, 7)
    one = json.loads(shell.run("hyband", "plan", "1", "2", "--refine", "3", "--sampler", "tpe", "--json"))
    assert one["critical_path"] == 1 + 2 + 3 * 2


def test_new_repetitions_take_longer_where_a_search_resumes(shell: Shell) -> None:
    """1 3, one training each in stage 0, two in stage 1: one goes on, 3 - 1 units, one is new there, 3. Bracket 1: 3 units.

    With a start of 1/2: 1.5 + 3.5 in bracket 0. On one worker 3 x 1.5, 2.5, 3.5, and 2 x 3.5 in bracket 1.
    """
    words = ["--resume", "--parallel-folds", "--repetitions-at-stage", "1=2", "--start-cost", "0.5", "--json"]
    data = json.loads(shell.run("hyband", "plan", "1", "3", *words, "--workers", "9"))
    assert (data["critical_path"], data["critical_bracket"], data["wall"]) == (5, 0, 5)
    alone = json.loads(shell.run("hyband", "plan", "1", "3", *words, "--workers", "1"))
    assert alone["wall"] == alone["cost"] == 3 * 1.5 + 2.5 + 3.5 + 2 * 3.5


@given(st.integers(0, 4), st.integers(2, 4), st.integers(1, 40), st.booleans())
def test_simulation_keeps_the_rules(smax: int, eta: int, workers: int, in_turn: bool) -> None:
    plan = make_plan(Settings(smax, eta))
    waits = {b.index: [(o.index, s.index) for o in plan.brackets[: b.index] for s in o.stages] for b in plan.brackets if in_turn}
    schedule = simulate(plan, workers, waits)
    assert len(schedule.spans) == plan.trainings
    assert max(critical_path(plan, waits)[1], plan.cost / workers) <= schedule.wall <= plan.cost
    ends: dict[int, Fraction] = {}
    for span in sorted(schedule.spans, key=lambda span: (span.worker, span.start)):
        assert span.start >= ends.get(span.worker, Fraction(0))
        ends[span.worker] = span.end
    for bracket in plan.brackets:
        for stage in bracket.stages[1:]:
            below = max(s.end for s in schedule.spans if (s.bracket, s.stage) == (bracket.index, stage.index - 1))
            assert below <= min(s.start for s in schedule.spans if (s.bracket, s.stage) == (bracket.index, stage.index))


def test_priorities_tell_fractions_apart() -> None:
    """With a share of the data as budget, all are below one; Snakemake takes whole numbers only."""
    plan = make_plan(Settings(2, 3, max_budget=Fraction(1)))
    rules = Rules(Path(), plan)
    assert [[rules.priority(bracket.index, stage) for stage in bracket.stages] for bracket in plan.brackets] == [
        [3, 2, 1], [2, 1], [1]]


@pytest.mark.parametrize("trials", [6, 3000])
def test_of_those_that_may_run_at_a_time_the_first_has_priority(trials: int) -> None:
    """Others wait for it. However many there are, promotions and proposals, of priority 1000, come before them."""
    plan = at_full_budget(make_plan(Settings(1, 2)), [1] * trials)
    learners = {b: Learner("tpe", 0.0, turn.learns[-1:], turn.beside) for b, turn in turns(range(2, 2 + trials), [0, 1], 3).items()}
    rules = Rules(Path(), plan, sampling=SamplerFile(learners=learners))
    ranks = [rules.priority(bracket.index, bracket.stages[0]) for bracket in plan.brackets[2:]]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > min(trials - 1, 990)
    assert max(rules.priority(b.index, s) for b in plan.brackets for s in b.stages) < 1000
    proposal = next(one for one in rules.proposals() if one.name == "propose_bracket_6")
    assert proposal.learns_from == [
        "bracket-3/proposal", "bracket-4/proposal", "bracket-5/proposal", "bracket-3/stage-0/config-0/outcome"]


def test_fit() -> None:
    settings = Settings(0, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028"))
    found = fit(settings, cost=Fraction(500))
    assert found.larger is not None
    assert (found.plan.settings.smax, found.plan.trainings, found.larger.settings.smax, found.larger.trainings) == (5, 611, 6, 1806)
    assert found.plan.cost <= 500 < found.larger.cost
    with pytest.raises(PlanError, match=r"fit_cost is too small: .* cost 1\.00 and 1 training run"):
        fit(Settings(0, 3), cost=Fraction(1, 2))
    with pytest.raises(PlanError, match="fit_configs is too small"):
        fit(Settings(0, 3, repeat=3), cost=Fraction(5), configurations=2)


def test_fit_within_the_budgets_that_are_given() -> None:
    """R = 100: 3^4 = 81 fits above one, 3^2 = 9 above ten. Nothing is larger than what the budgets allow."""
    hundred = Settings(0, 3, max_budget=Fraction(100))
    assert (fit(hundred, configurations=10**6).plan.settings.smax, fit(hundred, configurations=10**6).larger) == (4, None)
    found = fit(replace(hundred, min_budget=Fraction(10)), cost=Fraction(10**6))
    assert (found.plan.settings.smax, found.larger, found.why_not) == (2, None, "no stage may have less than 10; see --min-budget")
    assert fit(replace(hundred, min_budget=Fraction(10)), configurations=21).plan.settings.smax == 1
    whole = fit(Settings(0, 3, max_budget=Fraction(2), min_budget=Fraction(1, 9), integer_budgets=True), cost=Fraction(10**6))
    assert (whole.plan.settings.smax, whole.larger) == (1, None)
    assert "the same budget" in whole.why_not


def test_old_and_new_plans_are_read() -> None:
    plan = make_plan(Settings(2, 3, max_budget=Fraction(10), bracket_sizes="floor", repeat=2, resume=True, start_cost=Fraction("0.5")))
    text = plan_to_json(plan)
    assert shape(plan_from_json(text))[0][-1] == (1, 10)
    assert plan_from_json(text).settings == plan.settings
    data = json.loads(plan_to_json(make_plan(Settings(2, 3))))
    for name in ("max_budget", "min_budget", "bracket_sizes", "integer_budgets", "repeat", "resume", "start_cost", "maximize"):
        data.pop(name)
    assert plan_from_json(json.dumps(data)) == make_plan(Settings(2, 3))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument 'SMAX'"),
        (["3", "3", "--eta", "3"], "ETA is given twice"),
        (["3", "3", "--fit-cost", "5"], "both determine the number of brackets"),
        (["--max-budget", "10", "--min-budget", "20"], "--min-budget is 20"),
        (["--min-budget", "2"], "needs --max-budget"),
        (["--max-budget", "0"], "--max-budget is 0"),
        (["--max-budget", "ten"], "is not a decimal number"),
        (["--max-budget", "9", "--eta", "1"], "ETA is 1"),
        (["3", "3", "--disk-per-config", "much"], "not a valid amount of disk space"),
        (["3", "3", "-b", "4"], "expected 0 to 3"),
        (["10", "3", "--repeat", "1000"], "--repeat is 1000, which starts about 649,539,000"),
        (["--fit-cost", "1/2"], "--fit-cost is too small"),
    ],
)
def test_mistakes(shell: Shell, words: list[str], said: str) -> None:
    done = shell.try_run("hyband", "plan", *words)
    assert (done.returncode, "Traceback" in done.stdout) == (2, False)
    assert said in done.stdout


def test_files_as_they_are(shell: Shell) -> None:
    """The number of files of a finished search is the one that was predicted."""
    search = shell.generate(2, 3)
    shell.snakemake()
    found = [p for p in search.rglob("*") if p.is_file() and not {".snakemake", "hyperband"} & set(p.parts)]
    plan = plan_from_json((search / "plan.json").read_text())
    assert len(found) == files(plan)
    assert kept(plan) == 3 + 1 + 1 + 1 + 1 + 3
