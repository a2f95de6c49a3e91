"""python train.py CONFIG EPOCHS: fit a polynomial to a noisy sine, and print its validation error.

CONFIG is a Python file. It may compute whatever it likes; this program uses its `model` and `optimizer`.
"""

import math
import random
import runpy
import sys

config = runpy.run_path(sys.argv[1])
epochs = int(sys.argv[2])
degree, features = config["model"]["degree"], config["model"]["features"]
rate, momentum = config["optimizer"]["rate"], config["optimizer"]["momentum"]

source = random.Random(0)
points = [(x, math.sin(3 * x) + source.gauss(0, 0.1)) for x in (source.uniform(-1, 1) for _ in range(200))]
train, valid = points[:150], points[150:]


def expand(x: float) -> list[float]:
    """Give what the model multiplies its weights with: powers of x, or Chebyshev polynomials."""
    if features == "chebyshev":
        return [math.cos(power * math.acos(x)) for power in range(degree + 1)]
    return [x**power for power in range(degree + 1)]


def predict(x: float) -> float:
    """Give the value of the polynomial."""
    return sum(w * value for w, value in zip(weights, expand(x), strict=True))


weights = [0.0] * (degree + 1)
steps = [0.0] * (degree + 1)
for epoch in range(epochs):
    for x, y in train:
        error = max(-10, min(10, predict(x) - y))
        steps = [momentum * s - rate(epoch) * error * value for s, value in zip(steps, expand(x), strict=True)]
        weights = [w + s for w, s in zip(weights, steps, strict=True)]
print(sum((predict(x) - y) ** 2 for x, y in valid) / len(valid))
