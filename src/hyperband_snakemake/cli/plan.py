"""`hyband plan`, and the options that say what is planned, which `hyband generate` has, too."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click

from ..core.plan import AGGREGATES, BRACKET_SIZES, Plan, PlanError, Settings, brackets_for, make_plan
from ..errors import UsageError
from ..planning.fit import Fit, fit
from ..planning.forecast import Needs, forecast_json, forecast_text
from ..planning.growth import at_full_budget
from ..planning.plot import check_picture, write_picture
from ..planning.proposals import proposals_text, seconds_of
from ..planning.simulate import simulate
from ..planning.turns import waits_of
from ..planning.whole import rounding_text, with_whole_budgets
from ..samplers.names import SAMPLERS, learns
from .common.ineffective import without_effect
from .common.options import BYTES, NUMBER, WHOLE, RecordedCommand, SamplerName, is_given, recorded_command, warn

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = [
    click.argument("smax", type=WHOLE, required=False),
    click.argument("eta", type=WHOLE, required=False),
    click.option("--max-budget", type=NUMBER, help="Budget of the last stages, instead of ETA to the power of SMAX."),
    click.option("--min-budget", type=NUMBER, help="No stage has less; with --max-budget, in the place of SMAX. [1]"),
    click.option("--eta", "eta_option", type=WHOLE, help="One configuration in so many is promoted.  [default: 3]"),
    click.option("--repetitions", "-r", type=WHOLE, default=1, show_default=True, help="Of the cross-validation."),
    click.option("--folds", "-k", type=WHOLE, default=1, show_default=True, help="Of the cross-validation; 1: none."),
    click.option(
        "--cost-one-epoch-full-dataset",
        "-t",
        type=NUMBER,
        default="1",
        show_default=True,
        help="Cost of one epoch on all data, in any unit (hours, say); the plan's costs have the same.",
    ),
    click.option("--start-cost", type=NUMBER, default="0", help="Cost of starting a training, in the same unit.  [0]"),
    click.option("--guaranteed-budget", type=NUMBER, default="0", help="Budget that is added to each stage's.  [0]"),
    click.option("--last-stage", type=WHOLE, help="Run no bracket further than this stage."),
    click.option(
        "--bracket-sizes",
        type=click.Choice(BRACKET_SIZES),
        default="paper",
        show_default=True,
        help="How many configurations a bracket starts: (SMAX+1)*ETA^s/(s+1), or with (SMAX+1)/(s+1) rounded down.",
    ),
    click.option(
        "--integer-budgets/--fractional-budgets",
        default=None,
        help="Round budgets to whole numbers, or never.  [default: whole if the largest and the smallest are]",
    ),
    click.option(
        "--repeat",
        type=WHOLE,
        default=1,
        show_default=True,
        help="Iterations of Hyperband, side by side.",
    ),
    click.option("--resume", is_flag=True, help="A promoted configuration goes on from its checkpoint ($3 of run.sh)."),
    click.option(
        "--parallel-folds",
        is_flag=True,
        help="Each fold of each repetition is a training of its own: run.sh gets it as $4, the repetition as $5.",
    ),
    click.option(
        "--aggregate",
        type=click.Choice(AGGREGATES),
        default="mean",
        show_default=True,
        help="What the folds' results become, with --parallel-folds.",
    ),
    click.option(
        "--repetitions-at-stage",
        multiple=True,
        metavar="STAGE=NUMBER",
        help="More repetitions from this stage on, with --parallel-folds; may be repeated.",
    ),
    click.option("--maximize", is_flag=True, help="The highest result is the best, not the lowest."),
    click.option("--fit-cost", type=NUMBER, help="The largest search within this cost, in the place of SMAX."),
    click.option("--fit-configs", type=click.IntRange(1), help="The largest search within this number of trainings."),
]


SAMPLER = click.option(
    "--sampler",
    type=SamplerName(SAMPLERS),
    default="random",
    show_default=True,
    help="Who chooses the configurations; all but random need the extra optuna, see docs/samplers.md.",
)


def plan_options(command: Command) -> Command:
    """Add the options; `plan_of` takes them out of the command's arguments."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def plan_of(arguments: dict[str, Any]) -> Fit:
    """Take the options out of a command's arguments: the plan, compared with the next larger one if it was made to fit.

    Raises:
        UsageError: a number is out of its range, or two options contradict each other.
    """
    cost, configurations = arguments.pop("fit_cost"), arguments.pop("fit_configs")
    fits = cost is not None or configurations is not None
    smax, eta, option = arguments.pop("smax"), arguments.pop("eta"), arguments.pop("eta_option")
    if eta is not None and option is not None:
        raise UsageError("ETA is given twice, as argument and as --eta.")
    if smax is not None and eta is None and option is None:
        raise UsageError("Missing argument 'ETA'.")
    largest, smallest = arguments["max_budget"], arguments["min_budget"]
    eta = eta if eta is not None else option if option is not None else 3
    for name, given in (("--fit-cost or --fit-configs", fits), ("--min-budget", smallest is not None)):
        if smax is not None and given:
            raise UsageError(f"SMAX and {name} both say how many brackets there are; give one of them.")
    if smallest is not None and largest is None:
        raise UsageError("--min-budget needs --max-budget.")
    if smax is None and not fits and largest is None:
        raise UsageError("Missing argument 'SMAX', --max-budget, --fit-cost or --fit-configs.")
    try:
        if smax is None:
            smax = 0 if largest is None else _smax(largest, smallest or Fraction(1), eta)
        settings = Settings(smax, eta, **{**arguments, "integer_budgets": bool(arguments["integer_budgets"])})

        def made(wanted: Settings) -> Fit:
            return fit(wanted, cost=cost, configurations=configurations) if fits else Fit(make_plan(wanted))

        return _whole(made, settings) if arguments["integer_budgets"] is None else made(settings)
    except PlanError as error:
        raise UsageError(f"{_as_typed(error.option)} {error.text}".strip()) from None


def _whole(made: Callable[[Settings], Fit], settings: Settings) -> Fit:
    """Make the plan with whole budgets where that is what is meant, and say so."""
    found = made(settings)
    exact = found.plan.settings
    if (why := rounding_text(exact, with_whole_budgets(exact))) == "":
        return found
    warn([why])
    return made(replace(settings, integer_budgets=True))


def _as_typed(option: str) -> str:
    """Write the name of a setting as on the command line."""
    return option.upper() if option in ("smax", "eta", "") else f"--{option.replace('_', '-')}"


def _smax(largest: Fraction, smallest: Fraction, eta: int) -> int:
    if eta < 2 or smallest <= 0 or largest <= 0:  # noqa: PLR2004
        return 0  # make_plan says what is wrong
    if smallest > largest:
        raise PlanError(
            f"is {float(smallest):g}; expected at most the largest budget, {float(largest):g}.",
            "min_budget",
        )
    return brackets_for(largest, smallest, eta)


@click.command(cls=RecordedCommand)
@plan_options
@SAMPLER
@click.option("--bracket", "-b", "brackets", type=WHOLE, multiple=True, help="Only this bracket; may be repeated.")
@click.option("--refine", "trials", type=click.IntRange(0), default=0, help="And what `hyband refine --trials` adds.")
@click.option("--parallel", type=click.IntRange(1), default=1, show_default=True, help="As of `hyband refine`.")
@click.option("--workers", "-j", type=click.IntRange(1, 100_000), help="Trainings at a time, for the time it takes.")
@click.option("--disk-per-config", type=BYTES, help="What one training leaves on disk, such as 200MB.")
@click.option(
    "--within", metavar="TIME", help="Propose a search that takes no longer, such as '12 h'; see --unit-cost."
)
@click.option(
    "--unit-cost", metavar="TIME", help="Time that a unit of budget takes, such as '40 s'; costs are in seconds then."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as data.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: a .svg, .png or .html.")
def plan(
    brackets: tuple[int, ...],
    *,
    sampler: str,
    trials: int,
    parallel: int,
    workers: int | None,
    disk_per_config: int | None,
    within: str | None,
    unit_cost: str | None,
    as_json: bool,
    plot: Path | None,
    **settings: Any,
) -> None:
    """Show what a search takes: trainings, budgets, cost, time, files, disk. Nothing is written but a picture.

    \b
    Example:
        hyband plan 5 3 --repetitions 2 --folds 10 -t 0.0028 --workers 32
        hyband plan --max-budget 100 --min-budget 1 --disk-per-config 200MB
        hyband plan --fit-cost 500 --eta 3 -t 0.0028
        hyband plan --max-budget 100 --workers 4 --within '12 h' --unit-cost '40 s'
    """
    if plot is not None:
        check_picture(plot)
    if unit_cost is not None:
        settings["cost_one_epoch_full_dataset"] = Fraction(seconds_of("--unit-cost", unit_cost))
    if within is not None:
        click.echo(_proposals(settings, seconds_of("--within", within), workers, sampler))
        return
    fitted = plan_of(settings)
    wanted = select(fitted.plan, brackets)
    whole = at_full_budget(wanted, [1] * trials)
    waits = waits_of(wanted, whole, parallel, in_turn=learns(sampler))
    if plot is not None:
        write_picture(whole, simulate(whole, workers, waits) if workers else None, plot)
    warn(without_effect(wanted))
    show = forecast_json if as_json else forecast_text
    click.echo(show(whole, Needs(workers, disk_per_config, waits), fitted))


def _proposals(arguments: dict[str, Any], seconds: int, workers: int | None, sampler: str) -> str:
    """Propose searches of any size within so many seconds."""
    sizes = ("smax", "fit_cost", "fit_configs")
    if arguments["max_budget"] is None or any(arguments.pop(name) is not None for name in sizes):
        raise UsageError("--within needs --max-budget, and proposes how large the search is: no SMAX, no --fit-...")
    if not (is_given("unit_cost") or is_given("cost_one_epoch_full_dataset")):
        raise UsageError("--within needs --unit-cost, the time that a unit of budget takes; `hyband try` measures it.")
    option, eta = arguments.pop("eta_option"), arguments.pop("eta")
    arguments["integer_budgets"] = bool(arguments["integer_budgets"])
    settings = Settings(0, option or eta or 3, **arguments)
    return proposals_text(settings, seconds, workers, recorded_command()[1:], in_turn=learns(sampler))


def select(whole: Plan, brackets: tuple[int, ...]) -> Plan:
    """Keep the brackets that were asked for; none named: all."""
    last = len(whole.brackets) - 1
    unknown = [b for b in brackets if not 0 <= b <= last]
    if unknown:
        raise UsageError(f"--bracket is {unknown[0]}; expected 0 to {last}.")
    return whole.select(brackets)
