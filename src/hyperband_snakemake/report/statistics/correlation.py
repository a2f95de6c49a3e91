"""Rank correlations with confidence intervals."""

from collections.abc import Sequence
from math import atanh, nan, sqrt, tanh

from ...extras import require

LEAST_PAIRS = 4  # fewest pairs for a meaningful correlation
SURE = 1.96  # standard deviations in a 95 % interval


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the rank correlation; ties share their mean rank; NaN if one side is constant.

    Raises:
        HybandError: SciPy is not installed.

    >>> spearman([1, 2, 3, 4], [10, 20, 40, 30]), spearman([1, 1, 2], [1, 2, 2]), spearman([1, 2], [3, 3])
    (0.8, 0.5, nan)
    """
    if len(set(first)) < 2 or len(set(second)) < 2:  # noqa: PLR2004
        return nan
    return round(float(require("scipy.stats", "report").spearmanr(first, second).statistic), 12)


def interval_of(rho: float, sizes: Sequence[int]) -> tuple[float, float]:
    """Return the 95 % interval of a rank correlation that is the mean over groups of these sizes.

    Uses Fisher's transformation with the variance of Bonett and Wright (2000). A few pairs in the same order do not
    prove a correlation of 1, so it is limited to 1 - 1/n.

    >>> [tuple(round(end, 2) for end in interval_of(1.0, [n])) for n in (4, 9, 100)]
    [(-0.85, 1.0), (0.44, 1.0), (0.98, 1.0)]
    """
    most = 1 - 1 / sum(sizes)
    middle = max(-most, min(most, rho))
    freedom = sum(size - 3 for size in sizes)
    off = SURE * sqrt((1 + middle**2 / 2) / freedom)
    return min(rho, tanh(atanh(middle) - off)), max(rho, tanh(atanh(middle) + off))
