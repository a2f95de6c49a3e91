"""Whole budgets where they are meant, and searches that fit into a time."""

from fractions import Fraction

import pytest

from hyperband_snakemake.core.plan import PlanError, Settings, brackets_for
from hyperband_snakemake.planning.fit_time import fit_time
from hyperband_snakemake.planning.search_plan import plan
from hyperband_snakemake.planning.whole import rounding_text, with_whole_budgets

from ..conftest import Shell


@pytest.mark.parametrize(("settings", "is_rounded"), [
    (Settings(4, 3, max_budget=Fraction(100)), True), (Settings(4, 3, max_budget=Fraction(100), repeat=9), True), (Settings(4, 3), False),
    (Settings(1, 3, max_budget=Fraction("4.5")), False), (Settings(2, 3, max_budget=Fraction(10), min_budget=Fraction(1, 2)), False),
    (Settings(2, 3, max_budget=Fraction(10), guaranteed_budget=Fraction("0.5")), False), (Settings(4, 3, max_budget=Fraction(3)), False),
    (Settings(4, 3, max_budget=Fraction(100), integer_budgets=True), True)])
def test_budgets_are_whole_where_that_is_meant(settings: Settings, is_rounded: bool) -> None:
    assert with_whole_budgets(settings).integer_budgets is is_rounded
    assert with_whole_budgets(settings).repeat == settings.repeat


def test_the_rounding_is_told_in_one_line() -> None:
    exact = Settings(2, 3, max_budget=Fraction(10))
    assert rounding_text(exact, with_whole_budgets(exact)) == (
        "Budgets are rounded to whole numbers: 1, 3, 10 instead of 1.11111, 3.33333, 10; --fractional-budgets keeps those.")
    assert rounding_text(exact, exact) == ""


def test_the_same_in_python() -> None:
    assert plan(max_budget=10).brackets[0].stages[1].budget == 3
    assert plan(max_budget=10, integer_budgets=False).brackets[0].stages[1].budget == Fraction(10, 3)
    assert plan(max_budget=10, fit_configs=9).brackets[0].stages[0].budget == 3


@pytest.mark.parametrize("hours", [1, 3, 8, 24, 100])
@pytest.mark.parametrize("workers", [1, 4])
def test_what_is_proposed_fits_and_its_options_make_it(hours: int, workers: int) -> None:
    settings = Settings(0, 3, max_budget=Fraction(100), cost_one_epoch_full_dataset=Fraction(30))
    found = fit_time(settings, hours * 3600, workers)
    for one in found:
        assert one.schedule.wall <= hours * 3600
        given = dict(zip(one.options[::2], one.options[1::2], strict=True))
        assert brackets_for(Fraction(100), Fraction(given["--min-budget"]), 3) == one.plan.settings.smax
        assert given.get("--repeat", "1") == str(one.plan.settings.repeat)
        assert one.alone == ("--bracket" in given) == (len(one.plan.brackets) == 1 and one.plan.settings.smax > 0 and one.alone)
    assert 1 <= len(found) <= 2
    assert [one.alone for one in found] in ([False], [False, True], [True])


def test_nothing_fits() -> None:
    with pytest.raises(PlanError, match="one training run with the largest budget takes 50 min"):
        fit_time(Settings(0, 3, max_budget=Fraction(100), cost_one_epoch_full_dataset=Fraction(30)), 60, 4)


def test_the_command_proposes_commands_that_work(shell: Shell) -> None:
    out = shell.run("hyband", "plan", "--max-budget", "100", "--workers", "4", "--within", "3 h", "--unit-cost=40 s", "--maximize")
    first, second = [line.strip() for line in out.splitlines() if line.strip().startswith("hyband generate")]
    assert first.startswith("hyband generate --max-budget 100 --maximize --min-budget ")
    assert " --bracket 0 " in second
    assert shell.run(*first.split()[:-4]).startswith("Budgets are rounded") or "Hyperband Search" in shell.run(*first.split()[:-4])
    for words, said in ((["--within", "3 h"], "--within needs --max-budget"), (["--max-budget", "9", "--within", "3"], "has no unit"),
                        (["--max-budget", "9", "--within", "3h"], "needs --unit-cost"), (["--max-budget", "9", "--within", "1s", "--unit-cost", "3 h"], "is 1 s")):
        done = shell.try_run("hyband", "plan", *words)
        assert (done.returncode, said in done.stdout) == (2, True), done.stdout
