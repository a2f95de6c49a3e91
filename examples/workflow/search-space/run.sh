#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of epochs. It starts in the directory of the workflow.
set -euo pipefail
python train.py "$1/config" "$2" "$1/model.json" > "$1/result"
