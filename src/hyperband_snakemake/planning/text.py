"""A plan as the table that `hyband generate` prints."""

from fractions import Fraction

from ..core.plan import Plan


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


def _cost(cost: Fraction) -> str:
    return f"{float(cost):.2f}"
