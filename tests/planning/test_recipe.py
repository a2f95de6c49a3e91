"""What `--sampler auto` plans for a cost."""

from fractions import Fraction

import pytest

from hyperband_snakemake.core.plan import PlanError, Settings, make_plan
from hyperband_snakemake.planning.recipe import recipe_of


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("smax", [1, 2, 4])
def test_it_costs_at_most_what_hyperband_costs(smax: int, *, resume: bool) -> None:
    settings = Settings(smax, 3, resume=resume)
    found, plain = recipe_of(settings), make_plan(settings)
    trial = found.whole.brackets[-1].cost if found.trials else plain.top
    assert plain.cost - trial < found.whole.cost <= plain.cost
    assert found.whole.top == plain.top
    assert len(found.whole.brackets) == 1 + found.trials


@pytest.mark.parametrize(("cost", "bracket", "trials"), [
    (243, 1, 0), (300, 0, 0), (378, 0, 1), (540, 0, 3), (2025, 0, 21)])
def test_a_bracket_comes_first(cost: int, bracket: int, trials: int) -> None:
    """Bracket 0 costs 297 and bracket 1 costs 243; a trial 81."""
    found = recipe_of(Settings(4, 3, resume=True), Fraction(cost))
    assert ([one.index for one in found.first.brackets], found.trials) == ([bracket], trials)


def test_what_cannot_be() -> None:
    with pytest.raises(PlanError, match="at least two stages"):
        recipe_of(Settings(0, 3))
    with pytest.raises(PlanError, match=r"too small: one bracket costs 243.00"):
        recipe_of(Settings(4, 3, resume=True), Fraction(100))
