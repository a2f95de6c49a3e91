"""The largest plan that stays within a limit."""

from dataclasses import dataclass, replace
from fractions import Fraction

from ..core.plan import HIGHEST_SMAX, Plan, PlanError, Settings, brackets_for, counted, make_plan
from .text import cost_text


@dataclass(frozen=True)
class Fit:
    """A plan; if it was made to fit a limit, also the next larger one, or a sentence on why there is none."""

    plan: Plan
    larger: Plan | None = None
    why_not: str = ""


def fit(settings: Settings, *, cost: Fraction | None = None, configurations: int | None = None) -> Fit:
    """Find the largest plan with these settings that stays within a cost or a number of training runs.

    It increases smax. With a given largest budget, that means more brackets, as long as no stage has less than the
    smallest budget (1 unless given); otherwise, it means a larger largest budget.

    Raises:
        PlanError: even one bracket with one stage is too much.

    >>> found = fit(Settings(0, 3), configurations=100)
    >>> found.plan.settings.smax, found.plan.trainings, found.larger and found.larger.trainings
    (3, 69, 206)
    """
    smallest = settings.min_budget or Fraction(1)
    largest = settings.max_budget
    most = HIGHEST_SMAX if largest is None else brackets_for(largest, smallest, settings.eta)
    fitting, why_not = None, f"no stage may have less than {float(smallest):g}; see --min-budget"
    for smax in range(most + 1):
        try:
            plan = make_plan(replace(settings, smax=smax))
        except PlanError as error:
            if fitting is None:
                raise
            why_not = str(error).rstrip(".")
            break
        if (cost is not None and plan.cost > cost) or (configurations is not None and plan.trainings > configurations):
            return Fit(fitting or _too_small(plan, cost), plan)
        fitting = plan
    assert fitting is not None
    return Fit(fitting, None, why_not)


def _too_small(plan: Plan, cost: Fraction | None) -> Plan:
    name = "fit_cost" if cost is not None and plan.cost > cost else "fit_configs"
    least = f"cost {cost_text(plan.cost)} and {counted(plan.trainings, 'training run')}"
    raise PlanError(f"is too small: the smallest search with these settings has {least}.", name)
