#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of epochs.
set -euo pipefail
. "$1/config" # the configuration is a list of shell assignments
Rscript train.R --lr "$lr" --decay "$decay" --features "$features" --epochs "$2" | tail -n 1 > "$1/result" # the last line is the score
