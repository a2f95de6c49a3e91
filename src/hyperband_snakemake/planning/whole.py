"""Whole budgets: epochs cannot be divided, so budgets are whole numbers unless fractions are requested."""

from dataclasses import replace

from ..core.plan import PlanError, Settings, make_plan, short_number


def with_whole_budgets(settings: Settings) -> Settings:
    """Round the budgets if the largest, smallest and guaranteed budgets are whole but some in between are not.

    They are not rounded if two stages would get the same budget.

    >>> from fractions import Fraction
    >>> with_whole_budgets(Settings(4, 3, max_budget=Fraction(100))).integer_budgets
    True
    >>> with_whole_budgets(Settings(4, 3)).integer_budgets  # they are whole already
    False
    """
    settings, whole = replace(settings, repeat=1), settings  # all iterations have the same budgets
    given = (settings.R, settings.min_budget or 1, settings.guaranteed_budget)
    if settings.integer_budgets or any(number.denominator != 1 for number in given):
        return whole
    try:
        if all(stage.budget.denominator == 1 for bracket in make_plan(settings).brackets for stage in bracket.stages):
            return whole
        make_plan(replace(settings, integer_budgets=True))
    except PlanError:
        return whole
    return replace(whole, integer_budgets=True)


def rounding_text(exact: Settings, rounded: Settings) -> str:
    """Say how budgets were rounded; empty if they were not."""
    if exact == rounded:
        return ""
    was, now = (_budgets(settings) for settings in (exact, rounded))
    return f"Budgets are rounded to whole numbers: {now} instead of {was}; --fractional-budgets keeps those."


def _budgets(settings: Settings) -> str:
    plan = make_plan(replace(settings, repeat=1))
    return ", ".join(short_number(budget) for budget in sorted({s.budget for b in plan.brackets for s in b.stages}))
