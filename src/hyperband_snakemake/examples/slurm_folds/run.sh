#!/usr/bin/env bash
# Trains one configuration: each fold of the cross-validation is a task of a Slurm job array, and the result is their mean.
#   $1  the directory of the configuration       $2  the budget of this stage
#       relative to where snakemake was started, which is HYBAND_START; made absolute below, before any `cd`
# Start it from the login node, with as many configurations at a time as the queue may hold:
#     nohup snakemake --snakefile my-search/Snakefile -j 20 > my-search/snakemake.log 2>&1 &

# ADAPT: what sbatch needs here, such as `module load slurm`. The environment of your program is activated in fold.sh,
# which trains.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
directory=$(cd "$1" && pwd)
folds={{ folds }}
rm -f "$directory"/result-*

# All arrays of this configuration have the same name, and `singleton` lets none start before the one before it has ended:
# after a kill -9 of snakemake there are never two in the same directory. --wait ends with the highest exit status of a task.
# ADAPT: time, memory, GPUs, partition
sbatch --wait --array "0-$((folds - 1))" --dependency singleton --job-name "folds-$(cksum <<<"$directory" | tr ' ' -)" \
    --time 1:00:00 --output "$directory/fold-%a.log" --chdir "$HYBAND_START" \
    "$here/fold.sh" "$here" "$directory" "$2"

"${HYBAND_PYTHON:-python3}" "$here/average.py" "$directory" "$folds"
