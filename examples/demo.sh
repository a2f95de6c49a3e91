#!/usr/bin/env bash
# bash demo.sh DIRECTORY: the example of the README on the iris data, from the plan to a report on what was found.
set -euo pipefail
search=$1

if [[ -e $search/plan.json ]]; then
    echo "$search is there already; this continues it."
else
    hyband generate 2 3 --repetitions 2 --folds 10 --output-dir "$search" --random-seed 123456
fi
echo
echo "Training, which takes about a minute on two cores; Ctrl-C stops it, and make demo continues it."
hyband run "$search"
echo
echo "The best configuration ($search/config):"
cat "$search/config"
awk '/"result"/ { gsub(/[^0-9.]/, "", $2); printf "It reaches %.0f %% accuracy.\n\n", 100 * $2 }' "$search/best.json"
hyband report "$search" --output "$search.html"
