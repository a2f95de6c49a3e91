#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of boosting rounds to reach.
# "$1/model.txt" is there if an attempt was interrupted, or if the configuration was promoted (--carry model.txt).
set -euo pipefail
python train.py "$1/config" "$2" "$1/model.txt" > "$1/result"
