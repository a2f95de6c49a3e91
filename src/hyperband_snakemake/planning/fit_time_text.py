"""The output of `hyband plan --within`: searches that fit into a time, and the commands that write them."""

import shlex
from collections.abc import Callable, Sequence

from ..core.disk.processes import available_cores
from ..core.plan import Plan, PlanError, Settings, number_text
from ..core.plan.units import OptionError, duration_text, parse_duration
from ..errors import UsageError
from .fit_time import fit_time
from .simulate import Waits

_FITTED = ("--within", "--unit-cost", "--workers", "-j", "--disk-per-config", "--plot", "--min-budget", "--eta")
_OF_PLAN = (*_FITTED, "--repeat", "--cost-one-epoch-full-dataset", "-t")
_REST = "--template-dir my-templates --output-dir my-search"


def seconds_of(option: str, text: str) -> int:
    """Read a time with a unit, in seconds.

    Raises:
        UsageError: it is not a time, or has no unit.
    """
    number = text.strip()
    if number.isdigit():
        raise UsageError(f"{option}: {text!r} has no unit; expected for example '{number} s' or '{number} min'.")
    try:
        return parse_duration(text)
    except OptionError as error:
        raise UsageError(f"{option}: {error}.") from None


def candidates_text(
    settings: Settings, seconds: int, workers: int | None, words: Sequence[str], waits: Callable[[Plan], Waits]
) -> str:
    """Describe one or two searches that take at most ``seconds``, each with its command.

    Args:
        settings: all settings except the size, with costs in seconds.
        seconds: how long the search may take.
        workers: the number of training runs at a time; None: the number of cores.
        words: the words of the user's command line, without the command name.
        waits: what brackets that learn from others wait for.

    Raises:
        UsageError: nothing fits.
    """
    at_a_time = workers or available_cores()
    try:
        found = fit_time(settings, seconds, at_a_time, waits)
    except PlanError as error:
        raise UsageError(f"--{error.option.replace('_', '-')} {error.text}") from None
    cost = f"--cost-one-epoch-full-dataset {number_text(settings.cost_one_epoch_full_dataset)} --cost-unit seconds"
    lines = [f"Within {duration_text(seconds)}, {at_a_time} at a time:"]
    for letter, one in zip("AB", found, strict=False):
        what = "bracket 0 alone, which trusts early results more" if one.alone else "all brackets"
        command = f"hyband generate {shlex.join([*_kept(words), *one.options])} {cost} {_REST}"
        lines += ["", f"{letter}  {one.text} ({what})", f"   {command}"]
    return "\n".join(lines)


def _kept(words: Sequence[str]) -> list[str]:
    """Give the words of the command line that also apply to the search."""
    kept, rest = list[str](), list(words)
    while rest:
        word = rest.pop(0)
        if word in _OF_PLAN:
            rest = rest[1:]
        elif word.partition("=")[0] not in _OF_PLAN:
            kept.append(word)
    return kept
