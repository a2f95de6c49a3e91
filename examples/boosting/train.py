"""python train.py CONFIG ROUNDS MODEL: boost trees with LightGBM, continuing MODEL if there is one.

It prints the validation loss.
"""

import sys
from pathlib import Path

import lightgbm
import numpy as np
import yaml

config = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
rounds, path = int(sys.argv[2]), Path(sys.argv[3])

source = np.random.default_rng(0)
x = source.uniform(-1, 1, (3000, 8))
y = x[:, 0] * x[:, 1] + np.sin(4 * x[:, 2]) + source.normal(0, 0.3, len(x)) > 0
train = lightgbm.Dataset(x[:2000], y[:2000], free_raw_data=False)

fixed = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "seed": 0}
before = lightgbm.Booster(model_file=path) if path.exists() else None
missing = rounds - (before.num_trees() if before else 0)
model = lightgbm.train(fixed | config, train, missing, init_model=before) if missing else before

unfinished = path.with_suffix(".tmp")
model.save_model(unfinished)
unfinished.replace(path)  # never half a model
p = model.predict(x[2000:])
print(-np.log(np.where(y[2000:], p, 1 - p)).mean())
