"""What ``--sampler auto`` plans: which brackets come first, proposed by whom, and how much is refined afterwards."""

from dataclasses import dataclass, replace
from fractions import Fraction

from ..core.plan import Plan, PlanError, Settings, make_plan
from .growth import at_full_budget, more_brackets

SHAPE = 1  # the bracket that comes first: its smallest budget misleads less than that of bracket 0
MOST_BRACKETS = 3  # more of them leave too little to refine; docs/samplers.md has the measurements
FIRST, LATER = "sobol", "tpe"  # who chooses the configurations of the first bracket, and of the others


@dataclass(frozen=True)
class Recipe:
    """A search in three parts: ``first`` with one bracket, ``brackets`` with all of them, ``whole`` with what refines.

    ``trials`` are the training runs that refine, each a bracket of its own. ``cost`` is what the whole may cost, in the
    unit of the plan's cost.
    """

    first: Plan
    brackets: Plan
    whole: Plan
    trials: int
    cost: Fraction


def recipe_of(settings: Settings, cost: Fraction | None = None) -> Recipe:
    """Divide a cost between small brackets and refining; None: as much as Hyperband costs with the same settings.

    Up to three brackets come first, since early on it counts how many configurations have reached the largest budget,
    out of how many. All else refines.

    Raises:
        PlanError: there is just one stage, or the cost is too small for one bracket.

    >>> found = recipe_of(Settings(4, 3, resume=True))
    >>> [(b.index, b.stages[0].configurations) for b in found.brackets.brackets], found.trials
    ([(1, 27), (6, 27), (11, 27)], 10)
    """
    if settings.smax < SHAPE:
        raise PlanError("needs at least two stages: a smallest budget that is below the largest.", "sampler auto")
    most = make_plan(settings).cost if cost is None else cost
    small = make_plan(replace(settings, bracket_sizes="floor"))
    first = small.select(frozenset({SHAPE}))
    number = min(MOST_BRACKETS, int(most / first.cost))
    if not number:
        raise PlanError(f"is too small: one bracket costs {float(first.cost):.2f}.", "fit_cost")
    brackets = more_brackets(first, [SHAPE] * (number - 1))
    trial = at_full_budget(brackets, [1]).brackets[-1].cost
    trials = int((most - brackets.cost) / trial)
    return Recipe(first, brackets, at_full_budget(brackets, [1] * trials), trials, most)
