"""python evaluate.py MODEL DATA: print the error of a model on rows that it has never seen, as JSON."""

import json
import sys
from pathlib import Path

from data import error, read_rows

model = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
print(json.dumps({"error": error(model["weights"], read_rows(Path(sys.argv[2]))), "epochs": model["epochs"]}))
