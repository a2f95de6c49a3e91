#!/usr/bin/env bash
# Trains one configuration. Snakemake calls it, in the directory where snakemake was started, with
#   $1  the directory of the configuration; the training writes its number to "$1/result" (lower is better).
#       It is relative to where snakemake was started (HYBAND_START): before a `cd`, write out=$(realpath "$1")
#   $2  the budget to reach, here in epochs; what the stages below have trained is part of it
# The training goes on from "$1/checkpoint" if there is one: its own from an attempt that was cut off, or that of the stage
# below if the search was generated with --carry checkpoint.
# ADAPT: load modules or activate an environment here; such scripts often do not work under set -u
set -euo pipefail

export OMP_NUM_THREADS=1 # one core for each training; Snakemake runs several at a time
here=$(dirname "$0")
"${HYBAND_PYTHON:-python3}" "$here/train.py" "$1/config" --output-dir "$1" --epochs "$2"
