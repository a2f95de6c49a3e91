"""A Gaussian process over configurations and budgets at once: what a result at one budget says about all others.

Matérn-5/2 over the parameters, each with a length of its own, times a correlation that falls with the number of stages
between two budgets; plus an offset for each budget, and noise, which may grow towards small budgets. All of these are
fitted (maximum a posteriori, with the priors of Hvarfner et al., ICML 2024, for the lengths). So small budgets count
for as much as they predict.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from ...extras import require

Array = Any  # of numpy, which the extra `optuna` brings
NOISE, OFFSET, RATE = 0.02, 1.0, 0.3  # where fitting begins; the first two are shares of the variance
GROWTH = 0.5  # of the logarithm of the noise, from a stage to the one below
STEPS = 30  # of fitting
JITTER = 1e-8
MODE = 3  # how far the mode of a lognormal prior of this width (the square root of 3) lies below its median
VARIANCE, FORGETTING, LEVEL, LEAST, MORE = range(-5, 0)  # what is fitted after the lengths


@dataclass(frozen=True)
class Known:
    """What a process knows: rows of columns, the parameter that each column belongs to, stages, and losses.

    ``top`` is the stage of the largest budget.
    """

    rows: Array
    groups: Array
    stages: Array
    losses: Array
    top: float

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
        usual = math.sqrt(2) + math.log(dimensions) / 2 - MODE
        self._middle = [*[usual] * dimensions, 0.0, math.log(RATE), math.log(OFFSET), math.log(NOISE) - 1, GROWTH]
        self._width = self._numpy.array([*[math.sqrt(3)] * dimensions, 1.0, 1.0, 1.0, 1.5, 0.5])
        self.fitted = self._fit(dimensions) if fitted is None else fitted
        kernel, *_ = self._kernel(self.fitted, self._squares, self._steps)
        kernel += self._numpy.diag(self._noise(self.fitted) + JITTER)
        linalg = require("scipy.linalg", "optuna")
        self._factor = linalg.cho_factor(kernel, lower=True)
        self._weights = linalg.cho_solve(self._factor, known.losses)

    def _fit(self, dimensions: int) -> Array:
        begin = [*[self._middle[0]] * dimensions, 0.0, math.log(RATE), math.log(OFFSET), math.log(NOISE), GROWTH]
        bounds = [*[(-3.0, 6.0)] * dimensions, (-3.0, 3.0), (-4.0, 2.5), (-6.0, 2.0), (-9.0, 0.0), (0.0, 3.0)]
        minimize = require("scipy.optimize", "optuna").minimize
        options = {"maxiter": STEPS}
        return minimize(self._misfit, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x

    def believing(self, rows: Array, stage: float) -> "Process":
        """Know these rows, too, with the losses that are predicted at a stage."""
        numpy, known = self._numpy, self.known
        losses = numpy.array([*known.losses, *self.predict(rows, stage)[0]])
        stages = numpy.array([*known.stages, *[stage] * len(rows)])
        rows = numpy.concatenate([known.rows, rows])
        return Process(replace(known, rows=rows, stages=stages, losses=losses), self.fitted)

    def predict(self, rows: Array, stage: float) -> tuple[Array, Array]:
        """Mean and standard deviation of the losses of these rows at a stage, without noise."""
        numpy, linalg = self._numpy, require("scipy.linalg", "optuna")
        steps = numpy.broadcast_to(abs(stage - self.known.stages), (len(rows), len(self.known.stages)))
        cross, *_ = self._kernel(self.fitted, self.known.apart(rows), steps)
        solved = linalg.solve_triangular(self._factor[0], cross.T, lower=True)
        most = math.exp(self.fitted[VARIANCE]) + math.exp(self.fitted[LEVEL])
        return cross @ self._weights, numpy.sqrt(numpy.maximum(most - (solved**2).sum(0), 1e-12))

    def _kernel(self, fitted: Array, squares: Array, steps: Array) -> tuple[Array, ...]:
        numpy, dimensions = self._numpy, len(squares)
        far = numpy.sqrt(5 * numpy.tensordot(numpy.exp(-2 * fitted[:dimensions]), squares, 1) + 1e-12)
        decay = numpy.exp(-far)
        alike = numpy.exp(-math.exp(fitted[FORGETTING]) * steps)
        same = math.exp(fitted[VARIANCE]) * (1 + far + far**2 / 3) * decay * alike
        offset = math.exp(fitted[LEVEL]) * numpy.exp(-steps / 2)
        return same + offset, same, offset, far, decay, alike

    def _noise(self, fitted: Array) -> Array:
        return self._numpy.exp(fitted[LEAST] + fitted[MORE] * (self.known.top - self.known.stages))

    def _misfit(self, fitted: Array) -> tuple[float, Array]:
        """Negative log posterior of what is fitted, and its slope."""
        numpy, linalg = self._numpy, require("scipy.linalg", "optuna")
        dimensions, losses = len(self._squares), self.known.losses
        kernel, same, offset, far, decay, alike = self._kernel(fitted, self._squares, self._steps)
        noise = self._noise(fitted)
        factor = linalg.cho_factor(kernel + numpy.diag(noise + JITTER), lower=True)
        weights = linalg.cho_solve(factor, losses)
        inverse = linalg.cho_solve(factor, numpy.eye(len(losses)))
        value = losses @ weights / 2 + numpy.log(numpy.diag(factor[0])).sum()
        pull = (inverse - numpy.outer(weights, weights)) / 2
        by_length = pull * (5 / 3 * math.exp(fitted[VARIANCE])) * (1 + far) * decay * alike
        lengths = numpy.exp(-2 * fitted[:dimensions]) * numpy.tensordot(self._squares, by_length, 2)
        by_noise = numpy.diag(pull) * noise
        slope = numpy.array([
            *lengths,
            (pull * same).sum(),
            -(pull * same * self._steps).sum() * math.exp(fitted[FORGETTING]),
            (pull * offset).sum(),
            by_noise.sum(),
            by_noise @ (self.known.top - self.known.stages),
        ])  # fmt: skip
        off = (fitted - self._middle) / self._width
        return float(value + (off**2).sum() / 2), slope + off / self._width
