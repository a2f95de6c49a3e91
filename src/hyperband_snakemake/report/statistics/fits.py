"""Predicting each configuration's score from all others, by the values of a parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

CURVES = 3  # cosines of a numeric parameter
PULL = 1.0  # shrinkage to the mean, as strong as this many configurations; k squared times that for the k-th cosine
LEAST = 0.05  # least weight of the others in a prediction


@dataclass(frozen=True)
class Column:
    """The values of a parameter, None for configurations without it; ``is_scale``: they have an order."""

    values: tuple[Any, ...]
    is_scale: bool


def columns_of(np: Any, column: Column, curves: int) -> tuple[Any, Any, list[float]]:
    """Return which configurations have a parameter, functions of its values, and how strongly each is shrunk to 0."""
    present = np.array([value is not None for value in column.values])
    known = [value for value in column.values if value is not None]
    levels = sorted(set(known), key=lambda value: (value, "") if column.is_scale else (0, repr(value)))
    place = {level: number for number, level in enumerate(levels)}
    codes = np.array([place[value] for value in known], int)
    counts = np.bincount(codes, minlength=len(levels))
    if not column.is_scale:
        x = (codes[:, None] == np.arange(len(levels))[None, :]).astype(float)
        return present, x - x.mean(axis=0), [PULL] * len(levels)
    ranks = (np.cumsum(counts) - counts / 2)[codes] / len(codes)  # ties share their mean rank
    powers = np.arange(1, max(1, min(curves, len(levels) - 1)) + 1)
    x = np.cos(pi * ranks[:, None] * powers) * sqrt(2)
    return present, x - x.mean(axis=0), [PULL * float(k) ** 2 for k in powers]


class Fit:
    """Scores as a weighted sum of columns, with a mean.

    Args:
        np: NumPy.
        present: which configurations it covers.
        columns: one row for each of these.
        pulls: how strongly each column's weight is shrunk to 0, in configurations.
    """

    def __init__(self, np: Any, present: Any, columns: Any, pulls: Sequence[float]) -> None:
        self._np, self._present = np, present
        self._x = np.hstack([np.ones((len(columns), 1)), columns])
        self._pulls = np.diag([1e-6, *pulls])

    def explained(self, scores: Any) -> Any:
        """Return the share of all scores' squares that it predicts, for each column of ``scores``."""
        np, y, x = self._np, scores[self._present], self._x
        back = x @ np.linalg.inv(x.T @ x + self._pulls)
        missed = (y - back @ (x.T @ y)) / np.maximum(LEAST, 1 - (back * x).sum(axis=1))[:, None]
        off = y - y.mean(axis=0)
        alone = max(1, len(y) - 1) / max(1, len(y))  # the mean leaves out each one, too
        return ((off**2).sum(axis=0) - (missed**2).sum(axis=0) * alone**2) / _squares(np, scores)

    def explained_of(self, scores: Any, weights: Any) -> Any:
        """Return the same for one column of scores, for each row of ``weights`` (how often a configuration counts).

        A configuration is left out with all its copies, so copies do not predict each other.
        """
        np, y, w, x = self._np, scores[self._present], weights[:, self._present], self._x
        width = x.shape[1]
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        inverse = np.linalg.inv((w @ products).reshape(-1, width, width) + self._pulls)
        found = (inverse @ (w @ (x * y[:, None]))[:, :, None])[:, :, 0]
        reach = w * (inverse.reshape(len(w), -1) @ products.T)
        missed = (y - found @ x.T) / np.maximum(LEAST, 1 - reach)
        total = np.maximum(1, w.sum(axis=1))
        mean = (w @ y) / total
        off = (y - mean[:, None]) / np.maximum(LEAST, 1 - w / total[:, None])
        centred = scores - ((weights @ scores) / weights.sum(axis=1))[:, None]
        own, all_of_them = (w * (y - mean[:, None]) ** 2).sum(axis=1), (weights * centred**2).sum(axis=1)
        share = 1 - (w * missed**2).sum(axis=1) / np.maximum(1e-12, (w * off**2).sum(axis=1))
        return share * own / np.maximum(1e-12, all_of_them)


def _squares(np: Any, scores: Any) -> Any:
    return np.maximum(1e-12, ((scores - scores.mean(axis=0)) ** 2).sum(axis=0))
