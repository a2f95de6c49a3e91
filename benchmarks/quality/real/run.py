"""Searches on the problems made of real training runs, ours and those of other libraries, at the same costs.

    python run.py choosing hb,optuna-tpe,recipe 10 --out out.csv         # the first ten seeds of a half
    python run.py boosting1,linear1 'ours f1:sobol,f1:tpe,refine:tpe' 10 --out out.csv

A half is `choosing` (by which recipes are chosen) or `reporting` (by which they are judged): other data, other seeds.
Methods: `hb` is Hyperband with random sampling, `random` random search at R, `recipe` is what --sampler auto plans,
`ours STEPS` is any other (see run_ours.py), and those of other libraries are in peers.py.
Before `ours`, `good-followed`, `good-ignored`, `wrong-followed` or `wrong-ignored` gives all parameters a prior, and
says whether proposals follow it.
A row is one search: problem, method, seed, and the loss at R of its incumbent at 1, 2, ... R.
"""

import argparse
import csv
import importlib
import itertools
import os
import re
import sys
import time
import warnings
from functools import cache
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
import problems as P  # noqa: E402
import programs  # noqa: E402
from peers import PEERS  # noqa: E402
from surrogate import DATA, R, Surrogate  # noqa: E402

HALVES = {"choosing": ("1", 1000), "reporting": ("2", 5000)}  # the number that names end in, the first seed
MOST = 25  # in units of R
RECIPE = "f0:sobol,refine:joint"  # steps of --sampler auto
surrogate = cache(Surrogate)


class Problem:
    """A surrogate as the runners know problems."""

    def __init__(self, name, prior="", follows_priors=False):
        self.prior, self.follows_priors = prior_of(name, prior), follows_priors
        self.name, self._surrogate = name, surrogate(name)
        self.space, self.conditions = self._surrogate.space.parameters, self._surrogate.space.conditions
        self.fopt = self._surrogate.optimum
        self._losses = {}

    def loss(self, config, budget):
        key = (self.key(config), budget)
        if key not in self._losses:
            self._losses[key] = float(self._surrogate.losses([config], budget)[0])
        return self._losses[key]

    def true(self, config):
        return self.loss(config, R)

    def key(self, config):
        return tuple((name, config[name]) for name in self.space if name in config)

    def exists(self, name, config):
        return self._surrogate.space.exists(name, config)


def prior_of(name, kind):
    """What somebody expects who is right, or wrong: the best, or the worst, of 100 configurations that were trained."""
    if not kind:
        return {}
    configs, losses = importlib.import_module("tabulate").read(name)
    order = np.argsort(losses[:100, -1], kind="stable")
    return configs[order[0 if kind == "good" else -1]]


def incumbents(rows):
    """Loss at R of the incumbent at costs 1, 2, ... R; before the first result it is that of the first one."""
    values = P.trace(rows, 1, [R * n for n in range(1, MOST + 1)])
    values[~np.isfinite(values)] = rows[0][4]
    return values


def hyperband(problem, seed, log):
    """Hyperband with random sampling, in plain numpy."""
    rng, number = np.random.default_rng(seed), 0
    hb = importlib.import_module("run_hyperband")
    space = surrogate(problem.name).space
    while True:
        for bracket in hb.brackets(hb.RULES["hb_upstream"]):
            live = []
            for _ in range(bracket[0][0]):
                number += 1
                live.append((space.draw(rng), number))
            for count, budget in bracket:
                live = live[:count]
                losses = [log(config, budget, inst=inst) for config, inst in live]
                live = [live[i] for i in np.argsort(losses, kind="stable")]


def at_random(problem, seed, log):
    """Random search, everything at R."""
    rng, space = np.random.default_rng(seed), surrogate(problem.name).space
    for number in itertools.count():
        log(space.draw(rng), R, inst=number)


def ours(steps):
    return lambda _, seed, log: importlib.import_module("run_ours").search(log, seed, steps)


def recipe(_, seed, log):
    """Search as --sampler auto plans it."""
    importlib.import_module("run_ours").search(log, seed, RECIPE)


METHODS = {"hb": hyperband, "random": at_random, "recipe": recipe} | PEERS


def run(name, method, seed):
    """Carry out one search; the losses of its incumbents."""
    prior = re.match("(good|wrong)-(ignored|followed) ", method)
    if prior:
        problem, method = Problem(name, prior[1], prior[2] == "followed"), method[prior.end() :]
    else:
        problem = Problem(name)
    log = P.Log(problem, MOST * R)
    search = METHODS.get(method) or ours(method.removeprefix("ours "))
    try:
        search(problem, seed, log)
    except P.Stop:
        return incumbents(log.rows)


def main(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("problems")
    parser.add_argument("methods")
    parser.add_argument("seeds", help="their number, or FIRST:NUMBER")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(argv)
    names = given.problems.split(",")
    if given.problems in HALVES:
        there = [name for name in programs.NAMES if (DATA / f"{name}.npz").exists()]
        names = [name for name in there if name.endswith(HALVES[given.problems][0])]
    methods = [given.methods] if "ours " in given.methods else given.methods.split(",")
    for method in methods:
        for name in names:
            begin = time.time()
            begins = next(seed for end, seed in HALVES.values() if name.endswith(end))
            first, number = map(int, given.seeds.split(":") if ":" in given.seeds else (begins, given.seeds))
            for seed in range(first, first + number):
                values = run(name, method, seed)
                with given.out.open("a", newline="") as file:
                    writer = csv.writer(file, lineterminator="\n")
                    writer.writerow([name, method, seed, *(f"{one:.5g}" for one in values)])
            print(name, method, round((time.time() - begin) / number, 1), "s each", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
