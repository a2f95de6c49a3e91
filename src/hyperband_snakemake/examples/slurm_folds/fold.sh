#!/usr/bin/env bash
# One task of the array: trains one fold on a compute node.
set -euo pipefail
here=$1 directory=$2 budget=$3
# ADAPT: module load cuda; source ~/my-env/bin/activate
export OMP_NUM_THREADS=1
"${HYBAND_PYTHON:-python3}" "$here/train_fold.py" "$directory/config" --fold "$SLURM_ARRAY_TASK_ID" --max-iter "$budget" \
    --result "$directory/result-$SLURM_ARRAY_TASK_ID"
