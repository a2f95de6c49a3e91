"""`hyband generate --sampler auto`: a bracket first, then refinement by a model, all planned at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...core.disk.processes import available_cores
from ...core.plan import PlanError, counted
from ...errors import HybandError, UsageError
from ...planning.recipe import FIRST, LATER, Recipe, recipe_of
from ...planning.text import cost_text
from ...samplers.models import check_installed
from ...snapshot.scan import scan
from ...writing.create import Created, NewSearch, create_search
from ...writing.extend import Extension, extend
from .options import is_given
from .settings import as_typed, plan_of

AUTO = "auto"
NOT_WITH = (  # it decides these
    "brackets",
    "last_stage",
    "repeat",
    "bracket_sizes",
    "fit_configs",
    "trials",
    "within",
    "random_share",
)
TYPED = {"brackets": "--bracket", "trials": "--refine"}  # options whose names here are others
ON_SLURM = 8  # training runs at a time, if not given


def asked_recipe(settings: dict[str, Any]) -> Recipe:
    """Take the options of a plan out of a command's arguments, like `plan_of`; --fit-cost limits the total cost.

    Raises:
        UsageError: the options contradict each other, or the recipe.
    """
    there = click.get_current_context().params
    if given := [name for name in NOT_WITH if name in there and is_given(name)]:
        option = TYPED.get(given[0]) or as_typed(given[0])
        raise UsageError(f"{option} cannot be combined with --sampler auto, which decides that itself.")
    cost = settings["fit_cost"]
    if cost is not None and settings["smax"] is None and settings["max_budget"] is None:
        raise UsageError("--sampler auto with --fit-cost needs --max-budget, or SMAX and ETA.")
    settings["fit_cost"] = None
    try:
        return recipe_of(plan_of(settings).plan.settings, cost)
    except PlanError as error:
        raise UsageError(f"{as_typed(error.option)} {error.text}") from None


def at_a_time(parallel: int | None, mode: str) -> int:
    """How many refining training runs to have at a time: one and a half times the workers keeps these busy."""
    return parallel or (ON_SLURM if mode else max(1, round(1.5 * available_cores())))


def create_by_recipe(
    search: NewSearch, recipe: Recipe, output: Path, parallel: int, *, overwrite: bool, keep_old: bool
) -> Created:
    """Write a search with all parts of a recipe. What each part learns from is decided now.

    Raises:
        HybandError: as in `create_search`, or a sampler's package is not installed.
    """
    check_installed(LATER)
    one = replace(search, plan=recipe.first, brackets=frozenset(), sampler=FIRST)
    created = create_search(one, output, overwrite=overwrite, keep_old=keep_old)
    if not recipe.trials:
        return created
    try:  # like `hyband refine`, nothing at random
        extend(scan(output), Extension(recipe.whole, {}, LATER, 0.0, search.command, parallel, is_asked_for=False))
    except HybandError as error:  # for instance, the space is too small
        raise HybandError(
            f"{error}\n  {output} was written with its first bracket alone. When that is fixed, generate it again with "
            "--overwrite."
        ) from None
    return created


def recipe_text(recipe: Recipe, parallel: int) -> Iterator[str]:
    """Say what was chosen and why, one line each."""
    number = recipe.first.brackets[0].stages[0].configurations
    yield (
        f"Sampler auto: a bracket of {number} configurations, spread evenly by {FIRST}. "
        "It shows how well small budgets predict the largest one."
    )
    if recipe.trials:
        yield (
            f"Then {counted(recipe.trials, 'training run')} at the largest budget, {parallel} at a time (--parallel), "
            f"proposed by {LATER}, a model of the results at all budgets."
        )
    yield f"In all it costs {cost_text(recipe.whole.cost)} of at most {cost_text(recipe.cost)} (--fit-cost)."
