"""python train.py CONFIG SHARE: classify points by their nearest neighbours in a share of the data.

It prints the share of validation points that are classified wrongly.
"""

import json
import math
import random
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

config = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
share = Fraction(sys.argv[2])

source = random.Random(0)


def rings(number: int) -> list[tuple[float, float, int]]:
    """Draw points (x, y) of three rings that overlap, and which ring each belongs to."""
    points = []
    for _ in range(number):
        ring, angle = source.randrange(3), source.uniform(0, 2 * math.pi)
        radius = 1 + ring + source.gauss(0, 0.35)
        points.append((radius * math.cos(angle), radius * math.sin(angle), ring))
    return points


data, valid = rings(810), rings(100)
train = data[: max(1, round(share * len(data)))]  # in random order; a larger share contains the smaller ones


def classify(x: float, y: float) -> int:
    """Give the ring that most of the nearest points belong to, near ones counting more if the configuration says so."""
    near = sorted((math.hypot(x - a, y - b), ring) for a, b, ring in train)[: config["neighbours"]]
    votes: Counter[int] = Counter()
    for distance, ring in near:
        votes[ring] += 1 / (distance + 1e-9) ** config["power"]
    return votes.most_common(1)[0][0]


print(sum(classify(x, y) != ring for x, y, ring in valid) / len(valid))
