#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of epochs.
set -euo pipefail
python train.py "$1/config" "$2" "$1"
# The score combines both objectives: a prototype must lower the error by at least 0.2 percentage points to be worth keeping.
python -c 'import json, sys; m = json.load(open(sys.argv[1])); print(m["error"] + 0.002 * m["prototypes"])' "$1/metrics.json" > "$1/result"
