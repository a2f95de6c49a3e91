"""The largest plan that stays within a limit."""

from dataclasses import replace
from fractions import Fraction

from .core.limits import HIGHEST_SMAX, PlanError
from .core.plan import Plan, Settings, make_plan


def fit(settings: Settings, *, cost: Fraction | None = None, configurations: int | None = None) -> tuple[Plan, Plan]:
    """Find the largest plan with these settings within a cost or a number of trainings, and the next larger one.

    What grows is smax: with a given largest budget, the number of brackets that divide it; else the largest budget.

    Raises:
        PlanError: even one bracket with one stage is too much.

    >>> small, large = fit(Settings(0, 3), configurations=100)
    >>> small.settings.smax, small.trainings, large.trainings
    (3, 69, 206)
    """
    plans = []
    for smax in range(HIGHEST_SMAX + 1):
        plans.append(make_plan(replace(settings, smax=smax)))
        too_dear = cost is not None and plans[-1].cost > cost
        if too_dear or (configurations is not None and plans[-1].trainings > configurations):
            break
    if len(plans) == 1:
        least = f"{plans[0].trainings} trainings, cost {float(plans[0].cost):.2f}"
        raise PlanError(f"fit is too small: the smallest search with these settings has {least}")
    return plans[-2], plans[-1]
