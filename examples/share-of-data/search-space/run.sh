#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the share of the training data, from 0 to 1.
set -euo pipefail
python train.py "$1/config" "$2" > "$1/result"
