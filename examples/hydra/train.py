"""Tell the inside of a circle from the outside by logistic regression, as conf/ and the command line say."""

import json
import math
import random
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig


@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(config: DictConfig) -> None:
    """Train with one configuration."""
    source = random.Random(0)
    points = [(source.uniform(-1, 1), source.uniform(-1, 1)) for _ in range(400)]
    data = [(features(x, y, config.model), x * x + y * y < 0.5) for x, y in points]
    train, valid = data[:200], data[200:]
    weights, means, squares = ([0.0] * len(train[0][0]) for _ in range(3))
    for _ in range(config.epochs):
        for values, inside in train:
            error = probability(weights, values) - inside
            for i, value in enumerate(values):
                slope = error * value + config.model.decay * weights[i]
                means[i] = config.optimizer.momentum * means[i] + slope
                squares[i] = 0.99 * squares[i] + 0.01 * slope**2
                size = math.sqrt(squares[i]) + 1e-8 if config.optimizer.scale else 1
                weights[i] -= config.optimizer.lr * means[i] / size
    accuracy = sum((probability(weights, values) > 0.5) == inside for values, inside in valid) / len(valid)
    path = Path(HydraConfig.get().runtime.output_dir, "metrics.json")
    path.write_text(json.dumps({"val_accuracy": accuracy}), encoding="utf-8")


def features(x: float, y: float, model: DictConfig) -> list[float]:
    """Give what the model sees of a point."""
    return [1, x, y, *([x * x, x * y, y * y] if model.squares else [])]


def probability(weights: list[float], values: list[float]) -> float:
    """Give the probability that a point is inside."""
    score = sum(w * value for w, value in zip(weights, values, strict=True))
    return 1 / (1 + math.exp(-max(-50, min(50, score))))


main()
