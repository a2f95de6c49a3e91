"""A plan as the table that `hyband generate` prints."""

from fractions import Fraction

from .core.plan import Plan, number_text


def plan_text(plan: Plan) -> str:
    """Brackets and stages with their budgets and costs, a line each."""
    whole = plan.without_resuming()
    instead = "" if whole is None else f"; {_cost(whole.cost)} without --resume"
    lines = [f"Hyperband Search (cost: {_cost(plan.cost)}{instead})"]
    for bracket in plan.brackets:
        lines.append(f"  Bracket {bracket.index} (cost: {_cost(bracket.cost)})")
        lines += [
            f"    Stage {stage.index} - {stage.configurations} configurations each with budget "
            f"{float(stage.budget)} (cost: {_cost(stage.cost)})"
            for stage in bracket.stages
        ]
    return "\n".join(lines)


def short_number(value: Fraction) -> str:
    """Whole numbers as they are, others with six digits.

    >>> short_number(Fraction(1458)), short_number(Fraction(100, 81))
    ('1458', '1.23457')
    """
    return number_text(value) if value.denominator == 1 else f"{float(value):.6g}"


def _cost(cost: Fraction) -> str:
    return f"{float(cost):.2f}"
