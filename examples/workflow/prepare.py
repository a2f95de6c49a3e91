"""python prepare.py RAW DIRECTORY: leave out missing measurements, and split the rows into three files."""

import sys
from pathlib import Path

from data import read_rows, write_rows

rows = [row for row in read_rows(Path(sys.argv[1])) if row[1] == row[1]]  # nan is not equal to itself
directory = Path(sys.argv[2])
directory.mkdir(exist_ok=True)
for number, name in enumerate(("test", "validation", "train")):
    chosen = [row for at, row in enumerate(rows) if min(at % 5, 2) == number]
    write_rows(directory / f"{name}.csv", chosen)
