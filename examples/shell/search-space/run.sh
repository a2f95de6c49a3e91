#!/usr/bin/env bash
# Trains one configuration: $1 is its directory, $2 the number of epochs.
set -euo pipefail
. "$1/config" # the configuration is a list of shell assignments
awk -v rate="$rate" -v momentum="$momentum" -v degree="$degree" -v epochs="$2" -f train.awk points.txt > "$1/result"
