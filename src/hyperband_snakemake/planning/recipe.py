"""The plan of ``--sampler auto``: which brackets come first, with which samplers, and how much is refined after."""

from dataclasses import dataclass, replace
from fractions import Fraction

from ..core.plan import Plan, PlanError, Settings, make_plan
from .growth import at_full_budget

SHAPES = ((0, 1), (0,), (1,))  # brackets that come first, as far as the cost allows; measured in docs/samplers.md
FIRST, LATER = "sobol", "tpe"  # samplers of the first bracket, and of the others


@dataclass(frozen=True)
class Recipe:
    """A search in three steps: ``first`` with one bracket, ``brackets`` with all of them, ``whole`` with refinement.

    ``trials`` is the number of refining training runs, each in its own bracket. ``cost`` is what the whole may cost, in
    the unit of the plan's cost.
    """

    first: Plan
    brackets: Plan
    whole: Plan
    trials: int
    cost: Fraction


def recipe_of(settings: Settings, cost: Fraction | None = None) -> Recipe:
    """Divide a cost between small brackets and refinement; None: what Hyperband costs with the same settings.

    Brackets 0 and 1 come first, as far as the cost allows: early on, it matters how many configurations reach the
    largest budget, and from how many. Everything else is refinement.

    Raises:
        PlanError: there is only one stage, or the cost is too small for one bracket.

    >>> found = recipe_of(Settings(4, 3, resume=True))
    >>> [(b.index, b.stages[0].configurations) for b in found.brackets.brackets], found.trials
    ([(0, 81), (1, 27)], 12)
    """
    if not settings.smax:
        raise PlanError("needs at least two stages: a smallest budget that is below the largest.", "sampler auto")
    most = make_plan(settings).cost if cost is None else cost
    small = make_plan(replace(settings, bracket_sizes="floor"))
    plans = [small.select(frozenset(shapes)) for shapes in SHAPES]
    brackets = next((plan for plan in plans if plan.cost <= most), None)
    if brackets is None:
        raise PlanError(f"is too small: one bracket costs {float(plans[-1].cost):.2f}.", "fit_cost")
    first = brackets.select(frozenset({brackets.brackets[0].index}))
    trial = at_full_budget(brackets, [1]).brackets[-1].cost
    trials = int((most - brackets.cost) / trial)
    return Recipe(first, brackets, at_full_budget(brackets, [1] * trials), trials, most)
