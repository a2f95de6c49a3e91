"""``hyband plan``: what a search needs, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.plan import Plan, Settings
from ..errors import UsageError
from ..planning.fit import Fit
from ..planning.fit_time_text import candidates_text, seconds_of
from ..planning.forecast import Needs, forecast_json, forecast_text
from ..planning.growth import at_full_budget
from ..planning.plot import check_picture, write_picture
from ..planning.recipe import LATER
from ..planning.simulate import Waits, simulate
from ..samplers.names import SAMPLERS, learns
from ..writing.learners import waits_while_growing
from .common.by_recipe import AUTO, asked_recipe, at_a_time, recipe_text
from .common.ineffective import without_effect
from .common.options import BYTES, RecordedCommand, SamplerName, is_given, recorded_command, warn
from .common.settings import BRACKETS, plan_of, plan_options, select


class Picture(click.Path):
    """A picture to draw; problems with its path are reported before anything is computed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the path."""
        check_picture(Path(value))
        return super().convert(value, param, ctx)


@cloup.command(cls=RecordedCommand)
@cloup.option_group(
    "What is shown",
    click.option(
        "--workers", "-j", type=click.IntRange(1, 100_000), help="Training runs at a time, for the time it takes."
    ),
    click.option("--disk-per-config", type=BYTES, help="What one training run leaves on disk, such as 200MB."),
    click.option(
        "--within", metavar="TIME", help="Propose a search that takes no longer, such as '12 h'; see --unit-cost."
    ),
    click.option(
        "--unit-cost",
        metavar="TIME",
        help="Time that a unit of budget takes, such as '40 s'; costs are then in seconds.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
    click.option("--plot", type=Picture(dir_okay=False, path_type=Path), help="Draw it: a file .svg, .png or .html."),
    BRACKETS,
)
@plan_options
@cloup.option_group(
    "Configurations",
    click.option(
        "--sampler",
        type=SamplerName((*SAMPLERS, AUTO)),
        default="random",
        show_default=True,
        help="How configurations are chosen; auto shows what `hyband generate --sampler auto` would write.",
    ),
    click.option(
        "--parameters",
        type=click.IntRange(1),
        default=6,
        show_default=True,
        help="Number of parameters in the template: it decides which results a sampler that learns waits for.",
    ),
    click.option(
        "--refine", "trials", type=click.IntRange(0), default=0, help="Include what `hyband refine --trials` adds."
    ),
    click.option(
        "--parallel", type=click.IntRange(1), help="As for `hyband refine`, and `hyband generate`.  [default: 1]"
    ),
)
def plan(
    brackets: tuple[int, ...],
    *,
    sampler: str,
    trials: int,
    parallel: int | None,
    parameters: int,
    workers: int | None,
    disk_per_config: int | None,
    within: str | None,
    unit_cost: str | None,
    as_json: bool,
    plot: Path | None,
    **settings: Any,
) -> None:
    """Show what a search needs: training runs, budgets, cost, time, files, disk space.

    Nothing is written except the picture of --plot.

    \b
    Example:
        hyband plan 5 3 --repetitions 2 --folds 10 -t 0.0028 --workers 32
        hyband plan --max-budget 100 --min-budget 1 --disk-per-config 200MB
        hyband plan --fit-cost 500 --eta 3 -t 0.0028
        hyband plan --max-budget 100 --workers 4 --within '12 h' --unit-cost '40 s'
    """
    if unit_cost is not None:
        settings["cost_one_epoch_full_dataset"] = Fraction(seconds_of("--unit-cost", unit_cost))
    learned = parameters if learns(sampler) else None
    if sampler == AUTO:
        asked = _by_recipe(settings, parallel, parameters)
    elif within is not None:
        click.echo(_within(settings, seconds_of("--within", within), workers, learned))
        return
    else:
        asked = _by_hand(plan_of(settings), brackets, trials, parallel or 1, learned)
    _show(asked, Needs(workers, disk_per_config, asked.waits), plot, as_json=as_json)


def _show(asked: "_Asked", needs: Needs, plot: Path | None, *, as_json: bool) -> None:
    """Print what a search needs, and draw it if a picture is wanted."""
    if plot is not None:
        write_picture(asked.whole, simulate(asked.whole, needs.workers, asked.waits) if needs.workers else None, plot)
    warn(without_effect(asked.shown))
    if as_json:
        click.echo(forecast_json(asked.whole, needs, asked.fitted))
    else:
        click.echo(forecast_text(asked.whole, needs, asked.fitted, asked.table, asked.notes))


@dataclass(frozen=True)
class _Asked:
    """What is shown: the whole search, the part that options choose, what waits for what, and notes."""

    whole: Plan
    shown: Plan
    waits: Waits
    fitted: Fit
    table: Plan | None = None
    notes: Sequence[str] = ()


def _by_hand(fitted: Fit, brackets: tuple[int, ...], trials: int, parallel: int, learned: int | None) -> _Asked:
    wanted = select(fitted.plan, brackets)
    whole = at_full_budget(wanted, [1] * trials)
    return _Asked(whole, wanted, waits_while_growing(wanted, whole, parallel, learned), fitted)


def _by_recipe(settings: dict[str, Any], parallel: int | None, parameters: int) -> _Asked:
    """Plan what `hyband generate --sampler auto` would write."""
    recipe, runs = asked_recipe(settings), at_a_time(parallel, "")
    waits = waits_while_growing(recipe.first, recipe.whole, runs, parameters, LATER)
    notes = [*recipe_text(recipe, runs), ""]
    return _Asked(recipe.whole, recipe.whole, waits, Fit(recipe.whole), recipe.first, notes)


def _within(arguments: dict[str, Any], seconds: int, workers: int | None, parameters: int | None) -> str:
    """Propose searches that take no longer than ``seconds``."""
    sizes = ("smax", "fit_cost", "fit_configs")
    if arguments["max_budget"] is None or any(arguments.pop(name) is not None for name in sizes):
        raise UsageError("--within needs --max-budget, and proposes how large the search is: no SMAX, no --fit-...")
    if not (is_given("unit_cost") or is_given("cost_one_epoch_full_dataset")):
        raise UsageError("--within needs --unit-cost, the time that a unit of budget takes; `hyband try` measures it.")
    option, eta = arguments.pop("eta_option"), arguments.pop("eta")
    arguments["integer_budgets"] = bool(arguments["integer_budgets"])
    settings = Settings(0, option or eta or 3, **arguments)

    def waits(plan: Plan) -> Waits:
        return waits_while_growing(plan, plan, 1, parameters)

    return candidates_text(settings, seconds, workers, recorded_command()[1:], waits)
