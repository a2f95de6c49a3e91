"""Tell two half moons apart with a small neural network: flags in, metrics.json out. It knows nothing of a search."""

import argparse
import json
import math
import random
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--hidden", type=int, default=8)
parser.add_argument("--activation", choices=["tanh", "relu"], default="tanh")
parser.add_argument("--shuffle", action="store_true")
parser.add_argument("--epochs", type=int, default=9)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, default=Path("out"))
args = parser.parse_args()


def moons(number: int, source: random.Random) -> list[tuple[float, float, int]]:
    """Draw points (x, y) of two half moons, and which moon each belongs to."""
    points = []
    for _ in range(number):
        angle, moon = source.uniform(0, math.pi), source.randrange(2)
        x, y = math.cos(angle), math.sin(angle)
        x, y = (1 - x, 0.5 - y) if moon else (x, y)
        points.append((x + source.gauss(0, 0.2), y + source.gauss(0, 0.2), moon))
    return points


def forward(x: float, y: float) -> tuple[list[float], float]:
    """Give the hidden units, and the probability of the second moon."""
    sums = [a * x + b * y + c for a, b, c in first]
    units = [math.tanh(s) if args.activation == "tanh" else max(s, 0) for s in sums]
    score = bias + sum(w * u for w, u in zip(second, units, strict=True))
    return units, 1 / (1 + math.exp(-max(-50, min(50, score))))


data = random.Random(0)  # the same points for every configuration
train, valid = moons(200, data), moons(200, data)
draw = random.Random(args.seed)
first = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(args.hidden)]
second = [draw.gauss(0, 1) for _ in range(args.hidden)]
bias = 0.0
for epoch in range(args.epochs):
    if args.shuffle:
        draw.shuffle(train)
    for x, y, moon in train:
        units, probability = forward(x, y)
        step = args.lr * (moon - probability)
        for i, unit in enumerate(units):
            slope = 1 - unit * unit if args.activation == "tanh" else float(unit > 0)
            back = step * second[i] * slope
            second[i] += step * unit
            first[i] = [w + back * value for w, value in zip(first[i], (x, y, 1), strict=True)]
        bias += step
    accuracy = sum((forward(x, y)[1] > 0.5) == moon for x, y, moon in valid) / len(valid)
    print(f"epoch {epoch + 1}: validation accuracy {accuracy:.3f}")

args.out.mkdir(parents=True, exist_ok=True)
(args.out / "metrics.json").write_text(json.dumps({"val_accuracy": accuracy}), encoding="utf-8")
