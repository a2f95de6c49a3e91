"""A Gaussian process over configurations and budgets at once: what a result at one budget says about all others.

Matérn-5/2 over the parameters, each with a length of its own, times a correlation that falls with the number of stages
between two budgets; plus an offset for each budget, and noise. All of these are fitted (maximum a posteriori, with the
priors of Hvarfner et al., ICML 2024, for the lengths). So small budgets count for as much as they predict.
"""

import math
from dataclasses import dataclass
from typing import Any

from ...extras import require

Array = Any  # of numpy, which the extra `optuna` brings
NOISE, OFFSET = 0.02, 1.0  # where fitting begins, as shares of the variance
STEPS = 30  # of fitting
JITTER = 1e-8


@dataclass(frozen=True)
class Known:
    """What a process knows: rows of columns, the parameter that each column belongs to, stages, and losses."""

    rows: Array
    groups: Array
    stages: Array
    losses: Array

    def apart(self, rows: Array) -> Array:
        """Squared distances by parameter: [parameter, row, known row]."""
        numpy = require("numpy", "optuna")
        squares = (rows[:, None, :] - self.rows[None, :, :]) ** 2
        return numpy.stack([squares[:, :, self.groups == g].sum(-1) for g in range(self.groups.max() + 1)])


class Process:
    """Fitted to what is known, or with what was fitted before. Losses should have variance 1 and mean 0."""

    def __init__(self, known: Known, fitted: Array = None) -> None:
        self._numpy = require("numpy", "optuna")
        self.known = known
        self._squares = known.apart(known.rows)
        self._steps = abs(known.stages[:, None] - known.stages[None, :])
        dimensions = len(self._squares)
        self._middle = math.sqrt(2) + math.log(dimensions) / 2
        self.fitted = self._fit(dimensions) if fitted is None else fitted
        kernel, *_ = self._kernel(self.fitted, self._squares, self._steps)
        kernel += self._numpy.eye(len(kernel)) * (math.exp(self.fitted[-1]) + JITTER)
        linalg = require("scipy.linalg", "optuna")
        self._factor = linalg.cho_factor(kernel, lower=True)
        self._weights = linalg.cho_solve(self._factor, known.losses)

    def _fit(self, dimensions: int) -> Array:
        begin = [*[self._middle - 1] * dimensions, 0.0, math.log(0.3), math.log(OFFSET), math.log(NOISE)]
        bounds = [*[(-3.0, 6.0)] * dimensions, (-3.0, 3.0), (-4.0, 2.5), (-6.0, 2.0), (-9.0, 0.0)]
        minimize = require("scipy.optimize", "optuna").minimize
        options = {"maxiter": STEPS}
        return minimize(self._misfit, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x

    def believing(self, rows: Array, stage: float) -> "Process":
        """Know these rows, too, with the losses that are predicted at a stage."""
        numpy, known = self._numpy, self.known
        losses = [*known.losses, *self.predict(rows, stage)[0]]
        stages = [*known.stages, *[stage] * len(rows)]
        rows = numpy.concatenate([known.rows, rows])
        return Process(Known(rows, known.groups, numpy.array(stages), numpy.array(losses)), self.fitted)

    def predict(self, rows: Array, stage: float) -> tuple[Array, Array]:
        """Mean and standard deviation of the losses of these rows at a stage, without noise."""
        numpy, linalg = self._numpy, require("scipy.linalg", "optuna")
        steps = numpy.broadcast_to(abs(stage - self.known.stages), (len(rows), len(self.known.stages)))
        cross, *_ = self._kernel(self.fitted, self.known.apart(rows), steps)
        solved = linalg.solve_triangular(self._factor[0], cross.T, lower=True)
        most = math.exp(self.fitted[-4]) + math.exp(self.fitted[-2])
        return cross @ self._weights, numpy.sqrt(numpy.maximum(most - (solved**2).sum(0), 1e-12))

    def _kernel(self, fitted: Array, squares: Array, steps: Array) -> tuple[Array, ...]:
        numpy, dimensions = self._numpy, len(squares)
        far = numpy.sqrt(5 * numpy.tensordot(numpy.exp(-2 * fitted[:dimensions]), squares, 1) + 1e-12)
        decay = numpy.exp(-far)
        alike = numpy.exp(-math.exp(fitted[-3]) * steps)
        same = math.exp(fitted[-4]) * (1 + far + far**2 / 3) * decay * alike
        offset = math.exp(fitted[-2]) * numpy.exp(-steps / 2)
        return same + offset, same, offset, far, decay, alike

    def _misfit(self, fitted: Array) -> tuple[float, Array]:
        """Negative log posterior of what is fitted, and its slope."""
        numpy, linalg = self._numpy, require("scipy.linalg", "optuna")
        dimensions, losses = len(self._squares), self.known.losses
        kernel, same, offset, far, decay, alike = self._kernel(fitted, self._squares, self._steps)
        noise = math.exp(fitted[-1])
        factor = linalg.cho_factor(kernel + numpy.eye(len(losses)) * (noise + JITTER), lower=True)
        weights = linalg.cho_solve(factor, losses)
        inverse = linalg.cho_solve(factor, numpy.eye(len(losses)))
        value = losses @ weights / 2 + numpy.log(numpy.diag(factor[0])).sum()
        pull = (inverse - numpy.outer(weights, weights)) / 2
        by_length = pull * (5 / 3 * math.exp(fitted[-4])) * (1 + far) * decay * alike
        lengths = numpy.exp(-2 * fitted[:dimensions]) * numpy.tensordot(self._squares, by_length, 2)
        rate = math.exp(fitted[-3])
        slope = numpy.array([
            *lengths,
            (pull * same).sum(),
            -(pull * same * self._steps).sum() * rate,
            (pull * offset).sum(),
            numpy.trace(pull) * noise,
        ])  # fmt: skip
        middle = numpy.array([*[self._middle] * dimensions, 0.0, math.log(0.3), math.log(OFFSET), math.log(NOISE) - 1])
        width = numpy.array([*[math.sqrt(3)] * dimensions, 1.0, 1.0, 1.0, 1.5])
        off = (fitted - middle) / width
        return float(value + (off**2).sum() / 2), slope + off / width
