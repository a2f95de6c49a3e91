"""Train a logistic regression on one fold of the iris data; the training program of the example."""

import argparse
import os
import warnings
from pathlib import Path

import yaml
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold


def main() -> None:
    """Train on all folds but one, write the negative accuracy on that one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--fold", type=int, required=True)
    parser.add_argument("--max-iter", type=float, required=True, help="one iteration for each unit of budget")
    parser.add_argument("--result", type=Path, required=True)
    arguments = parser.parse_args()
    config = yaml.safe_load(arguments.config.read_text())
    warnings.simplefilter("ignore", ConvergenceWarning)  # a small budget is meant to stop early

    x, y = load_iris(return_X_y=True)
    splits = StratifiedKFold(config["folds"], shuffle=True, random_state=config["cv_seed"]).split(x, y)
    train, test = list(splits)[arguments.fold]
    model = LogisticRegression(
        C=config["C"],
        solver=config["solver"],
        l1_ratio=1.0 if config["penalty"] == "l1" else 0.0,
        tol=config["learning_rate"],
        max_iter=max(1, round(arguments.max_iter)),
    )
    accuracy = model.fit(x[train], y[train]).score(x[test], y[test])
    unfinished = arguments.result.with_suffix(".tmp")
    unfinished.write_text(f"{-accuracy}\n")
    os.replace(unfinished, arguments.result)


if __name__ == "__main__":
    main()
