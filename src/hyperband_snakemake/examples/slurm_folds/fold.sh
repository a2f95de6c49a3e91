#!/usr/bin/env bash
# One task of the array: trains one fold on a compute node.

# ADAPT: the environment of your program, activated here because such scripts often do not work under `set -u`. One of
#   venv       source /path/to/.venv/bin/activate
#   conda      source /path/to/miniconda3/etc/profile.d/conda.sh; conda activate NAME
#   modules    module load python/3.11 cuda/12
# or before the program below
#   uv         uv run --project /path/to/project
#   apptainer  apptainer exec --nv image.sif
set -euo pipefail
python=${HYBAND_PYTHON:-python3} # ADAPT: python. This example needs what is installed with hyband; your program does not

here=$1 directory=$2 budget=$3
export OMP_NUM_THREADS=1
"$python" "$here/train_fold.py" "$directory/config" --fold "$SLURM_ARRAY_TASK_ID" --max-iter "$budget" \
    --result "$directory/result-$SLURM_ARRAY_TASK_ID"
