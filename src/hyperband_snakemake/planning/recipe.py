"""The plan of ``--sampler auto``: which bracket comes first, and how much is refined after it."""

from dataclasses import dataclass, replace
from fractions import Fraction

from ..core.plan import Plan, PlanError, Settings, make_plan
from .growth import at_full_budget

FIRST, LATER = "sobol", "joint"  # samplers of the bracket and of the refinement; measured in docs/gains.md


@dataclass(frozen=True)
class Recipe:
    """A search in two steps: ``first`` with one bracket, ``whole`` with the refinement.

    ``trials`` is the number of refining training runs, each in its own bracket. ``cost`` is what the whole may cost, in
    the unit of the plan's cost.
    """

    first: Plan
    whole: Plan
    trials: int
    cost: Fraction


def recipe_of(settings: Settings, cost: Fraction | None = None) -> Recipe:
    """Divide a cost between one bracket and refinement; None: what Hyperband costs with the same settings.

    The bracket is 0, whose many results at small budgets a model of all budgets can use, or 1 if that costs too much.
    Everything else is refinement.

    Raises:
        PlanError: there is only one stage, or the cost is too small for one bracket.

    >>> found = recipe_of(Settings(4, 3, resume=True))
    >>> [(b.index, b.stages[0].configurations) for b in found.first.brackets], found.trials
    ([(0, 81)], 15)
    """
    if not settings.smax:
        raise PlanError("needs at least two stages: a smallest budget that is below the largest.", "sampler auto")
    most = make_plan(settings).cost if cost is None else cost
    small = make_plan(replace(settings, bracket_sizes="floor"))
    plans = [small.select(frozenset({shape})) for shape in (0, 1)]
    first = next((plan for plan in plans if plan.cost <= most), None)
    if first is None:
        raise PlanError(f"is too small: one bracket costs {float(plans[-1].cost):.2f}.", "fit_cost")
    trials = int((most - first.cost) / at_full_budget(first, [1]).brackets[-1].cost)
    return Recipe(first, at_full_budget(first, [1] * trials), trials, most)
