"""The problems of every runner here: same space, same budgets 1..81, same loss for every optimiser.

numpy alone, so that it imports in the environment of every peer. ``generators.py`` beside this file is that of
mf-prior-bench 1.10.0: pip download --no-deps mf-prior-bench==1.10.0, then src/mfpbench/synthetic/hartmann/generators.py
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
R = 81
NAMES = ["mfh3_good", "mfh6_good", "mfh6_terrible", "digits"]
FIDELITY = {"good": (2.5, 2.0), "moderate": (3.0, 3.0), "bad": (3.5, 4.0), "terrible": (4.0, 5.0)}  # bias, noise


def _generators():
    spec = importlib.util.spec_from_file_location("mfh_generators", HERE / "generators.py")
    module = sys.modules["mfh_generators"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Hartmann:
    """MFHartmann in 3 or 6 dimensions; small budgets are biased and noisy."""

    def __init__(self, dimensions, fidelity, seed):
        kinds = _generators()
        kind = kinds.MFHartmann3 if dimensions == 3 else kinds.MFHartmann6
        bias, noise = FIDELITY[fidelity]
        self._function = kind(n_fidelities=R, fidelity_bias=bias, fidelity_noise=noise, seed=seed)
        self.space = {f"X_{i}": ("float", 0.0, 1.0) for i in range(dimensions)}
        self.fopt = {3: -3.86278, 6: -3.32237}[dimensions]

    def loss(self, config, budget):
        return self._function(int(budget), tuple(float(config[name]) for name in self.space))

    def true(self, config):
        return self.loss(config, R)

    def key(self, config):
        return tuple(round(float(config[name]), 12) for name in self.space)


class Digits:
    """A table of 2,304 networks on scikit-learn's digits x 81 epochs (make_digits_table.py): validation log loss."""

    levels = {"lr": 9, "alpha": 4, "hidden": 4, "batch": 4, "solver": 2, "act": 2}  # noqa: RUF012

    def __init__(self):
        self._table = np.load(HERE / "data/digits_mlp.npz")["T"][..., 0]
        self.space = {name: ("ord" if n > 2 else "cat", n) for name, n in self.levels.items()}
        self.fopt = float(self._table[..., R - 1].min())

    def loss(self, config, budget):
        return float(self._table[(*self.key(config), int(budget) - 1)])

    def true(self, config):
        return self.loss(config, R)

    def key(self, config):
        return tuple(int(config[name]) for name in self.levels)


def get(name, seed=0):
    """Make a problem; the seed is that of the noise."""
    return Digits() if name == "digits" else Hartmann(int(name[3]), name.split("_")[1], seed + 1)


class Stop(Exception):
    """The budget is used up."""


class Log:
    """Every training goes through here, until the budget is used up.

    Counted is what a training adds to what its configuration was trained before (``resume``); what it would cost from
    the start is kept as well (``restart``), but for peers that go on by themselves.
    """

    def __init__(self, problem, budget):
        self.p, self.budget = problem, budget
        self.rows, self._reached = [], {}
        self.restart = self.resume = 0.0

    def __call__(self, config, budget, native_resume=False, inst=None):
        """Train; ``inst`` tells trials apart that have the same configuration."""
        if self.resume >= self.budget:
            raise Stop
        budget = max(1, min(R, round(float(budget))))
        key = (self.p.key(config), inst)
        before = self._reached.get(key, 0)
        self.resume += max(0, budget - before)
        self.restart += max(0, budget - before) if native_resume else budget
        self._reached[key] = max(before, budget)
        loss = self.p.loss(config, budget)
        self.rows.append((self.restart, self.resume, budget, loss, self.p.true(config)))
        return loss


def trace(rows, column, grid):
    """True loss of the incumbent at these costs: the lowest observed one at the highest budget reached so far."""
    values, at, best, highest, value = [], 0, np.inf, 0, np.inf
    for cost in grid:
        while at < len(rows) and rows[at][column] <= cost:
            _, _, budget, loss, true = rows[at]
            if budget > highest or (budget == highest and loss < best):
                highest, best, value = budget, loss, true
            at += 1
        values.append(value)
    return np.array(values)
