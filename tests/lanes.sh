#!/usr/bin/env bash
# bash tests/lanes.sh: all tests. Those on Slurm, which mostly wait, run beside the fast lane, and their output follows its own;
# then those that compare times, with nothing beside them. Each lane counts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

pytest -m "slurm and not alone" -n 0 tests/on_slurm >"$output" 2>&1 &
slurm=$!
trap 'kill "$slurm"; exit 130' INT TERM
nice pytest --durations=30 || failed=1 # the other lane takes longer, so it comes first
wait "$slurm" || failed=1
trap - INT TERM
cat "$output"
pytest -m alone -n 0 tests || failed=1
exit $failed
