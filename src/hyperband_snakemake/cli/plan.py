"""`hyband plan`, and the options that say what is planned, which `hyband generate` has, too."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click

from ..core.plan import AGGREGATES, BRACKET_SIZES, Plan, PlanError, Settings, brackets_for, make_plan
from ..core.tree.proposals import Learner
from ..errors import UsageError
from ..planning.fit import Fit, fit
from ..planning.forecast import Needs, forecast_json, forecast_text
from ..planning.growth import added, at_full_budget
from ..planning.plot import check_picture, write_picture
from ..planning.simulate import Waits, simulate
from ..samplers.names import SAMPLERS, learns
from ..writing.learners import learners_of, waits_of
from .ineffective import without_effect
from .options import BYTES, NUMBER, WHOLE, SamplerName, warn

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
    click.option("--integer-budgets", is_flag=True, help="Round budgets to whole numbers."),
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
        settings = Settings(smax, eta, **arguments)
        return fit(settings, cost=cost, configurations=configurations) if fits else Fit(make_plan(settings))
    except PlanError as error:
        raise UsageError(f"{_as_typed(error.option)} {error.text}".strip()) from None


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


@click.command()
@plan_options
@SAMPLER
@click.option("--bracket", "-b", "brackets", type=WHOLE, multiple=True, help="Only this bracket; may be repeated.")
@click.option("--refine", "trials", type=click.IntRange(0), default=0, help="And what `hyband refine --trials` adds.")
@click.option("--parallel", type=click.IntRange(1), default=1, show_default=True, help="As of `hyband refine`.")
@click.option(
    "--parameters",
    type=click.IntRange(1),
    default=6,
    show_default=True,
    help="That the template names: which results a sampler that learns waits for depends on it.",
)
@click.option("--workers", "-j", type=click.IntRange(1, 100_000), help="Trainings at a time, for the time it takes.")
@click.option("--disk-per-config", type=BYTES, help="What one training leaves on disk, such as 200MB.")
@click.option("--json", "as_json", is_flag=True, help="Print it as data.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: a .svg, .png or .html.")
def plan(
    brackets: tuple[int, ...],
    *,
    sampler: str,
    trials: int,
    parallel: int,
    parameters: int,
    workers: int | None,
    disk_per_config: int | None,
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
    """
    if plot is not None:
        check_picture(plot)
    fitted = plan_of(settings)
    wanted = select(fitted.plan, brackets)
    whole, waits = _refined(wanted, trials, parallel, parameters if learns(sampler) else None)
    if plot is not None:
        write_picture(whole, simulate(whole, workers, waits) if workers else None, plot)
    warn(without_effect(wanted))
    show = forecast_json if as_json else forecast_text
    click.echo(show(whole, Needs(workers, disk_per_config, waits), fitted))


def _refined(wanted: Plan, trials: int, parallel: int, parameters: int | None) -> tuple[Plan, Waits]:
    """Add what `hyband refine` adds, and say which brackets wait for others."""
    numbers = [bracket.index for bracket in wanted.brackets]
    whole = at_full_budget(wanted, [1] * trials)
    learners = {}
    if parameters is not None:
        learners = learners_of(wanted, numbers[1:], Learner("", 0.0, tuple(numbers[:1])), parameters)
    new = [bracket.index for bracket in added(wanted, whole)]
    learners |= learners_of(whole, new, Learner("", 0.0, tuple(numbers)), parameters or 0, parallel=parallel)
    return whole, waits_of(whole, learners)


def select(whole: Plan, brackets: tuple[int, ...]) -> Plan:
    """Keep the brackets that were asked for; none named: all."""
    last = len(whole.brackets) - 1
    unknown = [b for b in brackets if not 0 <= b <= last]
    if unknown:
        raise UsageError(f"--bracket is {unknown[0]}; expected 0 to {last}.")
    return whole.select(brackets)
