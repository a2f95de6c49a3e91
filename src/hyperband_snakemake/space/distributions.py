"""The distributions behind the draw functions, as values that can be compared, counted and written to a file.

Each distribution has a ``size`` (its number of values, None if they cannot be counted) and draws from a `Source`.
Real numbers are rounded to ten significant digits, so that they are short and the same on every machine.
"""

import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Any, Protocol

from .generator import Source

BELL = 0.1  # standard deviation around a single expected value, as a share of the range


class Distribution(Protocol):
    """A distribution that a parameter is drawn from."""

    @property
    def size(self) -> int | None:
        """Number of different values; None if there are infinitely many."""

    def draw(self, source: Source) -> Any:
        """Draw a value."""

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""


@dataclass(frozen=True)
class Prior:
    """Where good values are expected: positions from 0 to 1 within a range, and the share of draws from there.

    ``low`` and ``high`` are the ends of a range, or equal for a bell around one value (truncated to the whole range).
    """

    low: float
    high: float
    share: float

    def position(self, unit: float) -> float:
        """Turn a uniform number from 0 to 1 into a position.

        >>> [round(Prior(0.2, 0.4, 0.5).position(unit), 6) for unit in (0, 0.25, 0.5, 0.75)]
        [0.2, 0.3, 0.0, 0.5]
        """
        if unit >= self.share:
            return (unit - self.share) / (1 - self.share)
        inner = unit / self.share
        if self.low < self.high:
            return self.low + inner * (self.high - self.low)
        return truncated_normal(inner, self.low, BELL, 0.0, 1.0)


@dataclass(frozen=True)
class Uniform:
    """Real numbers from ``low`` to ``high``, uniform or log-uniform; with ``step``, only low + k * step."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    prior: Prior | None = None

    @property
    def size(self) -> int | None:
        """Number of steps, if there are any."""
        return None if self.step is None else int((_exact(self.high) - _exact(self.low)) // _exact(self.step)) + 1

    def draw(self, source: Source) -> float:
        """Draw a number.

        >>> from hyperband_snakemake.space.generator import Generator
        >>> Uniform(0.001, 10, log=True).draw(Generator(1))
        0.00319783211
        """
        if self.size is None:
            unit = source.unit()
            position = self.prior.position(unit) if self.prior else unit
            return rounded(value_at(position, self.low, self.high, log=self.log), self.low, self.high)
        if self.log:
            return self.at(source.index(self.size, self._from_unit))
        return self.at(draw_index(source, self.size, self.prior))

    def _from_unit(self, unit: float) -> int:
        position = self.prior.position(unit) if self.prior else unit
        return log_index(position, self.low, self.step or 0, self.size or 1)

    def at(self, index: int) -> float:
        """Give the number after this many steps."""
        return float(_exact(self.low) + index * _exact(self.step or 0))

    def rounded(self, value: float) -> float:
        """Give the nearest number that can be drawn, in short form."""
        if self.step is not None:
            return self.at(round((value - self.low) / self.step))
        return rounded(value, self.low, self.high)

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        return {"kind": "uniform"} | _given(self)


@dataclass(frozen=True)
class Integer:
    """Whole numbers from ``low`` to ``high`` in steps, uniform or log-uniform."""

    low: int
    high: int
    log: bool = False
    step: int = 1
    prior: Prior | None = None

    @property
    def size(self) -> int:
        """Number of values."""
        return (self.high - self.low) // self.step + 1

    def draw(self, source: Source) -> int:
        """Draw a number.

        >>> from hyperband_snakemake.space.generator import Generator
        >>> Integer(1, 8).draw(Generator(1))
        3
        """
        if not self.log:
            return self.at(draw_index(source, self.size, self.prior))
        return self.at(source.index(self.size, self._from_unit))

    def _from_unit(self, unit: float) -> int:
        position = self.prior.position(unit) if self.prior else unit
        return log_index(position, self.low, self.step, self.size)

    def at(self, index: int) -> int:
        """Give the number after this many steps."""
        return self.low + self.step * index

    def rounded(self, value: float) -> int:
        """Give the number nearest to this one that can be drawn."""
        return self.at(min(max(round((value - self.low) / self.step), 0), self.size - 1))

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        return {"kind": "integer"} | _given(self)


@dataclass(frozen=True)
class Normal:
    """A normal distribution, cut at ``low`` and ``high`` where these are given."""

    mu: float
    sigma: float
    low: float = -math.inf
    high: float = math.inf

    @property
    def size(self) -> None:
        """None: there are infinitely many values."""

    def draw(self, source: Source) -> float:
        """Draw a number."""
        return self.rounded(truncated_normal(source.unit(), self.mu, self.sigma, self.low, self.high))

    def rounded(self, value: float) -> float:
        """Give the nearest number in short form."""
        return rounded(value, self.low, self.high)

    def describe(self) -> dict[str, Any]:
        """Say what it is, as data for JSON."""
        return {"kind": "normal"} | {key: value for key, value in asdict(self).items() if math.isfinite(value)}


def value_at(position: float, low: float, high: float, *, log: bool) -> float:
    """Give the number at a position from 0 to 1 between low and high."""
    if log:
        return math.exp(math.log(low) + position * (math.log(high) - math.log(low)))
    return low * (1 - position) + high * position


def log_index(position: float, low: float, step: float, size: int) -> int:
    """Turn a position from 0 to 1 into a number of steps, each with its share of the logarithm.

    >>> [log_index(position, 8, 8, 4) for position in (0, 0.4, 0.6, 1)]
    [0, 0, 1, 3]
    """
    value = value_at(position, below(low, step), low + (size - 0.5) * step, log=True)
    steps = math.floor(value + 0.5) - low if step == 1 else math.floor((value - low) / step + 0.5)
    return int(min(max(steps, 0), size - 1))


def below(value: float, step: float) -> float:
    """Give the lower end of what rounds to a value of a logarithmic range with steps; it is above 0."""
    return max(value - step / 2, value / 2)


def draw_index(source: Source, size: int, prior: Prior | None) -> int:
    """Draw a whole number below ``size``, uniformly or with a prior."""
    if prior is None:
        return source.index(size)
    return source.index(size, lambda unit: min(int(prior.position(unit) * size), size - 1))


def truncated_normal(unit: float, mu: float, sigma: float, low: float, high: float) -> float:
    """Turn a uniform number from 0 to 1 into a normal one between low and high, precise in both tails.

    >>> round(truncated_normal(0.5, 0, 1, 8, 9), 4)
    8.0849
    """
    if low > mu:  # mirror the upper tail: probabilities near 0 are precise, those near 1 are not
        return -truncated_normal(1 - unit, -mu, sigma, -high, -low)
    below, up_to = normal_cdf((low - mu) / sigma), normal_cdf((high - mu) / sigma)
    probability = below + unit * (up_to - below)
    probability = min(max(probability, 5e-324), 1 - 2**-53)
    return min(max(mu + sigma * NormalDist().inv_cdf(probability), low), high)


def normal_cdf(z: float) -> float:
    """Probability that a standard normal number is below z."""
    return math.erfc(-z / math.sqrt(2)) / 2


def rounded(value: float, low: float, high: float) -> float:
    """Round to ten significant digits, within the range."""
    return min(max(float(f"{value:.10g}"), low), high)


def _exact(value: float) -> Fraction:
    return Fraction(repr(value))  # so that 0.1 is exactly a tenth


def _given(distribution: Uniform | Integer) -> dict[str, Any]:
    data = {key: value for key, value in vars(distribution).items() if value is not None and value is not False}
    return data if distribution.prior is None else data | {"prior": asdict(distribution.prior)}
