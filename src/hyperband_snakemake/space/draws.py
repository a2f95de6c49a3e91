"""The draw functions for templates, and the record of what was drawn for one configuration."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .arguments import check_range, expect, is_number, listed, prior_of, weights_of
from .distributions import Distribution, Integer, Normal, Uniform
from .formats import Real, as_drawn, to_json
from .generator import Source
from .selections import Choice, Permutation, Subset, as_options

Choose = Callable[[str, Distribution], Any]
SEEDS = 2**31  # every program accepts seeds below this
FORMAT = 1


class Rejected(Exception):
    """A template called `reject`: its configuration must not be used."""


@dataclass(frozen=True)
class RenderedConfig:
    """A rendered configuration.

    Args:
        text: its text.
        identity: equal for configurations that differ only in their seeds; None: compare the texts.
        record: what was drawn, as JSON text, if the template used a draw function.
        rejected: why the template rejected it.
    """

    text: str
    identity: str | None = None
    record: str | None = None
    rejected: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The record as data; empty if there is none."""
        data: dict[str, Any] = json.loads(self.record or "{}")
        return data

    @property
    def key(self) -> str:
        """What distinguishes it from others."""
        return self.text if self.identity is None else self.identity


class Drawing:
    """What is drawn in one rendering: its methods without an underscore are the draw functions.

    >>> from hyperband_snakemake.space.generator import Generator
    >>> drawing = Drawing(Generator(1))
    >>> drawing.uniform("lr", 1e-5, 1e-1, log=True), drawing.choice("solver", ["lbfgs", "saga"])
    (3.19783211e-05, 'saga')
    """

    def __init__(self, source: Source, choose: Choose | None = None) -> None:
        """Draw from a source, or let ``choose`` decide each named value."""
        self._source = source
        self._choose = choose or (lambda _, distribution: distribution.draw(source))
        self._space: dict[str, Distribution] = {}
        self._values: dict[str, tuple[Any, Any]] = {}  # as drawn, and as the template sees it
        self._seeds: dict[str, int] = {}
        self._picked: list[str] = []

    def uniform(  # noqa: PLR0917 (templates pass them by position)
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
        check_range(name, low, high, log=log)
        expect(step is None or (is_number(step) and step > 0), name, "step must be above 0")
        belief = None if prior is None else prior_of(name, prior, share, (low, high), log=log, step=step or 0)
        drawn = Uniform(float(low), float(high), log, None if step is None else float(step), belief)
        return Real(self._draw(name, drawn))

    def integer(  # noqa: PLR0917
        self, name: str, low: int, high: int, log: bool = False, step: int = 1, prior: Any = None, share: float = 0.5
    ) -> int:
        """Draw a whole number."""
        expect(all(type(n) is int for n in (low, high, step)), name, "low, high and step must be whole numbers")
        check_range(name, low, high, log=log, can_be_equal=True)
        expect(step > 0, name, "step must be 1 or more")
        belief = None if prior is None else prior_of(name, prior, share, (low, high), log=log, step=step)
        return int(self._draw(name, Integer(low, high, log, step, belief)))

    def normal(self, name: str, mu: float, sigma: float, low: float | None = None, high: float | None = None) -> float:
        """Draw a normal number, between low and high."""
        expect(is_number(mu) and is_number(sigma) and sigma > 0, name, "mu and sigma must be numbers, sigma above 0")
        ends = (-math.inf if low is None else low, math.inf if high is None else high)
        expect(is_number(*ends, finite=False) and ends[0] < ends[1], name, "low must be a number below high")
        return Real(self._draw(name, Normal(float(mu), float(sigma), float(ends[0]), float(ends[1]))))

    def choice(self, name: str, options: Any, weights: Any = None, prior: Any = None, share: float = 0.5) -> Any:
        """Draw one of several values."""
        return self._one_of(name, listed(name, options), weights, prior, share, ordered=False)

    def ordinal(self, name: str, options: Any, prior: Any = None, share: float = 0.5) -> Any:
        """Draw one of several values whose order has a meaning: small, medium, large."""
        return self._one_of(name, listed(name, options), None, prior, share, ordered=True)

    def subset(self, name: str, options: Any, min_size: int = 0, max_size: int | None = None) -> list[Any]:
        """Draw a subset of several values, in their order."""
        values = listed(name, options)
        most = len(values) if max_size is None else max_size
        expect(type(min_size) is int and type(most) is int, name, "min_size and max_size must be whole numbers")
        expect(0 <= min_size <= most <= len(values), name, f"sizes must lie between 0 and {len(values)}")
        numbers = self._draw(name, Subset(as_options(values), min_size, most), lambda i: [values[k] for k in i])
        return [as_drawn(values[k]) for k in numbers]

    def permutation(self, name: str, options: Any) -> list[Any]:
        """Draw an order of several values."""
        values = listed(name, options)
        numbers = self._draw(name, Permutation(as_options(values)), lambda i: [values[k] for k in i])
        return [as_drawn(values[k]) for k in numbers]

    def seed(self, name: str = "seed") -> int:
        """Draw a seed for the training run's random numbers; two that differ only in it count as the same."""
        expect(isinstance(name, str), name, "a seed's name must be a text")
        if name not in self._seeds:
            self._seeds[name] = self._source.aside(SEEDS)
        return self._seeds[name]

    def reject(self, condition: Any, why: str = "rejected by the template") -> str:
        """Draw everything again if the condition holds.

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
        """Note what the filter ``random`` drew: it has no name, but it distinguishes configurations."""
        self._picked.append(repr(value))

    def finish(self, text: str) -> RenderedConfig:
        """Make the configuration from this text and what was drawn for it."""
        if not self.used:
            return RenderedConfig(text)
        record = {
            "format": FORMAT,
            "values": self._shown,
            "seeds": self._seeds,
            "space": {name: _readable(distribution) for name, distribution in self._space.items()},
        } | ({"unnamed": self._picked} if self._picked else {})
        return RenderedConfig(text, identity_of(record), record_text(record))

    @property
    def _shown(self) -> dict[str, Any]:
        return {name: value for name, (_, value) in self._values.items()}

    def _one_of(self, name: str, options: list[Any], weights: Any, prior: Any, share: float, *, ordered: bool) -> Any:
        if weights is not None or prior is not None:
            shares = weights_of(name, options, weights, prior, share)
            options = [option for option, weight in zip(options, shares, strict=True) if weight > 0]
            distribution = Choice(as_options(options), tuple(w for w in shares if w > 0), ordered)
        else:
            distribution = Choice(as_options(options), None, ordered)
        return as_drawn(options[self._draw(name, distribution, lambda i: options[i])])

    def _draw(self, name: str, distribution: Distribution, shown: Callable[[Any], Any] = lambda value: value) -> Any:
        """Draw by name; the same name with the same distribution is the same parameter."""
        expect(isinstance(name, str) and name != "", name, "the name comes first, in quotes")
        if name in self._space:
            expect(self._space[name] == distribution, name, "was drawn before, from something else")
            return self._values[name][0]
        drawn = self._choose(name, distribution)
        self._space[name] = distribution
        self._values[name] = (drawn, shown(drawn))
        return drawn


def record_text(record: Mapping[str, Any]) -> str:
    """Write a record as JSON."""
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def identity_of(record: Mapping[str, Any]) -> str | None:
    """Text that is equal for records that differ only in their seeds; None if nothing else was drawn."""
    values, picked = record["values"], record.get("unnamed", [])
    if not values and not picked:
        return None
    return json.dumps([sorted((name, to_json(value)) for name, value in values.items()), picked])


def _readable(distribution: Distribution) -> dict[str, Any]:
    data = distribution.describe()
    return data | {"options": [_option(text) for text in data["options"]]} if "options" in data else data


def _option(text: str) -> Any:
    return _read_text(text) if text.startswith('"') else json.loads(text)


_read_text = lru_cache(maxsize=10_000)(json.loads)  # the same few, with every configuration that is drawn
