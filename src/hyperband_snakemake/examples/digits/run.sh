#!/usr/bin/env bash
# Trains one configuration. Snakemake calls it, in the directory where snakemake was started, with
#   $1  the directory of the configuration; the training writes its number to "$1/result" (lower is better).
#       It is relative to where snakemake was started (HYBAND_START): before a `cd`, write out=$(realpath "$1")
#   $2  the budget to reach, here in epochs; what the stages below have trained is part of it
# The training run continues from "$1/checkpoint" if there is one: its own from an interrupted attempt, or that of the stage
# below if the search was generated with --carry checkpoint.

# ADAPT: the environment of your program, activated here because such scripts often do not work under `set -u`. One of
#   venv       source /path/to/.venv/bin/activate
#   conda      source /path/to/miniconda3/etc/profile.d/conda.sh; conda activate NAME
#   modules    module load python/3.11 cuda/12
# or before the program below
#   uv         uv run --project /path/to/project
#   apptainer  apptainer exec --nv image.sif
set -euo pipefail
python=${HYBAND_PYTHON:-python3} # ADAPT: python. This example needs what is installed with hyband; your program does not

export OMP_NUM_THREADS=1 # one core for each training run; Snakemake runs several at a time
here=$(dirname "$0")
"$python" "$here/train.py" "$1/config" --output-dir "$1" --epochs "$2"
