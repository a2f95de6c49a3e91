#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of epochs to reach, those of an earlier stage included.
# ADAPT: activate your environment here, for instance  source /path/to/.venv/bin/activate
set -euo pipefail
python train.py "$1" "$2"
