"""`hyband generate --sampler auto`: small brackets first, then refinement by a model, all planned at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from ...core.disk.processes import available_cores
from ...core.plan import PlanError, counted
from ...core.tree.configurations import read_proposal
from ...errors import HybandError, UsageError
from ...planning.recipe import FIRST, LATER, Recipe, recipe_of
from ...planning.text import cost_text
from ...samplers.models import check_installed
from ...samplers.names import JOINT
from ...snapshot.scan import scan
from ...space.configurations import read_record
from ...writing.create import Created, NewSearch, create_search
from ...writing.extend import Extension, extend
from .options import is_given
from .settings import as_typed, plan_of

AUTO = "auto"
NOT_WITH = ("brackets", "last_stage", "repeat", "bracket_sizes", "fit_configs", "trials", "within")  # it decides these
TYPED = {"brackets": "--bracket", "trials": "--refine"}  # options whose names here are others
OPEN = "a model of all results, which `hyband generate` chooses by the parameters of your template"
ON_SLURM = 8  # training runs at a time, if not given


@dataclass(frozen=True)
class Refiner:
    """The model used for refinement, and the reason."""

    sampler: str
    why: str


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
) -> tuple[Created, Refiner]:
    """Write a search with all parts of a recipe. What each part learns from is decided now.

    Raises:
        HybandError: as in `create_search`, or a sampler's package is not installed.
    """
    check_installed(LATER)
    one = replace(search, plan=recipe.first, brackets=frozenset(), sampler=FIRST)
    created = create_search(one, output, overwrite=overwrite, keep_old=keep_old)
    try:
        return created, _add_the_rest(search, recipe, output, parallel)
    except HybandError as error:  # for instance, the space is too small
        raise HybandError(
            f"{error}\n  {output} was written with its first bracket alone. When that is fixed, generate it again with "
            "--overwrite."
        ) from None


def _add_the_rest(search: NewSearch, recipe: Recipe, output: Path, parallel: int) -> Refiner:
    """Add the brackets proposed by models to a search that has its first bracket."""
    refiner = refiner_for(output, recipe.first.brackets[0].index)
    part = Extension(recipe.brackets, {}, LATER, search.random_share, search.command, is_asked_for=False)
    if recipe.brackets != recipe.first:
        extend(scan(output), part)
    if recipe.trials:
        refining = replace(part, plan=recipe.whole, sampler=refiner.sampler, random_share=0.0, parallel=parallel)
        extend(scan(output), refining)  # like `hyband refine`, nothing at random
    return refiner


def refiner_for(search: Path, first: int) -> Refiner:
    """Choose the model by the space, as seen in the first bracket, and by what is installed."""
    proposal = read_proposal(first, search)
    records = [read_record(drawn.record) for drawn in (proposal.configurations if proposal else ())]
    spaces = [record["space"] for record in records if record is not None]
    kinds = {one.get("kind") for space in spaces for one in space.values()}
    if len({frozenset(space) for space in spaces}) > 1:
        return Refiner(JOINT, "some parameters exist only under conditions, and it did best there")
    if not kinds & {"uniform", "integer", "normal"}:
        return Refiner("tpe", "no parameter is a number")
    if find_spec("torch") is None:
        return Refiner("tpe", "a Gaussian process, which often finds more, needs pip install 'hyband[gp]'")
    return Refiner("gp", "all configurations have the same parameters, and numbers among them")


def recipe_text(recipe: Recipe, refiner: Refiner | None, parallel: int) -> Iterator[str]:
    """Say what was chosen and why, one line each; without a refiner, what that choice depends on."""
    first, *others = recipe.brackets.brackets
    sizes = " and ".join(str(bracket.stages[0].configurations) for bracket in others)
    later = f", then one of {sizes}, proposed by {LATER}" if others else ""
    yield (
        f"Sampler auto: a bracket of {first.stages[0].configurations} configurations, spread evenly by {FIRST}{later}. "
        "Early on, it matters how many configurations have been trained to the end."
    )
    if recipe.trials:
        by = f"{refiner.sampler} from all results: {refiner.why}" if refiner else OPEN
        yield (
            f"Then {counted(recipe.trials, 'training run')} at the largest budget, {parallel} at a time (--parallel), "
            f"proposed by {by}."
        )
    yield f"In all it costs {cost_text(recipe.whole.cost)} of at most {cost_text(recipe.cost)} (--fit-cost)."
