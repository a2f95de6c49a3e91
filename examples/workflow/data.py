"""Read and write tables of x and y, and compute the error of a model on them."""

import csv
import math
from pathlib import Path


def read_rows(path: Path) -> list[tuple[float, float]]:
    """Return the rows of a file as pairs of numbers."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]


def write_rows(path: Path, rows: list[tuple[float, float]]) -> None:
    """Write rows to a file of the same format."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("x", "y"), *rows])


def predict(weights: list[float], x: float) -> float:
    """Return the value of a polynomial at x."""
    return sum(weight * x**power for power, weight in enumerate(weights))


def error(weights: list[float], rows: list[tuple[float, float]]) -> float:
    """Return the root mean square error."""
    return math.sqrt(sum((predict(weights, x) - y) ** 2 for x, y in rows) / len(rows))
