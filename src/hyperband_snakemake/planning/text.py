"""A plan as the table that `hyband generate` prints."""

from fractions import Fraction

from ..core.plan import Plan


def plan_text(plan: Plan) -> str:
    """Brackets and stages with their budgets and costs, one per line."""
    whole = plan.without_resuming()
    instead = "" if whole is None else f"; {cost_text(whole.cost)} without --resume"
    lines = [f"Hyperband Search (cost: {cost_text(plan.cost)}{instead})"]
    for bracket in plan.brackets:
        lines.append(f"  Bracket {bracket.index} (cost: {cost_text(bracket.cost)})")
        lines += [
            f"    Stage {stage.index} - {stage.configurations} configurations each with budget "
            f"{float(stage.budget)} (cost: {cost_text(stage.cost)})"
            for stage in bracket.stages
        ]
    return "\n".join(lines)


def cost_text(cost: Fraction) -> str:
    """Write a cost or a time in the unit of the plan's cost, with two decimals."""
    return f"{float(cost):.2f}"
