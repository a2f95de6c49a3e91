"""What `hyband generate` prints about the search that it plans and writes."""

import os
from pathlib import Path

from ...core.disk.processes import available_cores
from ...core.plan import Plan, short_number
from ...core.tree import layout
from ...planning.recipe import Recipe
from ...planning.text import cost_text, plan_text
from ...writing.create import EXAMPLE, Created, NewSearch
from .options import is_given

_MANY_STAGES = 5  # with this many stages, the shortest runs are about a hundred times shorter than the longest


def plan_of_recipe(wanted: Plan, recipe: Recipe | None) -> str:
    """Give the plan as a table; refining training runs are one line instead of a bracket each."""
    if recipe is None:
        return plan_text(wanted)
    trials = f"\n  Refining (cost: {cost_text(recipe.whole.cost - recipe.first.cost)})"
    trials += f"\n    {recipe.trials} configurations each with budget {float(recipe.whole.top)}"
    table = plan_text(recipe.first).splitlines()[1:]
    return "\n".join([plan_text(recipe.whole).splitlines()[0], *table]) + (trials if recipe.trials else "")


def written_text(search: NewSearch, plan: Plan, where: Path, created: Created) -> str:
    """Say where a search was written, from which templates, and how large it is."""
    drawn = "" if is_given("random_seed") else " (drawn)"
    directory = search.templates.directory
    templates = "the iris example (no --template-dir)" if directory == EXAMPLE else directory
    text = (
        f"\nWritten to {where}, random seed {search.seed}{drawn}."
        f"{_space_size(created.space, plan)}{_limits_text(where)}\n"
        f"Templates: {templates}\nTraining runs: {plan.trainings}{_at_a_time(search)}{_shortest(plan)}"
    )
    if not created.kept:
        return text
    return f"{text}\nThe search that was there is now {os.path.relpath(created.kept)}, with all its results."


def _shortest(plan: Plan) -> str:
    """Say how short the shortest training runs are, if that was not given and may be too short for a score."""
    if not is_given("max_budget") or is_given("min_budget") or plan.settings.smax < _MANY_STAGES:
        return ""
    shortest = short_number(min(bracket.stages[0].budget for bracket in plan.brackets))
    return (
        f"\nThe shortest have budget {shortest}; if that is too little for a score, --min-budget says what is enough."
    )


def _at_a_time(search: NewSearch) -> str:
    """Say how many training runs run at a time, unless Slurm decides that."""
    if search.slurm is not None:
        return ""
    if search.gpus:
        return f", as many at a time as there are places on the GPUs ({layout.GPUS})"
    return f", {available_cores()} at a time on this machine (hyband run --cores N for another number)"


def _space_size(distinct: int | None, plan: Plan) -> str:
    if distinct is None:
        return ""
    drawn = sum(bracket.stages[0].configurations for bracket in plan.brackets)
    return f" Its space has {distinct} distinct configurations; all brackets together draw {drawn}."


def _limits_text(search: Path) -> str:
    there = (search / layout.LIMITS).exists() and not (search / layout.SLURM).exists()
    return f" The limits of each training run are in {search / layout.LIMITS}." if there else ""
