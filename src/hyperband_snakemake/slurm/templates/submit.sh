#!/usr/bin/env bash
# Runs this search within one allocation of Slurm: snakemake starts there, and each training is a job step (see run.sh).
#
#     sbatch submit.sh              start it, or go on with it
#     sbatch submit.sh --chain 3    the same, and when the time is up go on in up to 3 further jobs
#
# Before the time limit it is told to stop: trainings that still run are cut off, which uses up no attempt.
# ADAPT: how many trainings run at a time (ntasks), and where. What each of them needs is in slurm.toml.
#SBATCH --job-name={{ name }}
#SBATCH --ntasks={{ workers }}
{% for option in allocation %}
#SBATCH {{ option }}
{% endfor %}
#SBATCH --signal=B:TERM@120
#SBATCH --output=slurm-%j.out
#SBATCH --open-mode=append
set -uo pipefail

# ADAPT: what snakemake and run.sh need, for instance
#     source ~/my-env/bin/activate

[[ ${SLURM_JOB_ID:-} ]] || { echo "this runs within an allocation: sbatch $0 $*" >&2 && exit 2; }
search=$(dirname "$0")
if [[ ! -f $search/plan.json ]]; then # Slurm starts a copy
    search=$(scontrol show job "$SLURM_JOB_ID" | sed -n 's/^ *Command=\(.*\)\/submit\.sh.*/\1/p')
fi

follower=
if [[ ${1:-} == --chain && ${2:?how many jobs may follow} -gt 0 ]]; then
    follower=$(sbatch --parsable --dependency="afterany:$SLURM_JOB_ID" "$search/submit.sh" --chain $(($2 - 1)))
    follower=${follower%%;*}
    echo "job $follower goes on when this one has ended"
fi

# In a group of processes of its own, so that the signal reaches snakemake and the trainings, but not this script.
set -m
snakemake --snakefile "$search/Snakefile" --cores $((SLURM_NTASKS * ${SLURM_CPUS_PER_TASK:-1})) \
    --resources gpus=$((SLURM_NTASKS * {{ gpus }})) &
snakemake=$!
stopped=
stop() {
    stopped=1
    echo "the time is up: trainings that still run are cut off, what is done is kept"
    kill -TERM -- "-$snakemake"
}
trap stop TERM
wait "$snakemake"
status=$?
while kill -0 "$snakemake" 2>/dev/null; do # a signal ends `wait` before its time
    wait "$snakemake"
    status=$?
done
if [[ $status == 0 && $follower ]]; then
    scancel "$follower"
    echo "the search is complete: job $follower is not needed"
elif [[ -e $search/run.stopped && $follower ]]; then
    scancel "$follower"
    echo "everything failed: job $follower would fail as well"
fi
exit "$status"
