"""The options that define a plan, and making the plan from them."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

import click
import cloup

from ...core.plan import AGGREGATES, BRACKET_SIZES, Plan, PlanError, Settings, brackets_for, make_plan
from ...errors import UsageError
from ...planning.fit import Fit, fit
from ...planning.whole import rounding_text, with_whole_budgets
from .options import NUMBER, WHOLE, warn

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = [
    click.argument("smax", type=WHOLE, required=False),
    click.argument("eta", type=WHOLE, required=False),
    cloup.option_group(
        "Size of the search",
        "Give SMAX and ETA, or one of --max-budget, --fit-cost and --fit-configs.",
        click.option(
            "--max-budget", type=NUMBER, help="Budget of the last stages, instead of ETA to the power of SMAX."
        ),
        click.option(
            "--min-budget",
            type=NUMBER,
            help="Smallest budget of any stage; with --max-budget, instead of SMAX.  [default: 1]",
        ),
        click.option("--fit-cost", type=NUMBER, help="The largest search within this cost, instead of SMAX."),
        click.option(
            "--fit-configs", type=click.IntRange(1), help="The largest search within this number of training runs."
        ),
        click.option("--eta", "eta_option", type=WHOLE, help="One configuration in ETA is promoted.  [default: 3]"),
        click.option(
            "--repeat", type=WHOLE, default=1, show_default=True, help="Iterations of Hyperband, in parallel."
        ),
        click.option("--last-stage", type=WHOLE, help="Stop every bracket after this stage."),
        click.option(
            "--bracket-sizes",
            type=click.Choice(BRACKET_SIZES),
            default="paper",
            show_default=True,
            help="How many configurations a bracket starts: (SMAX+1)*ETA^s/(s+1), or with (SMAX+1)/(s+1) rounded down.",
        ),
    ),
    cloup.option_group(
        "Budgets and costs",
        click.option(
            "--integer-budgets/--fractional-budgets",
            default=None,
            help="Round budgets to whole numbers, or never.  [default: whole if the largest and the smallest are]",
        ),
        click.option(
            "--guaranteed-budget", type=NUMBER, default="0", help="Budget added to that of each stage.  [default: 0]"
        ),
        click.option(
            "--cost-one-epoch-full-dataset",
            "-t",
            type=NUMBER,
            default="1",
            show_default=True,
            help="Cost of one epoch on all data, in any unit (hours, say); the plan's costs are in the same unit.",
        ),
        click.option(
            "--start-cost",
            type=NUMBER,
            default="0",
            help="Cost of starting a training run, in the same unit.  [default: 0]",
        ),
    ),
    cloup.option_group(
        "Cross-validation",
        click.option(
            "--repetitions", "-r", type=WHOLE, default=1, show_default=True, help="Cross-validation repetitions."
        ),
        click.option(
            "--folds", "-k", type=WHOLE, default=1, show_default=True, help="Cross-validation folds; 1: none."
        ),
        click.option(
            "--parallel-folds",
            is_flag=True,
            help="Each fold of each repetition is a separate training run: run.sh gets it as $4, the repetition as $5.",
        ),
        click.option(
            "--aggregate",
            type=click.Choice(AGGREGATES),
            default="mean",
            show_default=True,
            help="How the folds' results are combined, with --parallel-folds.",
        ),
        click.option(
            "--repetitions-at-stage",
            multiple=True,
            metavar="STAGE=NUMBER",
            help="More repetitions from this stage on, with --parallel-folds; repeatable.",
        ),
    ),
    cloup.option_group(
        "Results and promotion",
        click.option("--maximize", is_flag=True, help="The highest result is the best, not the lowest."),
        click.option(
            "--resume", is_flag=True, help="A promoted configuration resumes from its checkpoint ($3 of run.sh)."
        ),
    ),
]


BRACKETS = click.option(
    "--bracket",
    "-b",
    "brackets",
    type=WHOLE,
    multiple=True,
    help="Only this bracket, as in the whole search; repeatable.",
)


def plan_options(command: Command) -> Command:
    """Add the options; `plan_of` takes them out of the command's arguments."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def plan_of(arguments: dict[str, Any]) -> Fit:
    """Take the options out of a command's arguments, and make the plan (with the next larger one if it was to fit).

    Raises:
        UsageError: a number is out of range, or two options contradict each other.
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
            raise UsageError(f"SMAX and {name} both determine the number of brackets; give only one.")
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
        raise UsageError(f"{as_typed(error.option)} {error.text}".strip()) from None


def _whole(made: Callable[[Settings], Fit], settings: Settings) -> Fit:
    """Make the plan, with whole budgets if that is intended, and say so."""
    found = made(settings)
    exact = found.plan.settings
    if (why := rounding_text(exact, with_whole_budgets(exact))) == "":
        return found
    warn([why])
    return made(replace(settings, integer_budgets=True))


def as_typed(option: str) -> str:
    """Write the name of a setting as its option on the command line."""
    return option.upper() if option in ("smax", "eta", "") else f"--{option.replace('_', '-')}"


def _smax(largest: Fraction, smallest: Fraction, eta: int) -> int:
    if eta < 2 or smallest <= 0 or largest <= 0:  # noqa: PLR2004
        return 0  # make_plan reports the mistake
    if smallest > largest:
        raise PlanError(
            f"is {float(smallest):g}; expected at most the largest budget, {float(largest):g}.",
            "min_budget",
        )
    return brackets_for(largest, smallest, eta)


def select(whole: Plan, brackets: tuple[int, ...]) -> Plan:
    """Keep the requested brackets; if none are named, all."""
    last = len(whole.brackets) - 1
    unknown = [b for b in brackets if not 0 <= b <= last]
    if unknown:
        raise UsageError(f"--bracket is {unknown[0]}; expected 0 to {last}.")
    return whole.select(brackets)
