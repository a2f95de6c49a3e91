"""Simulated searches whose truth is known: what each parameter does, and which do nothing.

Effects are functions of numbers in [0, 1], one for each parameter. They are scaled so that the results without noise
have a standard deviation of 1; that of the noise is 0.4 at the largest budget and 0.6 at the smallest. `shares_of` are
total Sobol indices: the truth. The top parameter has at least 2.5 times the share of the second, but for the problem
"close".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import tau

import numpy as np

Draw = Callable[[np.random.Generator], dict[str, float | int | str]]
DECOYS = ("seed_a", "seed_b")
SIZES = {  # configurations born at each budget, smallest first, as Hyperband with eta 3 spreads them
    27: (27,),
    49: (27, 12, 6, 4),
    150: (81, 38, 18, 8, 5),
    600: (243, 122, 98, 69, 41, 27),
    10_000: (6200, 2100, 900, 400, 200, 100, 60, 30, 10),
}


@dataclass(frozen=True, eq=False)
class Problem:
    """A space and the result over it.

    Attributes:
        top: the parameter that matters most, empty if none does.
        levels: how many levels each categorical parameter has; all others are numbers from 0 to 1.
        condition: for a parameter that only some configurations have, (its parent, the level of the parent).
        noise: standard deviation of the result of the same configuration, trained again.
        steps: number of steps to which results are rounded, between -3 and 3, which makes ties; 0: not at all.
        failing: share of the configurations that fail, those with the largest value of the second parameter.
        is_clear: whether the top parameter has at least 2.5 times the share of the second.
    """

    name: str
    numbers: tuple[str, ...]
    effect: Callable[[Mapping[str, np.ndarray]], np.ndarray]
    top: str
    levels: Mapping[str, int]
    condition: Mapping[str, tuple[str, int]]
    noise: float = 0.4
    steps: int = 0
    failing: float = 0.0
    is_clear: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters; the decoys are last."""
        return (*self.numbers, *self.levels, *DECOYS)


@dataclass(frozen=True)
class Search:
    """What a search leaves: the values of each parameter (NaN where a configuration has none), budgets and results."""

    problem: Problem
    values: Mapping[str, np.ndarray]
    budgets: np.ndarray
    results: np.ndarray  # NaN where the training failed


def search_of(problem: Problem, number: int, seed: int) -> Search:
    """Draw the configurations of one search and train each at the budget that it is born with."""
    rng = np.random.default_rng([seed, number, sum(map(ord, problem.name))])
    budgets = np.repeat(np.arange(len(SIZES[number])), SIZES[number])
    values = _values(problem, number, rng)
    noise = problem.noise * 1.5 ** (1 - budgets / max(1, budgets[-1]))  # small budgets are noisier
    results = (
        problem.effect(_filled(problem, values)) / _scale(problem) + noise * rng.standard_normal(number) - 0.7 * budgets
    )
    if problem.steps:
        results = np.round(results * problem.steps / 6) * 6 / problem.steps
    if problem.failing:
        culprit = values[problem.numbers[1]]
        results[culprit > np.quantile(culprit, 1 - problem.failing)] = np.nan
    return Search(problem, values, budgets, results)


def _values(problem: Problem, number: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    values: dict[str, np.ndarray] = {name: rng.random(number) for name in problem.numbers}
    values |= {name: rng.integers(0, levels, number).astype(float) for name, levels in problem.levels.items()}
    values |= {name: rng.integers(0, 1_000_000, number).astype(float) for name in DECOYS}
    for name, (parent, level) in problem.condition.items():
        values[name] = np.where(values[parent] == level, values[name], np.nan)
    return values


@cache
def _scale(problem: Problem) -> float:
    values = _values(problem, 20_000, np.random.default_rng(0))
    return float(np.std(problem.effect(_filled(problem, values)))) or 1.0


def _filled(problem: Problem, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.nan_to_num(values[name]) for name in problem.names}


def shares_of(problem: Problem, number: int = 200_000) -> dict[str, float]:
    """Total Sobol index of each parameter: its share of the variance without noise (Jansen 1999)."""
    rng = np.random.default_rng(0)
    free = replace(problem, condition={})
    one, two = _values(free, number, rng), _values(free, number, rng)

    def results(values: Mapping[str, np.ndarray]) -> np.ndarray:
        held = {n: np.where(values[p] == level, values[n], np.nan) for n, (p, level) in problem.condition.items()}
        return problem.effect(_filled(problem, {**values, **held}))

    base = results(one)
    return {
        name: float(np.mean((base - results({**one, name: two[name]})) ** 2) / 2 / np.var(base))
        for name in problem.names
    }


def _u(name: str, shape: str = "line") -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    """An effect of one parameter with a standard deviation of 1."""
    shapes = {
        "line": lambda u: (u - 0.5) * 12**0.5,
        "valley": lambda u: ((u - 0.6) ** 2 - 0.0933) / 0.0957,
        "cliff": lambda u: np.where(u > 0.7, 1.53, -0.65),
        "wave": lambda u: np.sin(tau * u) * 2**0.5,
    }
    return lambda values: shapes[shape](values[name])


def _additive(shape: str) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    first, second, third = _u("lr", shape), _u("depth"), _u("decay", "valley")
    return lambda v: 0.82 * first(v) + 0.40 * second(v) + 0.25 * third(v) + 0.3 * (v["kind"] == 1)


def _interaction(v: Mapping[str, np.ndarray]) -> np.ndarray:
    """The best learning rate moves with the depth."""
    return 7.5 * (v["lr"] - 0.35 - 0.35 * v["depth"]) ** 2 + 0.4 * (v["kind"] == 1)


def _product(v: Mapping[str, np.ndarray]) -> np.ndarray:
    """The width matters only where the learning rate is high."""
    return 1.9 * v["lr"] * (1 + v["width"]) + 0.5 * v["decay"]


def _conditional(v: Mapping[str, np.ndarray]) -> np.ndarray:
    """A momentum with one of three solvers, a second-order term with another."""
    return (
        0.82 * _u("lr", "valley")(v)
        + (v["solver"] == 0) * (1.8 * (v["momentum"] - 0.5) + 0.7)
        + (v["solver"] == 1) * 0.8 * (v["beta"] - 0.5)
    )


def _level_on_top(v: Mapping[str, np.ndarray]) -> np.ndarray:
    return 0.85 * np.choose(v["model"].astype(int), [-1.2, 0.2, 0.1, 1.3]) + 0.45 * _u("lr", "valley")(v)


def _of_twenty(v: Mapping[str, np.ndarray]) -> np.ndarray:
    parts = 0.82 * _u("p0", "valley")(v) + 0.38 * _u("p1")(v) + 0.3 * _u("p2", "cliff")(v) + 0.3 * (v["c0"] == 2)
    return parts + 0.2 * v["p3"] * v["p4"]


def _of_twenty_other(v: Mapping[str, np.ndarray]) -> np.ndarray:
    return 0.85 * _u("p6", "cliff")(v) + 0.38 * _u("p2", "valley")(v) + 0.3 * _u("p9")(v) + 0.5 * (v["c1"] == 0)


def _close(v: Mapping[str, np.ndarray]) -> np.ndarray:
    return 0.75 * _u("lr", "valley")(v) + 0.55 * _u("depth")(v)


def _nothing(v: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.zeros(len(v["lr"]))


_FEW, _KIND = ("lr", "depth", "decay", "width"), {"kind": 3}
_MANY, _KINDS = tuple(f"p{i}" for i in range(14)), {"c0": 4, "c1": 3, "c2": 2, "c3": 5}
_TREE = {"solver": 3}
_CONDITION = {"momentum": ("solver", 0), "beta": ("solver", 1)}
_SOLVED = ("lr", "decay", "momentum", "beta")

CHOOSING = (  # an estimator was chosen by these, with seeds from 0 on
    Problem("additive", _FEW, _additive("line"), "lr", _KIND, {}),
    Problem("ties", _FEW, _additive("valley"), "lr", _KIND, {}, steps=8),
    Problem("interaction", _FEW, _interaction, "lr", _KIND, {}),
    Problem("conditional", _SOLVED, _conditional, "lr", _TREE, _CONDITION),
    Problem("twenty", _MANY, _of_twenty, "p0", _KINDS, {}),
    Problem("nothing", _FEW, _nothing, "", _KIND, {}, noise=1.0),
)


def _shifted(v: Mapping[str, np.ndarray]) -> np.ndarray:
    """The other way round: the conditional parameters say little, their parent much."""
    return (
        0.9 * np.choose(v["solver"].astype(int), [-1.0, 0.2, 1.1])
        + (v["solver"] == 2) * 0.9 * v["momentum"]
        + 0.35 * _u("decay")(v)
    )


REPORTING = (  # never looked at before the choice was made; seeds from 10,000 on
    Problem("additive, cliff", _FEW, _additive("cliff"), "lr", _KIND, {}),
    Problem("ties", _FEW, _additive("line"), "lr", _KIND, {}, steps=6),
    Problem("failures", _FEW, _additive("valley"), "lr", _KIND, {}, failing=0.2),
    Problem("interaction", _FEW, _product, "lr", _KIND, {}),
    Problem("conditional", _SOLVED, _shifted, "solver", _TREE, {"momentum": ("solver", 2), "beta": ("solver", 0)}),
    Problem("levels", ("lr", "decay"), _level_on_top, "model", {"model": 4, "act": 3}, {}),
    Problem("twenty", _MANY, _of_twenty_other, "p6", _KINDS, {}),
    Problem("close", _FEW, _close, "lr", _KIND, {}, is_clear=False),
    Problem("nothing", _FEW, _nothing, "", _KIND, {}, noise=1.0),
)
