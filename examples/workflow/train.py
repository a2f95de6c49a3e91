"""python train.py CONFIG EPOCHS MODEL: fit a polynomial by gradient descent, and print its validation error."""

import json
import sys
from pathlib import Path

from data import error, predict, read_rows

config = dict(line.split(": ") for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
epochs, model = int(sys.argv[2]), Path(sys.argv[3])
rate, decay = float(config["learning_rate"]), float(config["decay"])
weights = [0.0] * (int(config["degree"]) + 1)
train = read_rows(Path("data/train.csv"))
for _ in range(epochs):
    for x, y in train:
        wrong = predict(weights, x) - y
        weights = [(1 - rate * decay) * w - rate * wrong * x**power for power, w in enumerate(weights)]
model.parent.mkdir(parents=True, exist_ok=True)
model.write_text(json.dumps({"weights": weights, "epochs": epochs}) + "\n", encoding="utf-8")
print(error(weights, read_rows(Path("data/validation.csv"))))
