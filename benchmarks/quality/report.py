"""What out/*.json holds as a table in Markdown, and with matplotlib as a plot: python report.py [PLOT.svg]

Figures are geometric means over the problems of mean regret / mean regret of Hyperband with random sampling, and the mean
regret of each problem with its standard error. Resume accounting: a promoted configuration pays only what is added.
"""

import sys

import numpy as np
import problems as P
import score

BASE = "hb_upstream"
POINTS = (10, 25, 50)


def table(results):
    problems = [name for name in P.NAMES if name in results]
    methods = [a for a in results[problems[0]] if all(a in results[p] for p in problems)]

    def relative(method, at):
        ratios = [results[p][method][0][:, at].mean() / results[p][BASE][0][:, at].mean() for p in problems]
        return float(np.exp(np.mean(np.log(ratios))))

    columns = [score.GRID.index(point * P.R) for point in POINTS]
    yield "| method | seeds | " + " | ".join(f"{point} R" for point in POINTS) + " | " + " | ".join(problems) + " |"
    yield "|---|--:|" + "--:|" * (len(POINTS) + len(problems))
    for method in sorted(methods, key=lambda m: relative(m, columns[-1])):
        seeds = min(results[p][method][1] for p in problems)
        cells = [f"{relative(method, at):.2f}" for at in columns]
        for p in problems:
            last = results[p][method][0][:, columns[-1]]
            cells.append(f"{last.mean():.4f} +- {last.std(ddof=1) / len(last) ** 0.5:.4f}")
        yield f"| {method} | {seeds} | " + " | ".join(cells) + " |"


def plot(results, path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(results), figsize=(4 * len(results), 3.5))
    for axis, (problem, methods) in zip(np.atleast_1d(axes), results.items(), strict=True):
        for method, (regret, *_) in methods.items():
            axis.plot([g / P.R for g in score.GRID], regret.mean(0), marker="o", label=method)
        axis.set(title=problem, yscale="log", xlabel="cost in R")
    np.atleast_1d(axes)[0].set_ylabel("regret of the incumbent")
    figure.legend(*axis.get_legend_handles_labels(), loc="lower center", ncols=3, fontsize="small")
    figure.subplots_adjust(bottom=0.4)
    figure.savefig(path)


if __name__ == "__main__":
    found = score.table(1)
    print("\n".join(table(found)))
    if sys.argv[1:]:
        plot(found, sys.argv[1])
