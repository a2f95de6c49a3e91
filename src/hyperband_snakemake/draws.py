"""The draw functions of templates, and the record of what one configuration drew."""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .distributions import Distribution, Integer, Normal, Prior, Uniform
from .formats import Real, as_drawn, to_json
from .sampling import Source
from .selections import Choice, Permutation, Subset, as_options

Choose = Callable[[str, Distribution], Any]
SEEDS = 2**31  # every program takes a seed below it
FORMAT = 1


class Rejected(Exception):
    """A template called `reject`: its configuration is not to be used."""


@dataclass(frozen=True)
class Drawn:
    """A rendered configuration.

    Args:
        text: what is trained.
        identity: equal for two configurations that differ in nothing but their seeds; None: the text tells.
        record: what was drawn, as text of JSON, if the template used a draw function.
        rejected: why the template does not want it.
    """

    text: str
    identity: str | None = None
    record: str | None = None
    rejected: str = ""

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.text if self.identity is None else self.identity


class Drawing:
    """What one rendering draws: the draw functions are its methods that have no underscore.

    >>> from .sampling import Generator
    >>> drawing = Drawing(Generator(1))
    >>> drawing.uniform("lr", 1e-5, 1e-1, log=True), drawing.choice("solver", ["lbfgs", "saga"])
    (3.19783211e-05, 'saga')
    """

    def __init__(self, source: Source, choose: Choose | None = None) -> None:
        """Draw from a source, or let ``choose`` decide on each named value."""
        self._source = source
        self._choose = choose or (lambda _, distribution: distribution.draw(source))
        self._space: dict[str, Distribution] = {}
        self._values: dict[str, tuple[Any, Any]] = {}  # as drawn, and as the template sees it
        self._seeds: dict[str, int] = {}
        self._picked: list[str] = []

    def uniform(  # noqa: PLR0917 (as templates write it)
        self,
        name: str,
        low: float,
        high: float,
        log: bool = False,
        step: float | None = None,
        prior: Any = None,
        share: float = 0.5,
    ) -> float:
        """Draw a real number."""
        _check_range(name, low, high, log=log)
        _expect(step is None or (_is_number(step) and step > 0 and not log), name, "step must be above 0, without log")
        belief = None if prior is None else _prior(name, prior, share, (low, high), log=log, step=step or 0)
        drawn = Uniform(float(low), float(high), bool(log), None if step is None else float(step), belief)
        return Real(self._draw(name, drawn))

    def integer(  # noqa: PLR0917 (as templates write it)
        self, name: str, low: int, high: int, log: bool = False, step: int = 1, prior: Any = None, share: float = 0.5
    ) -> int:
        """Draw a whole number."""
        _expect(all(type(n) is int for n in (low, high, step)), name, "low, high and step must be whole numbers")
        _check_range(name, low, high, log=log, can_be_equal=True)
        _expect(step > 0 and (step == 1 or not log), name, "step must be 1 or more, and 1 with log")
        belief = None if prior is None else _prior(name, prior, share, (low, high), log=log, step=step)
        return int(self._draw(name, Integer(low, high, bool(log), step, belief)))

    def normal(self, name: str, mu: float, sigma: float, low: float | None = None, high: float | None = None) -> float:
        """Draw a normal number, between low and high."""
        _expect(_is_number(mu) and _is_number(sigma) and sigma > 0, name, "mu and sigma must be numbers, sigma above 0")
        ends = (-math.inf if low is None else low, math.inf if high is None else high)
        _expect(_is_number(*ends, finite=False) and ends[0] < ends[1], name, "low must be a number below high")
        return Real(self._draw(name, Normal(float(mu), float(sigma), float(ends[0]), float(ends[1]))))

    def choice(self, name: str, options: Any, weights: Any = None, prior: Any = None, share: float = 0.5) -> Any:
        """Draw one of several values."""
        return self._one_of(name, _listed(name, options), weights, prior, share, ordered=False)

    def ordinal(self, name: str, options: Any, prior: Any = None, share: float = 0.5) -> Any:
        """Draw one of several values whose order means something: small, medium, large."""
        return self._one_of(name, _listed(name, options), None, prior, share, ordered=True)

    def subset(self, name: str, options: Any, min_size: int = 0, max_size: int | None = None) -> list[Any]:
        """Draw some of several values, in their order."""
        listed = _listed(name, options)
        most = len(listed) if max_size is None else max_size
        _expect(type(min_size) is int and type(most) is int, name, "min_size and max_size must be whole numbers")
        _expect(0 <= min_size <= most <= len(listed), name, f"sizes must lie between 0 and {len(listed)}")
        numbers = self._draw(name, Subset(as_options(listed), min_size, most), lambda i: [listed[k] for k in i])
        return [as_drawn(listed[k]) for k in numbers]

    def permutation(self, name: str, options: Any) -> list[Any]:
        """Draw an order of several values."""
        listed = _listed(name, options)
        numbers = self._draw(name, Permutation(as_options(listed)), lambda i: [listed[k] for k in i])
        return [as_drawn(listed[k]) for k in numbers]

    def seed(self, name: str = "seed") -> int:
        """Draw a seed for a training's own random numbers; two that differ in nothing else are the same."""
        _expect(isinstance(name, str), name, "a seed's name must be a text")
        if name not in self._seeds:
            self._seeds[name] = self._source.aside(SEEDS)
        return self._seeds[name]

    def reject(self, condition: Any, why: str = "rejected by the template") -> str:
        """Draw all anew if the condition holds.

        Raises:
            Rejected: it holds.
        """
        if condition:
            raise Rejected(str(why))
        return ""

    @property
    def used(self) -> bool:
        """Whether a named value or a seed was drawn."""
        return bool(self._values or self._seeds)

    def note_pick(self, value: Any) -> None:
        """Note what the filter ``random`` drew: it has no name, but makes a difference."""
        self._picked.append(repr(value))

    def finish(self, text: str) -> Drawn:
        """Make a value of all that was drawn for this text."""
        if not self.used:
            return Drawn(text)
        values = {name: shown for name, (_, shown) in self._values.items()}
        record = {
            "format": FORMAT,
            "values": values,
            "seeds": self._seeds,
            "space": {name: _readable(distribution) for name, distribution in self._space.items()},
        }
        identity = None
        if self._values or self._picked:
            identity = json.dumps([sorted((n, to_json(v)) for n, v in values.items()), self._picked])
        return Drawn(text, identity, json.dumps(record, indent=1, ensure_ascii=False) + "\n")

    def _one_of(self, name: str, options: list[Any], weights: Any, prior: Any, share: float, *, ordered: bool) -> Any:
        if weights is not None or prior is not None:
            shares = _weights(name, options, weights, prior, share)
            options = [option for option, weight in zip(options, shares, strict=True) if weight > 0]
            distribution = Choice(as_options(options), tuple(w for w in shares if w > 0), ordered)
        else:
            distribution = Choice(as_options(options), None, ordered)
        return as_drawn(options[self._draw(name, distribution, lambda i: options[i])])

    def _draw(self, name: str, distribution: Distribution, shown: Callable[[Any], Any] = lambda value: value) -> Any:
        """Draw by name; the same name with the same distribution is the same parameter."""
        _expect(isinstance(name, str) and name != "", name, "the name comes first, in quotes")
        if name in self._space:
            _expect(self._space[name] == distribution, name, "was drawn before, from something else")
            return self._values[name][0]
        drawn = self._choose(name, distribution)
        self._space[name] = distribution
        self._values[name] = (drawn, shown(drawn))
        return drawn


def _readable(distribution: Distribution) -> dict[str, Any]:
    data = distribution.describe()
    return data | {"options": [json.loads(option) for option in data["options"]]} if "options" in data else data


def _expect(holds: bool, name: object, message: str) -> None:
    if not holds:
        raise ValueError(f"parameter {name!r}: {message}")


def _is_number(*values: Any, finite: bool = True) -> bool:
    real = all(isinstance(v, int | float) and not isinstance(v, bool) and v == v for v in values)  # noqa: PLR0124
    return real and (not finite or all(math.isfinite(v) for v in values))


def _check_range(name: str, low: Any, high: Any, *, log: bool, can_be_equal: bool = False) -> None:
    _expect(_is_number(low, high), name, f"low and high must be numbers, not {low!r} and {high!r}")
    _expect(low < high or (can_be_equal and low == high), name, f"low ({low}) must be below high ({high})")
    _expect(not log or low > 0, name, f"low ({low}) must be above 0 for a logarithmic range")


def _prior(name: str, prior: Any, share: Any, ends: tuple[float, float], *, log: bool, step: float) -> Prior:
    _expect(_is_number(share) and 0 < share < 1, name, f"share must lie between 0 and 1, not {share!r}")
    values = list(prior) if isinstance(prior, list | tuple) else [prior, prior]
    message = "prior must be a number, or two for a range, between low and high"
    _expect(len(values) == 2 and _is_number(*values), name, message)  # noqa: PLR2004 (a range has two ends)
    _expect(ends[0] <= values[0] <= values[1] <= ends[1], name, message)
    scale: Callable[[float], float] = math.log if log else float
    half = step / 2  # a value that is counted stands for all that is nearer to it than to its neighbours
    low, high = scale(ends[0] - half), scale(ends[1] + half)
    around = half if values[0] < values[1] else 0
    at = [(scale(value) - low) / (high - low) for value in (values[0] - around, values[1] + around)]
    return Prior(at[0], at[1], float(share))


def _listed(name: str, options: Any) -> list[Any]:
    _expect(isinstance(options, Iterable) and not isinstance(options, str), name, "the options must be a list")
    listed = list(options)
    _expect(listed != [], name, "there are no options")
    try:
        texts = as_options(listed)
    except ValueError as error:
        raise ValueError(f"parameter {name!r}: {error}") from None
    _expect(len(set(texts)) == len(texts), name, "two options are the same; use weights")
    return listed


def _weights(name: str, options: list[Any], weights: Any, prior: Any, share: Any) -> list[float]:
    shares = [1.0] * len(options) if weights is None else list(weights)
    _expect(len(shares) == len(options), name, f"{len(shares)} weights for {len(options)} options")
    _expect(_is_number(*shares) and min(shares) >= 0 and sum(shares) > 0, name, "weights must be 0 or more, not all 0")
    if prior is None:
        return [float(w) for w in shares]
    _expect(_is_number(share) and 0 < share < 1, name, f"share must lie between 0 and 1, not {share!r}")
    expected = set(as_options(prior if isinstance(prior, list | tuple) and prior not in options else [prior]))
    texts = as_options(options)
    _expect(expected <= set(texts) and bool(expected), name, "prior must be one of the options, or a list of them")
    whole = math.fsum(shares)
    return [
        (1 - share) * weight / whole + (share / len(expected) if text in expected else 0)
        for weight, text in zip(shares, texts, strict=True)
    ]
