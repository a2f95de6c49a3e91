"""Evenly spread points: Sobol' sequences, with one dimension for each named parameter."""

from collections.abc import Callable
from typing import Any

from ..core.tree.layout import Slot
from ..extras import require
from ..space.distinct import Render
from ..space.distributions import Distribution
from ..space.draws import RenderedConfig
from ..space.generator import Generator, Source, derived_seed

DIMENSIONS = 256  # further parameters are drawn at random


class SobolRender:
    """Renders configurations from the points of a scrambled Sobol' sequence, one by one.

    Weights, priors, conditions and seeds work as usual; if a parameter is not drawn in a configuration, its coordinate
    is not used. Source: I. M. Sobol', USSR Comput. Math. Math. Phys. 7 (1967), scrambled by scipy.

    Args:
        template: renders a configuration with chosen values for named parameters.
        seed: the search's seed.
        bracket: each bracket has its own sequence, so that every stage 0 is spread evenly.
    """

    def __init__(self, template: Callable[[Slot, Source, Any], RenderedConfig], seed: int, bracket: int) -> None:
        qmc = require("scipy.stats", "optuna").qmc
        self._points = qmc.Sobol(DIMENSIONS, rng=derived_seed(seed, "sobol", bracket))
        self._template = template
        self._dimensions: dict[str, int] = {}

    def __call__(self, slot: Slot, source: Source) -> RenderedConfig:
        """Render from the next point; unnamed values are drawn from ``source``."""
        point = self._points.random(1)[0]

        def choose(name: str, distribution: Distribution) -> Any:
            dimension = self._dimensions.setdefault(name, len(self._dimensions))
            return distribution.draw(_Coordinate(float(point[dimension])) if dimension < DIMENSIONS else source)

        return self._template(slot, source, choose)


class _Coordinate(Generator):
    """Answers one draw with a number from 0 to 1."""

    def __init__(self, unit: float) -> None:
        self._unit = unit

    def below(self, n: int) -> int:
        """Return an integer from 0 to n - 1."""
        return min(int(self._unit * n), n - 1)

    def unit(self) -> float:
        """Return the number."""
        return self._unit


def sobol_renders(template: Callable[[Slot, Source, Any], RenderedConfig], seed: int) -> Callable[[int], Render]:
    """Give each bracket its sequence."""
    return lambda bracket: SobolRender(template, seed, bracket)
