"""The allowed range of each number in a plan."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from .settings import Settings

HIGHEST_SMAX = 20
MOST_CONFIGURATIONS = 1_000_000
BRACKET_SIZES = ("paper", "floor")
AGGREGATES = ("mean", "median", "min", "max")
MOST_FOLDS = 10_000  # of one configuration, as separate training runs
LIMITS = {  # name -> (lowest, highest, in words)
    "smax": (0, HIGHEST_SMAX, "the number of brackets less one"),
    "eta": (2, 1000, "one configuration in eta is promoted"),
    "repetitions": (1, 10**6, "repetitions of the cross-validation"),
    "folds": (1, 10**6, "folds of the cross-validation; 1 means none"),
    "cost_one_epoch_full_dataset": (0, 10**15, "the cost of one epoch"),
    "guaranteed_budget": (0, 10**15, "budget added to that of each stage"),
    "last_stage": (0, 10**6, "the last stage to run in each bracket"),
    "retries": (0, 1000, "how often a failed training run is retried"),
    "max_budget": (Fraction(1, 10**9), 10**15, "the largest budget"),
    "min_budget": (Fraction(1, 10**9), 10**15, "the smallest budget"),
    "repeat": (1, 1000, "iterations of Hyperband"),
    "start_cost": (0, 10**15, "the cost of starting a training run"),
}


class PlanError(ValueError):
    """A number that is not valid in a plan; the text names it and its range.

    The text begins with ``option``, the number's name in `Settings` ("" if it is about something else), and
    ``text`` is the rest.
    """

    def __init__(self, text: str, option: str = "") -> None:
        super().__init__(f"{option} {text}" if option else text)
        self.text = text
        self.option = option


def check_settings(settings: Settings) -> None:
    """Raise PlanError unless all numbers of the settings are in range and fit together."""
    values: Mapping[str, Any] = vars(settings)
    for name, (low, high, meaning) in LIMITS.items():
        value = values[name]
        if value is not None and not low <= value <= high:
            raise PlanError(f"is {_text(value)}; expected {_text(low)} to {_text(high)} ({meaning}).", name)
    s, eta = settings.smax, settings.eta
    if (first := eta**s) > MOST_CONFIGURATIONS:
        raise PlanError(
            f"{s} with eta {eta} starts {first:,} configurations in bracket 0; "
            f"expected at most {MOST_CONFIGURATIONS:,}.",
            "smax",
        )
    if settings.repeat > 1 and (all_of_them := settings.repeat * (s + 1) * first) > 10 * MOST_CONFIGURATIONS:
        raise PlanError(
            f"is {settings.repeat}, which starts about {all_of_them:,} configurations; "
            f"expected at most {10 * MOST_CONFIGURATIONS:,}.",
            "repeat",
        )
    for name in ("carry", "discard"):
        if (pattern := wrong_pattern(getattr(settings, name))) is not None:
            raise PlanError(
                f"is {pattern!r}; expected a file name or pattern within the directory of a configuration, "
                "such as 'checkpoint*'.",
                name,
            )
    _check_folds(settings)
    if settings.bracket_sizes not in BRACKET_SIZES:
        raise PlanError(f"is {settings.bracket_sizes!r}; expected paper or floor.", "bracket_sizes")
    for name, budget in (("max_budget", settings.R), ("guaranteed_budget", settings.guaranteed_budget)):
        if settings.integer_budgets and Fraction(budget).denominator != 1:
            raise PlanError(f"is {_text(budget)}; expected a whole number with integer budgets.", name)


def _text(value: Any) -> str:
    exact = Fraction(value)
    return str(exact.numerator) if exact.denominator == 1 else f"{float(exact):g}"


def _check_folds(settings: Settings) -> None:
    if settings.aggregate not in AGGREGATES:
        raise PlanError(f"is {settings.aggregate!r}; expected one of {', '.join(AGGREGATES)}.", "aggregate")
    for text in settings.repetitions_at_stage:
        if not re.fullmatch(r"\d{1,6}=[1-9]\d{0,5}", text):
            raise PlanError(f"is {text!r}; expected STAGE=REPETITIONS, such as 2=5.", "repetitions_at_stage")
        if int(text.partition("=")[2]) < settings.repetitions:
            raise PlanError(
                f"is {text!r}; expected no fewer than in stage 0, {settings.repetitions}.", "repetitions_at_stage"
            )
    if settings.aggregate != AGGREGATES[0] and not settings.parallel_folds:
        raise PlanError("needs --parallel-folds; without it, run.sh writes one result for all folds.", "aggregate")
    if settings.repetitions_at_stage and not settings.parallel_folds:
        raise PlanError(
            "needs --parallel-folds, which makes each repetition a separate training run.", "repetitions_at_stage"
        )
    if settings.parallel_folds and settings.folds * settings.repetitions_at(settings.smax) > MOST_FOLDS:
        raise PlanError(f"makes more than {MOST_FOLDS:,} training runs of one configuration.", "parallel_folds")


def wrong_pattern(patterns: Sequence[str]) -> str | None:
    """Give the first pattern that does not name something below the directory of a configuration.

    >>> wrong_pattern(["checkpoint*", "models/**/*.pt"]), wrong_pattern(["../*"]), wrong_pattern(["/tmp/x"])
    (None, '../*', '/tmp/x')
    """
    return next((pattern for pattern in patterns if not _names_something_below(Path(pattern))), None)


def _names_something_below(pattern: Path) -> bool:
    """Whether it does; ``**`` next to other text has no meaning before Python 3.13."""
    parts = pattern.parts
    return bool(parts) and not (
        pattern.is_absolute() or ".." in parts or any("**" in part and part != "**" for part in parts)
    )
