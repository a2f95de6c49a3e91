"""Make one result of those of the folds: their mean. A fold that is missing or no finite number fails the training."""

import math
import os
import statistics
import sys
from pathlib import Path


def main(directory: Path, folds: int) -> None:
    """Read ``result-0`` to ``result-K``, write ``result``."""
    if folds < 1:
        sys.exit(f"there are {folds} folds; at least one is needed")
    numbers = [read(directory / f"result-{fold}") for fold in range(folds)]
    unfinished = directory / "result.tmp"
    unfinished.write_text(f"{statistics.fmean(numbers)}\n")
    os.replace(unfinished, directory / "result")
    print(f"mean of {folds} folds: {statistics.fmean(numbers)}, from {min(numbers)} to {max(numbers)}")


def read(path: Path) -> float:
    """Read the result of one fold, or end with a message that names it."""
    try:
        number = float(path.read_text())
    except FileNotFoundError:
        sys.exit(f"{path.name} is missing: see {path.name.replace('result', 'fold')}.log")
    except ValueError:
        sys.exit(f"{path.name} holds no number: {path.read_text()[:50]!r}")
    if not math.isfinite(number):
        sys.exit(f"{path.name} is {number}")
    return number


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
