#!/usr/bin/env bash
# bash demo.sh DIRECTORY: the example of the README on the iris data, from the plan to the best configuration.
set -euo pipefail
search=$1

if [[ -e $search/plan.json ]]; then
    echo "$search is there already; going on with it."
else
    hyband generate 2 3 --repetitions 2 --folds 10 --output-dir "$search" --random-seed 123456
fi
echo "Training; this takes half a minute on two cores."
snakemake --snakefile "$search/Snakefile" --quiet all
echo
hyband status "$search" | tail -n 1
echo "Its origin and score ($search/best.json):"
cat "$search/best.json"
echo "The best configuration ($search/config):"
cat "$search/config"
