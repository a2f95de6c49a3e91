"""The sampler ``joint``: one Gaussian process of the results at all budgets, and candidates that the template draws.

Since the template draws all candidates, conditions, weights, priors and `reject` apply as usual.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ...core.tree.layout import Slot
from ...extras import require
from ...space.distributions import Distribution
from ...space.draws import RenderedConfig, identity_of
from ...space.generator import Generator, Source, derived_seed
from ..observations import Observation, Running
from .columns import Columns, kept, moved
from .process import Known, Process

Template = Callable[[Slot, Source, Any], RenderedConfig]
Record = Mapping[str, Any]  # ``values``: what was drawn; ``space``: from what
Choose = Callable[[str, Distribution], Any]
POOL, NEAR = 200, 30  # candidates from anywhere, and near each of the best
KNOWN = 4  # candidates are drawn near this many of the known configurations
ROUNDS = ((3, 0.15), (3, 0.05), (1, 0.02))  # near how many candidates, and at which distance
CHANGED = 0.4  # share of the parameters that differ from one that is near
FAR = -25.0  # standard deviations beyond which an improvement is too small for a float


class Joint:
    """Proposes what is expected to improve most at the largest budget. Call it to render a configuration.

    Args:
        seed: of the candidates.
        found: what it learns from, whatever the budget; a failed training run counts as the worst result.
        template: renders a configuration, and lets named parameters be chosen.
        running: configurations whose results it does not know; it assumes the results that it predicts.
        top: the largest budget.
    """

    def __init__(
        self, seed: int, found: Sequence[Observation], template: Template, running: Sequence[Running], top: Fraction
    ) -> None:
        self._seed, self._template, self._number = seed, template, 0
        self._top = stage_of(top)
        self.failure = ""  # what was raised, if it failed
        self._found = found
        self._waiting: list[Record] = [{"values": one.values, "space": one.space} for one in running]
        self._process: Process | None = None

    def __call__(self, slot: Slot, source: Source) -> RenderedConfig:
        """Render what is expected to improve most; once it has failed, what the template draws."""
        if self.failure:
            return self._template(slot, source, None)
        try:
            values = self._best()
        except Exception as error:  # noqa: BLE001 (a search must not wait for ever for a model that cannot cope)
            self.failure = f"{type(error).__name__}: {error}"
            return self._template(slot, source, None)
        drawn = self._template(slot, source, lambda name, one: _same(values, name, one, source))
        if drawn.record is not None and not drawn.rejected:
            self._waiting.append(drawn.data)
        return drawn

    def _learn(self) -> Process:
        """Fit to what is known, at first; then take what is waited for to be as predicted, so that others come."""
        numpy = require("numpy", "optuna")
        if self._process is None:
            self._records: list[Record] = [{"values": one.values, "space": one.space} for one in self._found]
            self._pool = self._drawn(POOL, lambda *_: None)
            self._columns = Columns([*self._records, *self._pool])
            self._taken = {_identity(record) for record in self._records}
            rows = self._columns.rows(self._records)
            stages = numpy.array([stage_of(one.budget) for one in self._found])
            groups = numpy.array(self._columns.groups)
            self._process = Process(Known(rows, groups, stages, scaled(self._found), self._top))
        if self._waiting:
            rows = self._columns.rows(self._waiting)
            self._process = self._process.believing(rows, self._top)
            self._records += self._waiting
            self._taken |= {_identity(record) for record in self._waiting}
            self._waiting = []
        return self._process

    def _best(self) -> Mapping[str, Any]:
        """Find the values of the candidate whose expected improvement is largest."""
        numpy, process = require("numpy", "optuna"), self._learn()
        means, _ = process.predict(process.known.rows, self._top)
        least = float(means.min())
        best = [self._records[i] for i in numpy.argsort(means, kind="stable")[:KNOWN]]
        candidates, gains = list(self._pool), self._gains(process, self._pool, least)
        for number, step in ROUNDS:
            order = numpy.argsort(-gains, kind="stable")[:number]
            middles = [*best, *(candidates[i] for i in order)]
            near = [one for middle in middles for one in self._near(middle["values"], step)]
            candidates += near
            gains = numpy.concatenate([gains, self._gains(process, near, least)]) if near else gains
            best = []
        found: Mapping[str, Any] = candidates[int(numpy.argmax(gains))]["values"]
        return found

    def _gains(self, process: Process, records: Sequence[Record], least: float) -> Any:
        """Expected improvements, in logarithms; what is known already has none."""
        numpy, special = require("numpy", "optuna"), require("scipy.special", "optuna")
        mean, deviation = process.predict(self._columns.rows(records), self._top)
        z = numpy.clip((least - mean) / deviation, FAR, None)
        density = numpy.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        gains = numpy.log(numpy.maximum(deviation * (density + z * special.ndtr(z)), 1e-300))
        return numpy.where([_identity(record) in self._taken for record in records], -math.inf, gains)

    def _near(self, values: Mapping[str, Any], step: float) -> list[Record]:
        """Draw candidates that share most of their values with one."""
        chance = Generator(derived_seed(self._seed, "near", self._number))

        def choose(name: str, one: Distribution) -> Any:
            if name not in values or not _has(one, values[name]):
                return None
            changes = chance.unit() < CHANGED
            return moved(one, values[name], step, chance) if changes else kept(one, values[name])

        return self._drawn(NEAR, choose)

    def _drawn(self, number: int, choose: Choose) -> list[Record]:
        """Draw candidates; a parameter for which nothing is chosen is drawn as the template says."""
        self._number += 1
        source = Generator(derived_seed(self._seed, "candidates", self._number))

        def chosen(name: str, one: Distribution) -> Any:
            value = choose(name, one)
            return one.draw(source) if value is None else value

        drawn = [self._template(Slot(0, 0, 0), source, chosen) for _ in range(number)]
        return [one.data for one in drawn if one.record is not None and not one.rejected]


def _identity(record: Record) -> str | None:
    return identity_of({"values": record["values"]})


def _has(one: Distribution, value: Any) -> bool:
    """Whether a recorded value can be drawn from a distribution."""
    try:
        kept(one, value)
    except (ValueError, TypeError, IndexError):
        return False
    return True


def _same(values: Mapping[str, Any], name: str, one: Distribution, source: Source) -> Any:
    return kept(one, values[name]) if name in values and _has(one, values[name]) else one.draw(source)


def stage_of(budget: Fraction) -> float:
    """Give a budget's stage: three times as much is one further."""
    return math.log(budget) / math.log(3)


def scaled(found: Sequence[Observation]) -> Any:
    """Replace losses by the standard normal quantiles of their ranks, over all budgets; scale to mean 0 and variance 1.

    So a few diverged training runs do not hide how the good ones differ, and it does not matter whether a loss or its
    logarithm is given (Salinas et al., A quantile-based approach for hyperparameter transfer learning, ICML 2020). A
    failed training run counts as worse than all others.
    """
    numpy, special = require("numpy", "optuna"), require("scipy.special", "optuna")
    losses = [math.inf if one.loss is None else one.loss for one in found]
    _, at, counts = numpy.unique(losses, return_inverse=True, return_counts=True)
    quantiles = special.ndtri((counts.cumsum() - counts / 2) / len(losses))[at]
    return (quantiles - quantiles.mean()) / (quantiles.std() or 1.0)
