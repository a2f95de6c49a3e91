"""python train.py CONFIG EPOCHS DIRECTORY: place prototypes among points of two spirals, so that the nearest one tells.

It writes metrics.json with both objectives: the validation error, and how many prototypes the model keeps.
"""

import json
import math
import random
import sys
from pathlib import Path

config = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
epochs, directory = int(sys.argv[2]), Path(sys.argv[3])

source = random.Random(0)


def spirals(number: int) -> list[tuple[float, float, int]]:
    """Draw points (x, y) of two spirals, and which spiral each belongs to."""
    points = []
    for _ in range(number):
        arm, turn = source.randrange(2), source.uniform(0.5, 4.5)
        angle = turn + math.pi * arm
        x, y = turn * math.cos(angle), turn * math.sin(angle)
        points.append((x + source.gauss(0, 0.3), y + source.gauss(0, 0.3), arm))
    return points


train, valid = spirals(200), spirals(200)
draw = random.Random(config["seed"])
prototypes = [list(point) for point in draw.sample(train, config["prototypes"])]


def nearest(x: float, y: float) -> list[float]:
    """Give the prototype that is nearest to a point."""
    return min(prototypes, key=lambda p: (p[0] - x) ** 2 + (p[1] - y) ** 2)


for epoch in range(epochs):
    rate = config["rate"] / (1 + epoch)
    for x, y, arm in draw.sample(train, len(train)):
        p = nearest(x, y)
        sign = rate if p[2] == arm else -rate  # towards points of the same spiral, away from those of the other
        p[0] += sign * (x - p[0])
        p[1] += sign * (y - p[1])

error = sum(nearest(x, y)[2] != arm for x, y, arm in valid) / len(valid)
(directory / "metrics.json").write_text(json.dumps({"error": error, "prototypes": len(prototypes)}), encoding="utf-8")
