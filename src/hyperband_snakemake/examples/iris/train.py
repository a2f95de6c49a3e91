"""Cross-validate a logistic regression on the iris data: the training program of the example.

It shows what any training program has to do, in any language: read a configuration, stop after its budget, and write
one number, lower is better, to the file ``result``.
"""

import argparse
import logging
import os
import warnings
from pathlib import Path

import numpy as np
import yaml
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedShuffleSplit


def main() -> None:
    """Train on each fold, log each accuracy, write the negative mean."""
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--max-iter", type=float, required=True, help="one iteration for each unit of budget")
    arguments = parser.parse_args()

    logging.basicConfig(filename=arguments.output_dir / "log.log", filemode="w", level=logging.INFO)
    logging.info("Invoked with configuration file %s", arguments.config)
    logging.info("Invoked with budget %g", arguments.max_iter)
    config = yaml.safe_load(arguments.config.read_text())
    logging.info("Loaded configuration: %s", config)

    accuracy = cross_validate(config, max(1, round(arguments.max_iter)))
    logging.info("Mean accuracy: %.3f", accuracy)

    # written beside and renamed, so that nobody ever reads half a number
    unfinished = arguments.output_dir / "result.tmp"
    unfinished.write_text(f"{-accuracy}\n")
    os.replace(unfinished, arguments.output_dir / "result")


def cross_validate(config: dict, max_iter: int) -> float:
    """Return the mean accuracy over all repetitions and folds."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # a small budget is meant to stop early
    x, y = load_iris(return_X_y=True)
    folds, seed = config["folds"], config["cv_seed"]
    if folds > 1:
        splits = RepeatedStratifiedKFold(n_splits=folds, n_repeats=config["repetitions"], random_state=seed)
    else:
        splits = StratifiedShuffleSplit(n_splits=config["repetitions"], test_size=0.2, random_state=seed)
    accuracies = []
    for i, (train, test) in enumerate(splits.split(x, y)):
        model = LogisticRegression(
            C=config["C"],
            solver=config["solver"],
            l1_ratio=1.0 if config["penalty"] == "l1" else 0.0,
            tol=config["learning_rate"],  # these solvers choose their own steps; it decides when they stop early
            max_iter=max_iter,
            random_state=seed,
        )
        accuracy = model.fit(x[train], y[train]).score(x[test], y[test])
        logging.info("Accuracy of repetition %d, fold %d: %.3f", i // folds, i % folds, accuracy)
        accuracies.append(accuracy)
    return float(np.mean(accuracies))


if __name__ == "__main__":
    main()
