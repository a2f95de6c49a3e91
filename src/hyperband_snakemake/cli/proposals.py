"""What `hyband plan --within` prints: searches that fit into a time, and the commands that write them."""

import os
import shlex
from typing import Any

from ..core.plan import PlanError, Settings, number_text
from ..core.plan.units import OptionError, duration_text, parse_duration
from ..errors import UsageError
from ..planning.propose import propose
from ..samplers.names import learns
from .options import is_given, recorded_command

_OF_PLAN = (
    "--within",
    "--unit-cost",
    "--workers",
    "-j",
    "--disk-per-config",
    "--plot",
    "--min-budget",
    "--eta",
    "--repeat",
)
_REST = "--template-dir my-templates --output-dir my-search"
_OF_SIZE = ("smax", "fit_cost", "fit_configs")


def seconds_of(option: str, text: str) -> int:
    """Read a time with its unit, in seconds.

    Raises:
        UsageError: it is none, or has no unit.
    """
    try:
        if text.strip().isdigit():
            raise OptionError(f"{text!r} has no unit; expected for example '{text.strip()} s' or '{text.strip()} min'")  # noqa: TRY301
        return parse_duration(text)
    except OptionError as error:
        raise UsageError(f"{option}: {error}.") from None


def proposals_text(arguments: dict[str, Any], seconds: int, workers: int | None, sampler: str) -> str:
    """Write one or two searches within so many seconds, each with its command.

    Raises:
        UsageError: what is needed for that is not given, or nothing fits.
    """
    if arguments["max_budget"] is None or any(arguments[name] is not None for name in _OF_SIZE):
        raise UsageError("--within needs --max-budget, and proposes how large the search is: no SMAX, no --fit-...")
    if not (is_given("unit_cost") or is_given("cost_one_epoch_full_dataset")):
        raise UsageError("--within needs --unit-cost, the time that a unit of budget takes; `hyband try` measures it.")
    eta = arguments["eta_option"] or arguments["eta"] or 3
    kept = {name: value for name, value in arguments.items() if name not in (*_OF_SIZE, "eta", "eta_option")}
    settings = Settings(0, eta, **{**kept, "integer_budgets": bool(kept["integer_budgets"])})
    at_a_time = workers or os.cpu_count() or 1
    try:
        found = propose(settings, seconds, at_a_time, in_turn=learns(sampler))
    except PlanError as error:
        raise UsageError(f"--{error.option.replace('_', '-')} {error.text}") from None
    cost = f"--cost-one-epoch-full-dataset {number_text(settings.cost_one_epoch_full_dataset)} --cost-unit seconds"
    lines = [f"Within {duration_text(seconds)}, {at_a_time} at a time:"]
    for letter, one in zip("AB", found, strict=False):
        what = "bracket 0 alone, which trusts early results more" if one.alone else "all brackets"
        command = f"hyband generate {shlex.join([*_kept_words(), *one.options])} {cost} {_REST}"
        lines += ["", f"{letter}  {one.text} ({what})", f"   {command}"]
    return "\n".join(lines)


def _kept_words() -> list[str]:
    """Give the words of the command line that the search needs, too."""
    kept, words = [], list(recorded_command()[1:])
    while words:
        word = words.pop(0)
        if word in _OF_PLAN:
            words = words[1:]
        elif word.partition("=")[0] not in _OF_PLAN:
            kept.append(word)
    return kept
