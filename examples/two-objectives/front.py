"""python front.py SEARCH RESULTS.csv: print the best trade-offs that a search has found.

It joins the table of `hyband export` with each metrics.json. A row is printed if no other row is at least as
good in both objectives. Only training runs with the largest budget are compared.
"""

import csv
import json
import sys
from pathlib import Path

search, table = Path(sys.argv[1]), Path(sys.argv[2])
with table.open(newline="", encoding="utf-8") as file:
    rows = [row for row in csv.DictReader(file) if row["status"] == "completed"]
largest = max(float(row["budget"]) for row in rows)
found = {
    row["path"]: json.loads((search / row["path"] / "metrics.json").read_text(encoding="utf-8"))
    for row in rows
    if float(row["budget"]) == largest
}
best = float("inf")
print(f"{'prototypes':>10}  error  configuration")
for path, one in sorted(found.items(), key=lambda item: (item[1]["prototypes"], item[1]["error"])):
    if one["error"] < best:
        best = one["error"]
        print(f"{one['prototypes']:>10}  {one['error']:.3f}  {path}")
