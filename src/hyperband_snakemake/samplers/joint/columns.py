"""Configurations as rows of numbers, for a model of ours: a column for each option; conditions are absence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...extras import require
from ...space.distributions import Distribution
from ...space.generator import Generator
from ..translate import Parts, Translator, distribution_from, distributions_of, drawn_of, encoded

ABSENT = (0.5, 0.5)  # a number that a configuration lacks lies in the middle of those that it could be, and off them
APART = math.sqrt(0.5)  # two options of a choice are as far apart as the two ends of a range


class Columns:
    """Gives each configuration a row; the parameters are those of the configurations that it is made for."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Take the parameters of these records: what each drew, and from what (``values`` and ``space``)."""
        self._translator = Translator()
        self._known: dict[tuple[str, str], tuple[Distribution, Parts]] = {}
        self._parts: Parts = {}
        for record in records:
            for name, description in record["space"].items():
                self._parts |= self._read(name, description)[1]
        widths = [len(self._columns(part, None)) for part in self._parts.values()]
        self.groups = [number for number, width in enumerate(widths) for _ in range(width)]

    def rows(self, records: Sequence[Mapping[str, Any]]) -> Any:
        """Give the rows of these records."""
        return require("numpy", "optuna").array([self._row(record) for record in records])

    def _row(self, record: Mapping[str, Any]) -> list[float]:
        there: dict[str, Any] = {}
        for name, description in record["space"].items():
            distribution, parts = self._read(name, description)
            there |= zip(parts, encoded(distribution, record["values"][name]), strict=True)
        return [x for name, part in self._parts.items() for x in self._columns(part, there.get(name), name in there)]

    def _read(self, name: str, description: Mapping[str, Any]) -> tuple[Distribution, Parts]:
        """Give a parameter's distribution and its parts in Optuna; remembered, since there are thousands of records."""
        key = (name, repr(description))
        if key not in self._known:
            one = distribution_from(description)
            self._known[key] = (one, distributions_of(self._translator.name(name, one), one))
        return self._known[key]

    @staticmethod
    def _columns(part: Any, value: Any, is_there: bool = False) -> tuple[float, ...]:
        if hasattr(part, "choices"):
            return tuple(APART * (is_there and part.to_internal_repr(value) == i) for i in range(len(part.choices)))
        return (position(part, value), 0.0) if is_there else ABSENT


def position(part: Any, value: float) -> float:
    """Say where in the range of a number of Optuna's a value lies, from 0 to 1."""
    low, high = _ends(part)
    if low >= high:
        return 0.5
    return (math.log(value / low) / math.log(high / low)) if part.log else (value - low) / (high - low)


def _ends(part: Any) -> tuple[float, float]:
    whole = type(part).__name__ == "IntDistribution"
    return (part.low - 0.5, part.high + 0.5) if whole else (part.low, part.high)


def moved(distribution: Distribution, value: Any, step: float, chance: Generator) -> Any:
    """Draw something near a recorded value, at a distance of about ``step`` of the range; of options, any.

    Returns:
        What the distribution would have drawn.
    """
    parts = distributions_of("", distribution).values()
    values = []
    for part, old in zip(parts, encoded(distribution, value), strict=True):
        if hasattr(part, "choices"):
            values.append(part.choices[chance.below(len(part.choices))])
            continue
        low, high = _ends(part)
        if math.isinf(high - low):  # a normal number that is cut far from its middle
            values.append(old)
            continue
        at = position(part, old) + step * _normal(chance)
        at = min(max(at, 0.0), 1.0)
        new = low * (high / low) ** at if part.log and low < high else low + at * (high - low)
        whole = type(part).__name__ == "IntDistribution"
        if whole:
            new = part.low + round((new - part.low) / part.step) * part.step
        values.append(min(max(new, part.low), part.high))
    return drawn_of(distribution, values)


def kept(distribution: Distribution, value: Any) -> Any:
    """Turn a recorded value into what the distribution would have drawn."""
    return drawn_of(distribution, encoded(distribution, value))


def _normal(chance: Generator) -> float:
    """Draw a standard normal number, nearly: the sum of twelve even ones, which is the same on every machine."""
    return sum(chance.unit() for _ in range(12)) - 6
