"""What out/*.json holds as a table in Markdown, and with matplotlib as a plot: python report.py [PLOT.svg]

The first figures are geometric means over the problems of mean regret / mean regret of Hyperband with random sampling;
then the mean regret of each problem at 50 R with its standard error. A promoted configuration pays
only what is added to its budget.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import problems as P

BASE = "hb_upstream"
POINTS = (10, 25, 50)
RESUME = 1


def read():
    """Regret at `POINTS` of each run, by problem and method."""
    results = defaultdict(dict)
    for path in sorted(Path("out").glob("*.json")):
        data = json.loads(path.read_text())
        traces = [P.trace(rows, RESUME, [point * P.R for point in POINTS]) for rows in data["runs"]]
        results[data["problem"]][data["algo"]] = np.array(traces) - P.get(data["problem"]).fopt
    return results


def table(results):
    problems = [name for name in P.NAMES if name in results]
    methods = [a for a in results[problems[0]] if all(a in results[p] for p in problems)]

    def relative(method, at):
        pairs = [(results[p][method][:, at], results[p][BASE][:, at]) for p in problems]
        return float(np.exp(np.mean([np.log(own.mean() / base.mean()) for own, base in pairs])))

    yield "| method | seeds | " + " | ".join([*(f"{point} R" for point in POINTS), *problems]) + " |"
    yield "|---|--:|" + "--:|" * (len(POINTS) + len(problems))
    for method in sorted(methods, key=lambda m: relative(m, len(POINTS) - 1)):
        seeds = min(len(results[p][method]) for p in problems)
        cells = [f"{relative(method, at):.2f}" for at in range(len(POINTS))]
        for p in problems:
            last = results[p][method][:, -1]
            cells.append(f"{last.mean():.4f} +- {last.std(ddof=1) / len(last) ** 0.5:.4f}")
        yield f"| {method} | {seeds} | " + " | ".join(cells) + " |"


def plot(results, path):
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(1, len(results), figsize=(4 * len(results), 4), squeeze=False)
    for axis, (problem, methods) in zip(axes[0], results.items(), strict=True):
        for method, regret in methods.items():
            axis.plot(POINTS, regret.mean(0), marker="o", label=method)
        axis.set(title=problem, yscale="log", xlabel="cost in R")
    figure.legend(*axis.get_legend_handles_labels(), loc="lower center", ncols=3, fontsize="small")
    figure.subplots_adjust(bottom=0.4)
    figure.savefig(path)


if __name__ == "__main__":
    found = read()
    print("\n".join(table(found)))
    if sys.argv[1:]:
        plot(found, sys.argv[1])
