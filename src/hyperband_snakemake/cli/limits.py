"""`hyband limits`, and the limits that `hyband generate` sets."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.plan.rules import UNITS
from ..core.plan.units import OptionError
from ..core.training.limits import read_limits
from ..core.tree import layout
from ..errors import HybandError, UsageError
from ..snapshot.scan import scan
from ..views.limits import limits_text
from ..writing.limits import LimitOptions, set_limits
from .common.ineffective import without_effect
from .common.options import DIRECTORY, NUMBER, is_given, warn

OPTIONS = ("time", "mem", "cost_unit", "time_factor")


def limits_given(arguments: Mapping[str, Any]) -> LimitOptions | None:
    """Give the limits on the command line of the running command; None if there are none.

    The time from the plan's cost is a limit only if --cost-unit or --time-factor is given.
    """
    given = {name: arguments[name] for name in OPTIONS if is_given(name)}
    if not given:
        return None
    if "time_factor" in given:
        given["time_factor"] = float(Fraction(given["time_factor"]))
        if arguments["cost_unit"]:  # `hyband generate` assumes hours if costs are given
            given["cost_unit"] = arguments["cost_unit"]
    return LimitOptions(**given)


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--time", multiple=True, metavar="[CONDITION:] VALUE", help="Time limit of a training run, such as 2h.")
@click.option("--mem", multiple=True, metavar="[CONDITION:] VALUE", help="Memory of a training run, such as 16G.")
@click.option("--cost-unit", type=click.Choice(list(UNITS)), help="Unit of the plan's costs, for time limits.")
@click.option("--time-factor", type=NUMBER, help="Time limit divided by the time in the plan.  [default: 3]")
@click.option("--off", is_flag=True, help="Delete all limits.")
def limits(search: Path, *, off: bool, **arguments: Any) -> None:
    """Limit time and memory of each training run, or show the limits.

    They are for training runs on this machine; on Slurm, `hyband slurm` sets them. Options that are not given are not
    changed. Changes apply from the next attempt on, also while the search runs.

    \b
    Example:
        hyband limits my-search --time 2h --time 'budget>=27: 12h' --mem 16G
    """
    plan, wanted = scan(search).plan, limits_given(arguments)
    if off and wanted is not None:
        raise UsageError("--off deletes all limits; leave it out to set some.")
    if off:
        (search / layout.LIMITS).unlink(missing_ok=True)
    elif wanted is not None:
        warn(set_limits(search, wanted))
    try:
        found = read_limits(search)
    except OptionError as error:
        raise HybandError(str(error)) from None
    warn(without_effect(plan, search) if found is not None else ())
    click.echo("There are no limits." if found is None else limits_text(plan, found))
