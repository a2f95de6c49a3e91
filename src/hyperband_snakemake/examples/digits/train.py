"""Train a small neural network on scikit-learn's digits, epoch by epoch, with a checkpoint to resume from.

It shows what a training program has to do to resume: look for a checkpoint, train from there up to its budget,
and leave one that is whole at any moment. All that is random depends on the seed and the number of the epoch, so a
network that was continued equals one that was trained in one go, to the last digit.
"""

import argparse
import logging
import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import yaml
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS_BETWEEN_CHECKPOINTS = 10


def main() -> None:
    """Train up to the number of epochs, and write the share of validation digits that are not recognised."""
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--epochs", type=int, required=True, help="epochs to reach, those of an earlier stage included")
    arguments = parser.parse_args()
    logging.basicConfig(filename=arguments.output_dir / "log.log", level=logging.INFO, format="%(message)s")
    warnings.simplefilter("ignore")  # a bad configuration overflows; its error says so

    config = yaml.safe_load(arguments.config.read_text())
    checkpoint = arguments.output_dir / "checkpoint"
    network, done = restore(checkpoint) or (new_network(config), 0)
    logging.info("Resuming after epoch %d", done)
    x, x_val, y, y_val = digits()
    for epoch in range(done, arguments.epochs):
        order = np.random.default_rng([config["seed"], epoch]).permutation(len(x))
        network.partial_fit(x[order], y[order], classes=range(10))
        if (epoch + 1) % EPOCHS_BETWEEN_CHECKPOINTS == 0 or epoch + 1 == arguments.epochs:
            save(checkpoint, network, epoch + 1)
            logging.info("Epoch %d: error %.4f", epoch + 1, 1 - network.score(x_val, y_val))
    replace(arguments.output_dir / "result", f"{1 - network.score(x_val, y_val)}\n".encode())


def new_network(config: dict) -> MLPClassifier:
    """Give an untrained network."""
    return MLPClassifier(
        hidden_layer_sizes=(config["hidden"],),
        learning_rate_init=config["learning_rate"],
        batch_size=config["batch_size"],
        alpha=config["alpha"],
        shuffle=False,  # we do, by the number of the epoch
        random_state=config["seed"],
    )


def digits() -> list[np.ndarray]:
    """Give training and validation images (pixels from 0 to 1), then their digits."""
    images, labels = load_digits(return_X_y=True)
    return train_test_split(images / 16, labels, test_size=0.3, random_state=0, stratify=labels)


def restore(checkpoint: Path) -> tuple[MLPClassifier, int] | None:
    """Give the network, weights and optimizer, and the number of its epochs; None if there is no checkpoint."""
    return pickle.loads(checkpoint.read_bytes()) if checkpoint.exists() else None  # noqa: S301 (our own)


def save(checkpoint: Path, network: MLPClassifier, epochs: int) -> None:
    """Write a checkpoint."""
    replace(checkpoint, pickle.dumps((network, epochs)))


def replace(path: Path, data: bytes) -> None:
    """Write to another file and rename it, so that nobody ever finds half of it."""
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)


if __name__ == "__main__":
    main()
