"""Checks for the arguments of draw functions, with messages that name the parameter."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from .distributions import Prior, below
from .selections import as_options


def expect(holds: bool, name: object, message: str) -> None:
    """Raise ValueError unless this is true."""
    if not holds:
        raise ValueError(f"parameter {name!r}: {message}")


def is_number(*values: Any, finite: bool = True) -> bool:
    """Whether all of these are real numbers."""
    real = all(isinstance(v, int | float) and not isinstance(v, bool) and v == v for v in values)  # noqa: PLR0124
    return real and (not finite or all(math.isfinite(v) for v in values))


def check_range(name: str, low: Any, high: Any, *, log: bool, can_be_equal: bool = False) -> None:
    """Raise ValueError unless low is below high."""
    expect(is_number(low, high), name, f"low and high must be numbers, not {low!r} and {high!r}")
    expect(isinstance(log, bool), name, f"log must be true or false, not {log!r}")
    expect(low < high or (can_be_equal and low == high), name, f"low ({low}) must be below high ({high})")
    expect(not log or low > 0, name, f"low ({low}) must be above 0 for a logarithmic range")


def prior_of(name: str, prior: Any, share: Any, ends: tuple[float, float], *, log: bool, step: float) -> Prior:
    """Read where in a range good values are expected; ``step`` is 0 if every number in it can be drawn."""
    expect(is_number(share) and 0 < share < 1, name, f"share must lie between 0 and 1, not {share!r}")
    values = list(prior) if isinstance(prior, list | tuple) else [prior, prior]
    message = "prior must be a number, or two for a range, between low and high"
    expect(len(values) == 2 and is_number(*values), name, message)  # noqa: PLR2004 (a range has two ends)
    expect(ends[0] <= values[0] <= values[1] <= ends[1], name, message)
    scale: Callable[[float], float] = math.log if log else float
    half = step / 2  # a discrete value covers everything nearer to it than to its neighbours
    lower: Callable[[float], float] = (lambda value: below(value, step)) if log else (lambda value: value - half)
    low, high = scale(lower(ends[0])), scale(ends[1] + half)
    wide = (lower(values[0]), values[1] + half) if values[0] < values[1] else values
    at = [(scale(value) - low) / (high - low) for value in wide]
    return Prior(at[0], at[1], float(share))


def listed(name: str, options: Any) -> list[Any]:
    """Read a list of distinct options."""
    expect(isinstance(options, Iterable) and not isinstance(options, str), name, "the options must be a list")
    values = list(options)
    expect(values != [], name, "there are no options")
    try:
        texts = as_options(values)
    except ValueError as error:
        raise ValueError(f"parameter {name!r}: {error}") from None
    expect(len(set(texts)) == len(texts), name, "two options are the same; use weights")
    return values


def weights_of(name: str, options: list[Any], weights: Any, prior: Any, share: Any) -> list[float]:
    """Read the weights of options, including the effect of a prior."""
    shares = [1.0] * len(options) if weights is None else list(weights)
    expect(len(shares) == len(options), name, f"{len(shares)} weights for {len(options)} options")
    expect(is_number(*shares) and min(shares) >= 0 and sum(shares) > 0, name, "weights must be 0 or more, not all 0")
    if prior is None:
        return [float(w) for w in shares]
    expect(is_number(share) and 0 < share < 1, name, f"share must lie between 0 and 1, not {share!r}")
    expected = set(as_options(prior if isinstance(prior, list | tuple) and prior not in options else [prior]))
    texts = as_options(options)
    expect(expected <= set(texts) and bool(expected), name, "prior must be one of the options, or a list of them")
    whole = math.fsum(shares)
    return [
        (1 - share) * weight / whole + (share / len(expected) if text in expected else 0)
        for weight, text in zip(shares, texts, strict=True)
    ]
