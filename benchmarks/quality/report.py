"""What was measured, as a table in Markdown and as a plot.

    python report.py gather OUT/*.json    # runs -> measured.csv: regret by problem, method and cost
    python report.py table                # measured.csv -> the table of docs/gains.md
    python report.py plot ../../docs/quality.svg

The first figures of the table are geometric means over the problems of mean regret / mean regret of Hyperband with
random sampling; then the mean regret of each problem at 50 R with its standard error. A promoted configuration pays
only what is added to its budget.
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import problems as P

MEASURED = Path(__file__).parent / "measured.csv"
BASE = "hb_upstream"
POINTS = (10, 25, 50)
COSTS = range(1, 51)
RESUME = 1
LEAST = 1e-4  # what the plot shows as the least regret: the optimum itself has none

# Okabe and Ito's colours, which nearly everybody can tell apart; each line has a dash of its own, too.
SHOWN = {
    "ours f1:sobol,f1:tpe,f1:tpe,refine:gp": ("small brackets (sobol, tpe, tpe), then refine gp", "#d55e00", "-", 2.4),
    "ours b1:sobol,b1:sobol,refine:gp": ("b1, b1 by sobol, then refine gp", "#e69f00", "--", 1.6),
    "optuna_tpe_full": ("Optuna TPE, all at R", "#0072b2", "-.", 1.6),
    "hb_upstream": ("Hyperband, random", "#000000", "-", 1.2),
    "hb_table1": ("Hyperband, random, floor brackets", "#009e73", ":", 1.8),
    "random_search": ("random search at R", "#999999", (0, (1, 2, 4, 2)), 1.6),
}


def gather(paths):
    """Mean regret of the runs and its standard error at each cost, a row each."""
    with MEASURED.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["problem", "method", "seeds", "cost", "regret", "error"])
        for path in sorted(paths):
            data = json.loads(Path(path).read_text())
            best = P.get(data["problem"]).fopt
            traces = np.array([P.trace(rows, RESUME, [cost * P.R for cost in COSTS]) for rows in data["runs"]]) - best
            spread = traces.std(axis=0, ddof=1) / len(traces) ** 0.5
            for cost, mean, error in zip(COSTS, traces.mean(axis=0), spread, strict=True):
                if np.isfinite(mean):  # before the first training has ended there is none
                    writer.writerow([data["problem"], data["algo"], len(traces), cost, f"{mean:.6f}", f"{error:.6f}"])


def read():
    """Of each problem and method: cost -> (mean regret, its standard error, number of seeds)."""
    results = defaultdict(lambda: defaultdict(dict))
    with MEASURED.open(newline="") as file:
        for row in csv.DictReader(file):
            measured = float(row["regret"]), float(row["error"]), int(row["seeds"])
            results[row["problem"]][row["method"]][int(row["cost"])] = measured
    return results


def relative(results, method, cost):
    """Geometric mean over the problems of regret as a share of the base's."""
    ratios = [results[p][method][cost][0] / results[p][BASE][cost][0] for p in P.NAMES]
    return float(np.exp(np.mean(np.log(np.maximum(ratios, 1e-9)))))


def table(results):
    methods = [a for a in results[P.NAMES[0]] if all(a in results[p] for p in P.NAMES)]
    yield "| method | seeds | " + " | ".join([*(f"{point} R" for point in POINTS), *P.NAMES]) + " |"
    yield "|---|--:|" + "--:|" * (len(POINTS) + len(P.NAMES))
    for method in sorted(methods, key=lambda m: relative(results, m, POINTS[-1])):
        cells = [f"{relative(results, method, point):.2f}" for point in POINTS]
        for p in P.NAMES:
            mean, error, _ = results[p][method][POINTS[-1]]
            cells.append(f"{mean:.4f} +- {error:.4f}")
        seeds = min(results[p][method][POINTS[-1]][2] for p in P.NAMES)
        yield f"| {method} | {seeds} | " + " | ".join(cells) + " |"


def plot(results, path):
    import matplotlib as mpl  # noqa: PLC0415
    import matplotlib.pyplot as plt  # noqa: PLC0415

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "quality", "svg.fonttype": "none", "font.size": 11}
    mpl.rcParams |= {"axes.spines.top": False, "axes.spines.right": False}
    figure, axes = plt.subplots(2, 2, figsize=(10, 8.6), sharex=True)
    for axis, problem in zip(axes.flat, P.NAMES, strict=True):
        for method, (label, colour, dash, width) in SHOWN.items():
            at = results[problem][method]
            mean, error = (np.array([at[cost][i] for cost in at]) for i in (0, 1))
            low, high = np.maximum(mean - error, LEAST), np.maximum(mean + error, LEAST)
            axis.plot(list(at), np.maximum(mean, LEAST), color=colour, linestyle=dash, linewidth=width, label=label)
            axis.fill_between(list(at), low, high, color=colour, alpha=0.15, linewidth=0)
        axis.set(title=problem.replace("_", ", "), yscale="log")
        axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    for axis in axes[:, 0]:
        axis.set_ylabel("mean regret of the incumbent")
    for axis in axes[-1]:
        axis.set_xlabel("cost in R, the largest budget")
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="lower center", ncols=2, frameon=False)
    figure.tight_layout(rect=(0, 0.1, 1, 1))
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    command, *words = sys.argv[1:] or ["table"]
    if command == "gather":
        gather(words)
    elif command == "plot":
        plot(read(), *words)
    else:
        print("\n".join(table(read())))
