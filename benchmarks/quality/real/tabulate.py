"""Train what the problems are made of, and fit what answers for configurations that were not trained.

    pip install numpy scikit-learn scipy
    nice python tabulate.py table boosting1 network1 ...   # about two minutes of one core each -> data/NAME.csv.gz
    nice python tabulate.py fit boosting1 network1 ...     # seconds each -> data/NAME.npz, and how well it predicts

More than half of the configurations of a table are drawn at random, the others near the best of those before, so that
it is densest where searches end.
"""

import csv
import gzip
import io
import os
import sys
import time
import warnings
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import numpy as np
import programs
from surrogate import Space

DATA = Path(__file__).parent / "data"
ROUNDS = {  # how many are trained, and near how many of the best before
    "boosting1": ((900, None), (350, 60), (250, 30)),
    "mislead2": ((360, None), (140, 30), (100, 15)),
    "pipeline2": ((360, None), (140, 30), (100, 15)),
    "others": ((600, None), (240, 40), (160, 20)),
}
TREES, LEAVES, RATE = 220, 24, 0.06
HELD_OUT = 5


def table(name):
    """Train all configurations of a problem and write them, with their losses."""
    space, data, rng = Space(name), programs.data_of(name), np.random.default_rng(programs.NAMES.index(name))
    known, losses = [], []
    for number, near in ROUNDS.get(name, ROUNDS["others"]):
        best = [known[i] for i in np.argsort([loss[-1] for loss in losses], kind="stable")[:near]] if near else []
        for _ in range(number):
            config = space.near(best[rng.integers(len(best))], rng) if near else space.draw(rng)
            known.append(config)
            losses.append(programs.train(name, config, data))
    with (DATA / f"{name}.csv.gz").open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        file = io.TextIOWrapper(packed, newline="")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*space.parameters, *(f"loss_{budget}" for budget in programs.BUDGETS)])
        for config, loss in zip(known, losses, strict=True):
            cells = [config.get(parameter, "") for parameter in space.parameters]
            writer.writerow([f"{c:.6g}" if isinstance(c, float) else c for c in [*cells, *map(float, loss)]])
        file.flush()


def read(name):
    """Read a table: the configurations, and their losses by budget."""
    space = Space(name)
    with gzip.open(DATA / f"{name}.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {parameter: space.parameters[parameter][0] for parameter in space.parameters}
    read_as = {"float": float, "int": int, "choice": str}
    configs = [{p: read_as[kinds[p]](row[p]) for p in kinds if row[p] != ""} for row in rows]
    return configs, np.array([[float(row[f"loss_{budget}"]) for budget in programs.BUDGETS] for row in rows])


def fitted(x, y):
    """Boosted trees as arrays: (feature, threshold, left, right, value) of all nodes, tree after tree."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    model = HistGradientBoostingRegressor(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE, min_samples_leaf=6, l2_regularization=1.0,
        max_features=0.6, early_stopping=False, random_state=0,
    ).fit(x, y)  # fmt: skip
    nodes, roots, at = [], [], 0
    for (predictor,) in model._predictors:
        roots.append(at)
        for n in predictor.nodes:
            leaf = bool(n["is_leaf"])
            here = len(nodes)
            ends = (here, here) if leaf else (at + int(n["left"]), at + int(n["right"]))
            if leaf:
                nodes.append((0, 0.0, *ends, n["value"]))
            else:
                nodes.append((int(n["feature_idx"]), n["num_threshold"], *ends, 0.0))
        at = len(nodes)
    feature, threshold, left, right, value = map(np.array, zip(*nodes, strict=True))
    return {
        "feature": feature.astype(np.uint8),
        "threshold": threshold.astype(np.float32),
        "left": left.astype(np.uint16),
        "right": right.astype(np.uint16),
        "value": value.astype(np.float32),
        "root": np.array(roots, np.uint16),
        "base": np.array([float(np.ravel(model._baseline_prediction)[0])], np.float32),
    }


def fit(name):
    """Fit a surrogate for each budget, note the best that it says of what was trained, and say how well it predicts."""
    from scipy.stats import spearmanr  # noqa: PLC0415
    from surrogate import Surrogate, predicted  # noqa: PLC0415

    space = Space(name)
    configs, losses = read(name)
    x, y = np.array([space.encode(config) for config in configs], np.float32), np.log(losses)
    rest = np.arange(len(x)) % HELD_OUT > 0
    words = []
    for b in (0, 2, 4):
        held = predicted(fitted(x[rest], y[rest, b]), x[~rest])
        error = 1 - np.mean((held - y[~rest, b]) ** 2) / np.var(y[~rest, b])
        words.append(f"{spearmanr(held, y[~rest, b])[0]:.2f} ({error:.2f})")
    arrays = {f"{key}_{b}": v for b in range(len(programs.BUDGETS)) for key, v in fitted(x, y[:, b]).items()}
    np.savez_compressed(DATA / f"{name}.npz", **arrays, optimum=0.0)
    values = Surrogate(name).losses(configs, programs.BUDGETS[-1])
    np.savez_compressed(DATA / f"{name}.npz", **arrays, optimum=values.min())
    apart = [spearmanr(losses[:360, b], losses[:360, 4])[0] for b in range(4)]
    print(
        name, "held-out rank correlation (R2) at 1, 9, 81:", *words, "| optimum", round(float(values.min()), 4),
        "of the table", round(float(losses[:, -1].min()), 4), "| rank correlation with 81 of 1, 3, 9, 27:",
        *(f"{one:.2f}" for one in apart), flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    DATA.mkdir(exist_ok=True)
    for one in sys.argv[2:] or programs.NAMES:
        begin = time.time()
        {"table": table, "fit": fit}[sys.argv[1]](one)
        if sys.argv[1] == "table":
            print(one, round(time.time() - begin), "s", flush=True)
