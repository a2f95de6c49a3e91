"""Logistic regression by stochastic gradient descent on made-up data; one unit of budget is one epoch. No library."""

import math
import os
import random
import sys
from pathlib import Path

directory, epochs = Path(sys.argv[1]), int(sys.argv[2])
config = dict(line.split() for line in (directory / "config").read_text().splitlines())
rate, decay = float(config["rate"]), float(config["decay"])
data = random.Random(7)
points = [(data.gauss(0, 1), data.gauss(0, 1)) for _ in range(60)]
labels = [1 if 2 * x - y + data.gauss(0, 1) > 0 else 0 for x, y in points]
order = random.Random(int(config["seed"]))
a = b = 0.0
for _ in range(epochs):
    for i in order.sample(range(40), 40):
        (x, y), t = points[i], labels[i]
        slope = 1 / (1 + math.exp(-max(-50, min(50, a * x + b * y)))) - t
        a, b = a - rate * (slope * x + decay * a), b - rate * (slope * y + decay * b)
loss = sum(math.log1p(math.exp(-(2 * t - 1) * (a * x + b * y))) for (x, y), t in zip(points[40:], labels[40:], strict=True))
(directory / "result.tmp").write_text(f"{loss / 20}\n")
os.replace(directory / "result.tmp", directory / "result")
