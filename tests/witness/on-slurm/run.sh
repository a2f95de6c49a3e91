#!/bin/bash
# $1: directory of the configuration, $2: budget. One configuration fails for as long as HEALED is not set.
x=$(sed -n 's/^x: //p' "$1/config")
y=$(sed -n 's/^y: //p' "$1/config")
[[ $1 != *bracket-0/stage-0/config-4 || $HEALED ]] || { echo "the data is not there"; exit 3; }
awk -v x="$x" -v y="${y:-2}" -v b="$2" 'BEGIN { printf "%.9f\n", (x - 1) ^ 2 + y + 1 / b }' > "$1/result"
