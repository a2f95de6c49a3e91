"""Searches on several workers, simulated: the regret of the incumbent by wall-clock, and how busy workers are.

    python wallclock.py run reporting 8 hb,asha-9,recipe 5 --out out.csv
    python wallclock.py run mfh6_good,boosting1 16 'ours f0:sobol,f1:tpe,refine:tpe' 5 --out out.csv
    python wallclock.py table reporting 8 out.csv

A training run takes what it adds to the budget of its configuration, times lognormal(0, 0.3). Ours waits for what the
plan says, as under Snakemake (clock_ours.py); all others are asynchronous (clock_peers.py). A row is one search:
problem, method, workers, seed, busy shares up to 2, 4, 8 and 16 R of wall-clock, then the regret at 1, 2, ... R.
"""

import argparse
import csv
import heapq
import importlib
import os
import sys
import time
import warnings
from collections import defaultdict
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before numpy
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "real")]

import compare  # noqa: E402
import numpy as np  # noqa: E402
import problems as P  # noqa: E402
import run as real  # noqa: E402

AT = (2, 4, 8, 16)  # in units of R
SPREAD = 0.3
HALVES = {
    "choosing": ["boosting1", "linear1", "mislead1", "network1", "pipeline1", "mfh3_good", "mfh6_good", "digits"],
    "reporting": ["boosting2", "mislead2", "network2", "pipeline2", "mfh3_terrible", "mfh6_bad", "mfh6_terrible"],
}
FIRST_SEED = {"choosing": 1000, "reporting": 5000}


def problem_of(name, seed):
    return P.get(name, seed) if name.startswith("mfh") or name == "digits" else real.Problem(name)


def searcher(method, problem, seed, workers, most):
    """Make a search by the name of its method."""
    if method in PEERS:
        return PEERS[method](problem, seed, workers)
    clock_ours = importlib.import_module("clock_ours")  # needs the package
    if method == "hb":
        return clock_ours.InTurn(problem, seed)
    steps = real.RECIPE if method == "recipe" else method.removeprefix("ours ")
    parameters, parallel = clock_ours.parameters_of(problem, seed), max(1, round(1.5 * workers))
    what = clock_ours.planned(steps, parameters, parallel, trials=workers * most)
    return clock_ours.Ours(problem, seed, what)


def peer(name, *given):
    return lambda problem, seed, _: getattr(importlib.import_module("clock_peers"), name)(problem, seed, *given)


PEERS = {
    "random": peer("RandomAtR"),
    "asha-1": peer("Asha", 1),
    "asha-9": peer("Asha", 9),
    "optuna-tpe": peer("Optuna"),
    "optuna-hb": peer("Optuna", "hyperband"),
    "optuna-asha": peer("Optuna", "asha"),
}


def simulate(search, problem, workers, seed, most):
    """Let workers train what a search asks for, for ``most`` R of wall-clock.

    Returns:
        rows as problems.trace wants them, with times as costs, and the (start, end) of each training run.
    """
    rng, now, running, rows, spans = np.random.default_rng(seed), 0.0, [], [], []
    free = workers
    while now < most * P.R:
        while free and (job := search.next_job()) is not None:
            end = now + (job.budget - job.before) * float(np.exp(SPREAD * rng.normal()))
            heapq.heappush(running, (end, len(spans), job))
            spans.append((now, end))
            free -= 1
        if not running:
            break
        now, _, job = heapq.heappop(running)
        free += 1
        loss = problem.loss(job.config, job.budget)
        rows.append((now, now, job.budget, loss, problem.true(job.config)))
        search.ended(job, loss)
    return rows, spans


def busy(spans, workers, until):
    return sum(max(0.0, min(end, until) - start) for start, end in spans if start < until) / (workers * until)


def run(name, method, workers, seed, most):
    """Carry out one search.

    Returns:
        busy shares, then regrets at 1, 2, ... R of wall-clock.
    """
    problem = problem_of(name, seed)
    search = searcher(method, problem, seed, workers, most)
    rows, spans = simulate(search, problem, workers, seed, most)
    losses = P.trace(rows, 1, [P.R * n for n in range(1, most + 1)])
    losses[~np.isfinite(losses)] = rows[0][4]
    return [busy(spans, workers, at * P.R) for at in AT if at <= most], np.maximum(losses - problem.fopt, 0)


def names_of(text):
    return HALVES.get(text) or text.split(",")


def measure(given):
    methods = [given.methods] if "ours " in given.methods else given.methods.split(",")
    names = names_of(given.problems)
    for method in methods:
        for name in names:
            half = next((half for half, known in HALVES.items() if name in known), "reporting")
            begin, first = time.time(), FIRST_SEED[half]
            for seed in range(first, first + given.seeds):
                shares, regrets = run(name, method, given.workers, seed, given.most)
                shares += [""] * (len(AT) - len(shares))
                cells = [*(f"{one:.3f}" if one != "" else "" for one in shares), *(f"{one:.4g}" for one in regrets)]
                with given.out.open("a", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerow([name, method, given.workers, seed, *cells])
            print(name, method, given.workers, round((time.time() - begin) / given.seeds, 1), "s each", flush=True)


def read(paths, workers):
    """Give regrets at the times that are shown, and busy shares, both by method, problem and seed."""
    found, shares = (defaultdict(lambda: defaultdict(dict)) for _ in range(2))
    for path in paths:
        with Path(path).open(newline="") as file:
            for name, method, w, seed, *cells in csv.reader(file):
                if int(w) == workers:
                    regrets = [float(one) for one in cells[len(AT) :]]
                    found[method][name][int(seed)] = [regrets[at - 1] if at <= len(regrets) else np.nan for at in AT]
                    shares[method][name][int(seed)] = [float(one or "nan") for one in cells[: len(AT)]]
    return found, shares


def table(given):
    found, shares = read(given.files, given.workers)
    names = names_of(given.problems)
    print("| search | seeds | busy to 4 R | to 16 R |", *(f"{at} R |" for at in AT))
    print("|---|--:|--:|--:|" + "--:|" * len(AT))
    for row in compare.rows(found, ",".join(names)):
        every = np.array([one for name in names for one in shares[row.method][name].values()])
        part = [f"{one:.0%}" if np.isfinite(one) else "" for one in every.mean(0)[[1, 3]]]
        cells = [cell if np.isfinite(mean) else "" for cell, mean in zip(row.cells, row.mean, strict=True)]
        print("|", row.method, "|", row.seeds, "|", " | ".join([*part, *cells]), "|")
        if given.each:
            print("   ", *(f"{name} {np.round(each, 2)}" for name, each in row.by_problem.items()))


def main(argv):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run")
    one.add_argument("problems")
    one.add_argument("workers", type=int)
    one.add_argument("methods")
    one.add_argument("seeds", type=int)
    one.add_argument("--most", type=int, default=AT[-1])
    one.add_argument("--out", type=Path, required=True)
    one.set_defaults(do=measure)
    one = commands.add_parser("table")
    one.add_argument("problems")
    one.add_argument("workers", type=int)
    one.add_argument("files", nargs="+")
    one.add_argument("--each", action="store_true")
    one.set_defaults(do=table)
    given = parser.parse_args(argv)
    given.do(given)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1:])
