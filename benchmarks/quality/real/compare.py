"""Compare methods on the problems made of real training runs, by the rows that run.py writes.

    python compare.py reporting measured.csv
    python compare.py boosting2,network2,mislead2 measured.csv

For each problem the median regret over seeds is divided by that of Hyperband with random sampling; shown is the
geometric mean of these over the problems with its 90 % interval (bootstrap over seeds), then their median.
"""

import csv
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from run import HALVES, surrogate

BASE, AT, DRAWS = "hb", (5, 10, 25), 500
LEAST = 1e-4


def read(*paths):
    """Regrets by method, problem and seed, at the costs that are shown."""
    found = defaultdict(lambda: defaultdict(dict))
    for path in paths:
        with Path(path).open(newline="") as file:
            for name, method, seed, *losses in csv.reader(file):
                regrets = [max(float(losses[at - 1]) - surrogate(name).optimum, 0) for at in AT]
                found[method][name][int(seed)] = regrets
    return found


def ratios(one, base, names, rng=None):
    """Give those of one method, for each problem and cost."""

    def middle(values):
        values = np.array(list(values.values()))
        if rng is not None:
            values = values[rng.integers(len(values), size=len(values))]
        return np.median(values, 0) + LEAST

    return np.array([middle(one[name]) / middle(base[name]) for name in names])


@dataclass(frozen=True)
class Row:
    """One method: geometric means over problems at each cost, their interval, the medians, and all ratios."""

    method: str
    seeds: int
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    median: np.ndarray
    by_problem: dict

    @property
    def cells(self):
        both = zip(self.mean, self.low, self.high, self.median, strict=True)
        return [f"{mean:.2f} ({low:.2f} to {high:.2f}), {median:.2f}" for mean, low, high, median in both]


def rows(found, problems):
    """Give a row for each method that ran on all of a half, or of these problems, the best one first."""
    names = sorted(found[BASE] if problems in HALVES else problems.split(","))
    names = [name for name in names if problems not in HALVES or name.endswith(HALVES[problems][0])]
    made = []
    for method, by_problem in found.items():
        if any(name not in by_problem for name in names):
            continue
        rng = np.random.default_rng(0)
        exact = ratios(by_problem, found[BASE], names)
        drawn = [np.exp(np.log(ratios(by_problem, found[BASE], names, rng)).mean(0)) for _ in range(DRAWS)]
        ends = np.quantile(drawn, [0.05, 0.95], axis=0)
        seeds = min(len(by_problem[name]) for name in names)
        each = dict(zip(names, exact, strict=True))
        made.append(Row(method, seeds, np.exp(np.log(exact).mean(0)), *ends, np.median(exact, 0), each))
    return sorted(made, key=lambda row: row.mean[-1])


if __name__ == "__main__":
    print("| search | seeds |", *(f"{at} R |" for at in AT))
    print("|---|--:|" + "--:|" * len(AT))
    for row in rows(read(*sys.argv[2:]), sys.argv[1]):
        print("|", row.method, "|", row.seeds, "|", " | ".join(row.cells), "|")
        print("   ", *(f"{name} {np.round(each, 2)}" for name, each in row.by_problem.items()), file=sys.stderr)
