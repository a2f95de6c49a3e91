"""How much of the differences between scores a parameter explains: how well it predicts left-out configurations.

A parameter predicts scores by a smooth curve over the ranks of its values (three cosines), or by a mean for each level;
both are shrunk towards the overall mean, so that few configurations do not promise much. The explained share is 1 - the
squared errors of predicting each configuration from the others / those of predicting it by their mean. A parameter
without effect predicts no better than the mean, so its share is about zero, however many values it has.
Two parameters may explain more together than separately (an interaction): the products of their curves are tried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from ...extras import require
from .fits import CURVES, Column, Fit, columns_of

PAIRED = 2  # cosines of a numeric parameter in products
MOST_COLUMNS, MOST_PAIRED, MOST_IN_PAIRS = 6, 12, 500  # columns, parameters, and configurations in products
SHUFFLES, PAIR_SHUFFLES, RESAMPLES = 200, 50, 100
MARGIN = 1.5  # an interaction must exceed this multiple of the strongest one in shuffled scores
SURE = 0.995  # in a search without any effect, the probability that no parameter stands out from chance
WIDTH = 0.9  # probability covered by an interval
SMALLEST = 1e-9

Gains = Mapping[tuple[int, int], tuple[float, Any]]


@dataclass(frozen=True)
class Share:
    """What one parameter explains, from 0 to 1, its interval, and whether that stands out from chance.

    It does if it explains more than any parameter explains of shuffled scores, and its interval is above 0.
    ``partners`` are the indices of parameters with which it explains more than each of both alone.
    """

    share: float
    low: float
    high: float
    is_told: bool
    partners: tuple[int, ...] = ()


@lru_cache(maxsize=4)  # charts and texts need the same
def shares_of(columns: tuple[Column, ...], scores: tuple[float, ...]) -> list[Share]:
    """Return what each parameter explains; nothing if all scores are equal.

    Shuffles and resamples are always the same.

    Raises:
        HybandError: NumPy is not installed.
    """
    np = require("numpy", "report")
    y = np.asarray(scores, float)
    if not columns or np.ptp(y) < SMALLEST:
        return [Share(0.0, 0.0, 0.0, is_told=False) for _ in columns]
    rng = np.random.default_rng(0)
    shuffled = np.column_stack([y, *(rng.permutation(y) for _ in range(SHUFFLES))])
    weights = rng.multinomial(len(y), np.full(len(y), 1 / len(y)), size=RESAMPLES)
    fits = [Fit(np, *columns_of(np, column, CURVES)) for column in columns]
    raw = np.array([fit.explained(shuffled) for fit in fits])
    chance = max(0.0, float(np.quantile(raw[:, 1:].max(axis=0), SURE)))
    gains = _gains(np, columns, shuffled[:, : 1 + PAIR_SHUFFLES], raw[:, 0], weights)
    found = []
    for place, fit in enumerate(fits):
        own = {pair: gain for pair, gain in gains.items() if place in pair}
        main = max(0.0, float(raw[place, 0]))
        share = min(1.0, main + sum(gain for gain, _ in own.values()))
        spread = fit.explained_of(y, weights) + sum(draws for _, draws in own.values())
        low, high = np.quantile(spread - np.median(spread), [(1 - WIDTH) / 2, (1 + WIDTH) / 2]) + share
        is_told = (main > chance or bool(own)) and bool(low > 0)
        ends = (float(low) if is_told else 0.0, min(1.0, float(high)))
        partners = tuple(other for pair in own for other in pair if other != place)
        found.append(Share(share, *ends, is_told, partners))
    return found


def _gains(np: Any, columns: Sequence[Column], shuffled: Any, main: Any, weights: Any) -> Gains:
    """What pairs explain beyond both parameters alone, with resamples, if shuffled scores never show as much."""
    some = np.random.default_rng(1).permutation(len(shuffled))[:MOST_IN_PAIRS]
    kept = np.zeros(len(shuffled), bool)
    kept[some] = True
    first = np.argsort(-main, kind="stable")[:MOST_PAIRED]
    curved = {int(p): columns_of(np, columns[p], PAIRED) for p in first}
    pairs: dict[tuple[int, int], tuple[Any, Fit, Fit]] = {}
    for pair in combinations(sorted(p for p, (_, x, _) in curved.items() if x.shape[1] <= MOST_COLUMNS), 2):
        made = _products(np, curved[pair[0]], curved[pair[1]], kept)
        if made is not None:
            base, full = made
            pairs[pair] = (full.explained(shuffled) - base.explained(shuffled), base, full)
    if not pairs:
        return {}
    chance = MARGIN * max(0.0, float(np.max([gain[1:] for gain, _, _ in pairs.values()])))
    y = shuffled[:, 0]
    return {
        pair: (float(gain[0]), full.explained_of(y, weights) - base.explained_of(y, weights))
        for pair, (gain, base, full) in pairs.items()
        if gain[0] > chance
    }


def _products(np: Any, one: Any, two: Any, kept: Any) -> tuple[Fit, Fit] | None:
    """Fits of two parameters without and with their products, over configurations that have both."""
    both = one[0] & two[0] & kept
    x, z = one[1][both[one[0]]], two[1][both[two[0]]]
    if len(x) < 2 * x.shape[1] * z.shape[1] or min(np.ptp(x, axis=0).max(), np.ptp(z, axis=0).max()) < SMALLEST:
        return None
    product = (x[:, :, None] * z[:, None, :]).reshape(len(x), -1)
    pulls = [*one[2], *two[2]]
    crossed = [p * q for p in one[2] for q in two[2]]
    base = np.hstack([x, z])
    return Fit(np, both, base, pulls), Fit(np, both, np.hstack([base, product]), [*pulls, *crossed])
