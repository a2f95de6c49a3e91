"""The problems as searches see them: spaces, and losses of any configuration, by numpy alone.

A surrogate is fitted to a table of real training runs, for each budget of its own (tabulate.py): boosted trees, which
predict the logarithm of the loss. A parameter that a configuration does not have is -1 there.
"""

import math
from pathlib import Path

import numpy as np
import programs

DATA = Path(__file__).parent / "data"
R = programs.BUDGETS[-1]
ABSENT = -1.0
CHANGED, STEP = 0.35, 0.12  # what `near` changes: a share of the parameters, by so much of their ranges


class Space:
    """Draws configurations and encodes them as numbers from 0 to 1, a column for each option of a choice."""

    def __init__(self, name):
        self.parameters, self.conditions = programs.space_of(name)

    def exists(self, parameter, config):
        parent, values = self.conditions.get(parameter, (None, ()))
        return parent is None or config.get(parent) in values

    def made(self, decide):
        """Build a configuration from what ``decide`` gives: the number of an option, or a position from 0 to 1."""
        config = {}
        for parameter, (kind, *spec) in self.parameters.items():
            if self.exists(parameter, config):
                decision = decide(parameter, kind, spec)
                config[parameter] = spec[0][int(decision)] if kind == "choice" else self.value(parameter, decision)
        return config

    def value(self, parameter, position):
        """Give the number at a position from 0 to 1."""
        kind, low, high, log = self.parameters[parameter]
        a, b = (low - 0.5, high + 0.5) if kind == "int" else (low, high)
        value = math.exp(math.log(a) + position * math.log(b / a)) if log else a + position * (b - a)
        return min(max(round(value), low), high) if kind == "int" else min(max(float(f"{value:.10g}"), low), high)

    def position(self, parameter, value):
        """Say where from 0 to 1 a number lies."""
        kind, low, high, log = self.parameters[parameter]
        a, b = (low - 0.5, high + 0.5) if kind == "int" else (low, high)
        return math.log(value / a) / math.log(b / a) if log else (value - a) / (b - a)

    def draw(self, rng):
        """Draw a configuration, evenly."""
        return self.made(lambda _, kind, spec: rng.integers(len(spec[0])) if kind == "choice" else rng.random())

    def near(self, config, rng):
        """Draw a configuration that shares most of its values with another one."""

        def decide(parameter, kind, spec):
            change = rng.random() < CHANGED
            if parameter not in config or (kind == "choice" and change):
                return rng.integers(len(spec[0])) if kind == "choice" else rng.random()
            if kind == "choice":
                return spec[0].index(config[parameter])
            position = self.position(parameter, config[parameter])
            return float(np.clip(position + STEP * rng.normal(), 0, 1 - 1e-9)) if change else position

        return self.made(decide)

    def encode(self, config):
        row = []
        for parameter, (kind, *spec) in self.parameters.items():
            if kind == "choice":
                row += [float(config.get(parameter) == option) if parameter in config else ABSENT for option in spec[0]]
            else:
                row.append(self.position(parameter, config[parameter]) if parameter in config else ABSENT)
        return row


def predicted(trees, x):
    """What boosted trees predict for these rows."""
    at = np.repeat(trees["root"].astype(np.int64)[None], len(x), 0)
    rows = np.arange(len(x))[:, None]
    while True:
        low = x[rows, trees["feature"][at]] <= trees["threshold"][at]
        to = np.where(low, trees["left"][at], trees["right"][at]).astype(np.int64)
        if (to == at).all():
            return trees["base"][0] + trees["value"][at].sum(1, dtype=np.float64)
        at = to


class Surrogate:
    """Losses of one problem."""

    def __init__(self, name):
        self.space = Space(name)
        with np.load(DATA / f"{name}.npz") as data:
            self.optimum = float(data["optimum"])
            keys = ("feature", "threshold", "left", "right", "value", "root", "base")
            self._trees = [{key: data[f"{key}_{b}"] for key in keys} for b in range(len(programs.BUDGETS))]

    def losses(self, configs, budget):
        """Losses of many configurations at one of the five budgets."""
        x = np.array([self.space.encode(config) for config in configs], np.float32)
        found = [predicted(self._trees[programs.BUDGETS.index(budget)], x[i : i + 500]) for i in range(0, len(x), 500)]
        return np.exp(np.concatenate(found))
