"""Translating our parameters to parameters of Optuna trials, and back.

Most are one parameter there. A permutation becomes a number for each option, by which they are sorted; a subset becomes
a yes or no for each option. Priors and weights are only for random draws: a sampler that learns does not need them.
"""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..extras import require
from ..space.distributions import Distribution, Integer, Normal, Uniform
from ..space.selections import Choice, Permutation, Subset, as_options

WIDTHS = 5  # an unbounded normal number is searched within this many standard deviations

Parts = dict[str, Any]  # name of an Optuna parameter -> its value or distribution


class Translator:
    """Assigns names in Optuna to each parameter.

    If a template draws one name from several distributions, in different branches, each gets a separate name, because
    Optuna needs the same options every time.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = {}

    def name(self, name: str, distribution: Distribution) -> str:
        """Name in Optuna: the same, or ``name (2)`` for the second distribution under it."""
        known = self._known.setdefault(name, [])
        text = json.dumps(distribution.describe() | {"prior": None, "weights": None}, sort_keys=True)
        if text not in known:
            known.append(text)
        at = known.index(text)
        return name if at == 0 else f"{name} ({at + 1})"

    def suggest(self, trial: Any, name: str, distribution: Distribution) -> Any:
        """Let a trial choose a parameter. Return the value in the form that the distribution draws."""
        parts = distributions_of(self.name(name, distribution), distribution)
        return drawn_of(distribution, [_suggest(trial, part, one) for part, one in parts.items()])

    def encode(self, values: Mapping[str, Any], space: Mapping[str, dict[str, Any]]) -> tuple[Parts, Parts]:
        """Turn a record into parameters and their distributions; unreadable ones are left out."""
        params: Parts = {}
        distributions: Parts = {}
        for name, description in space.items():
            distribution = distribution_from(description)
            parts = distributions_of(self.name(name, distribution), distribution)
            params |= dict(zip(parts, encoded(distribution, values[name]), strict=True))
            distributions |= parts
        return params, distributions


def _suggest(trial: Any, name: str, distribution: Any) -> Any:
    kind = type(distribution).__name__
    if kind == "CategoricalDistribution":
        return trial.suggest_categorical(name, distribution.choices)
    suggest = trial.suggest_float if kind == "FloatDistribution" else trial.suggest_int
    return suggest(name, distribution.low, distribution.high, log=distribution.log, step=distribution.step)


def distribution_from(data: Mapping[str, Any]) -> Distribution:
    """Rebuild a distribution from its description, without what only matters for random draws."""
    kind = data["kind"]
    options = as_options(data.get("options", ()))
    if kind == "uniform":
        return Uniform(data["low"], data["high"], data.get("log", False), data.get("step"))
    if kind == "integer":
        return Integer(data["low"], data["high"], data.get("log", False), data.get("step", 1))
    if kind == "normal":
        return Normal(data["mu"], data["sigma"], data.get("low", -math.inf), data.get("high", math.inf))
    if kind == "subset":
        return Subset(options, data["min_size"], data["max_size"])
    return Permutation(options) if kind == "permutation" else Choice(options, None, kind == "ordinal")


def distributions_of(name: str, distribution: Distribution) -> Parts:
    """Give the Optuna distributions for a parameter, by name."""
    optuna = require("optuna.distributions", "optuna")
    if isinstance(distribution, Uniform):
        high = distribution.high if distribution.size is None else distribution.at(distribution.size - 1)
        step = None if distribution.log else distribution.step  # Optuna has not both
        return {name: optuna.FloatDistribution(distribution.low, high, log=distribution.log, step=step)}
    if isinstance(distribution, Integer):
        high = distribution.at(distribution.size - 1)
        has_both = distribution.log and distribution.step != 1
        of_numbers = optuna.FloatDistribution if has_both else optuna.IntDistribution
        step = None if has_both else distribution.step
        return {name: of_numbers(distribution.low, high, log=distribution.log, step=step)}
    if isinstance(distribution, Normal):
        return {name: optuna.FloatDistribution(*_ends(distribution))}
    if isinstance(distribution, Choice) and distribution.ordered:
        return {name: optuna.IntDistribution(0, distribution.size - 1)}
    if isinstance(distribution, Choice):
        return {name: optuna.CategoricalDistribution(_categories(distribution))}
    assert isinstance(distribution, Subset | Permutation)
    part = optuna.CategoricalDistribution([False, True])
    if isinstance(distribution, Permutation):
        part = optuna.FloatDistribution(0.0, 1.0)
    return {f"{name}[{json.loads(option)}]": part for option in distribution.options}


def drawn_of(distribution: Distribution, values: list[Any]) -> Any:
    """Turn the values of Optuna's parameters into what the distribution would have drawn."""
    if isinstance(distribution, Permutation):
        return sorted(range(len(values)), key=lambda i: (values[i], i))
    if isinstance(distribution, Subset):
        return _sized(distribution, [i for i, chosen in enumerate(values) if chosen])
    if isinstance(distribution, Choice) and not distribution.ordered:
        return _categories(distribution).index(values[0])
    if isinstance(distribution, Integer) and isinstance(values[0], float):
        return distribution.rounded(values[0])
    return distribution.rounded(values[0]) if isinstance(distribution, Uniform | Normal) else values[0]


def encoded(distribution: Distribution, value: Any) -> list[Any]:
    """Turn a recorded value into the values of Optuna's parameters."""
    if isinstance(distribution, Choice):
        at = distribution.options.index(as_options([value])[0])
        return [at if distribution.ordered else _categories(distribution)[at]]
    if isinstance(distribution, Subset):
        chosen = as_options(value)
        return [option in chosen for option in distribution.options]
    if isinstance(distribution, Permutation):
        order, last = as_options(value), max(1, len(distribution.options) - 1)
        return [order.index(option) / last for option in distribution.options]
    if isinstance(distribution, Normal):
        low, high = _ends(distribution)
        return [min(max(value, low), high)]
    return [value]


@lru_cache(maxsize=1000)  # models ask thousands of times
def _categories(choice: Choice) -> list[Any]:
    """Options as Optuna stores them; all as JSON text if they include lists, or equal values such as 1 and true."""
    plain = [json.loads(option) for option in choice.options]
    simple = all(value is None or isinstance(value, str | int | float) for value in plain)
    return plain if simple and len(set(plain)) == len(plain) else list(choice.options)


def _ends(normal: Normal) -> tuple[float, float]:
    low = max(normal.low, normal.mu - WIDTHS * normal.sigma)
    high = min(normal.high, normal.mu + WIDTHS * normal.sigma)
    return (low, high) if low < high else (normal.low, normal.high)


def _sized(subset: Subset, chosen: list[int]) -> list[int]:
    """Drop or add options at the end until the size is allowed."""
    chosen = chosen[: subset.max_size]
    missing = [i for i in range(len(subset.options)) if i not in chosen]
    return sorted(chosen + missing[: max(0, subset.min_size - len(chosen))])
