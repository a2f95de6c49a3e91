#!/usr/bin/env bash
# Runs this search within one Slurm allocation: snakemake starts there, and each training run is a job step (see run.sh).
#
#     sbatch submit.sh              start it, or continue it
#     sbatch submit.sh --chain 3    the same, and when the time is up, continue in up to 3 further jobs
#
# In your own allocation (salloc), bash submit.sh does the same.
# It stops before the time limit: unfinished training runs are interrupted, which does not count as an attempt. Ctrl-C and
# scancel --signal=TERM --batch JOB do the same; hyband cancel ends a whole chain.
# ADAPT: how many training runs at a time (ntasks), and where. What each run needs is in slurm.toml.
#SBATCH --job-name={{ name }}
#SBATCH --ntasks={{ workers }}
{% for option in allocation %}
#SBATCH {{ option }}
{% endfor %}
{% if announced %}
#SBATCH --signal=B:URG@{{ stop_ahead + announced }}
{% else %}
#SBATCH --signal=B:TERM@{{ stop_ahead }}
{% endif %}
#SBATCH --output=slurm-%j.out
#SBATCH --open-mode=append
set -uo pipefail

# ADAPT: what snakemake and run.sh need, for instance
#     source ~/my-env/bin/activate

[[ ${SLURM_JOB_ID:-} ]] || { echo "this runs within an allocation: sbatch $0 $*" >&2; exit 2; }
search=$(dirname "$0")
if [[ ! -f $search/plan.json ]]; then # Slurm runs a copy of this script
    search=$(scontrol show job "$SLURM_JOB_ID" | sed -n 's/^ *Command=\(.*\)\/submit\.sh.*/\1/p')
fi

mkdir -p "$search/slurm" && echo "$SLURM_JOB_ID" >>"$search/slurm/own-jobs" # for `hyband cancel`
follower=
if [[ ${1:-} == --chain && ${2:?how many jobs may follow} -gt 0 ]]; then
    follower=$(unset SBATCH_WAIT SBATCH_ARRAY_INX # of a shell's profile: to wait for its end would be to wait for ever
        sbatch --parsable --dependency="afterany:$SLURM_JOB_ID" "$search/submit.sh" --chain $(($2 - 1)) |
            sed -nE 's/^(Submitted batch job )?([0-9]+)([; ].*)?$/\2/p' | tail -n 1) # some sites have it say more
    if [[ $follower ]]; then
        echo "$follower" >>"$search/slurm/own-jobs"
        echo "job $follower continues when this one has ended"
    else
        echo "no job follows this one: sbatch has taken none (see above). To continue later: sbatch $search/submit.sh"
    fi
fi

# In its own process group, so that the signal reaches snakemake and the training runs, but not this script.
set -m
snakemake --snakefile "$search/Snakefile" --cores $((SLURM_NTASKS * ${SLURM_CPUS_PER_TASK:-1})) \
    --resources gpus=$((SLURM_NTASKS * {{ gpus }})) &
snakemake=$!
timers=()
stop() {
    echo "stopped: unfinished training runs are interrupted, which does not count as an attempt; results are kept"
    kill -TERM -- "-$snakemake"
}
trap stop TERM INT HUP
{% if announced %}
announce() { # near the end: send the training runs the requested signal (--signal)
    trap '' URG
    scancel --signal=URG "$SLURM_JOB_ID"
    sleep {{ announced }} && kill -TERM $$ &
    timers+=(-$!)
}
trap announce URG
{% endif %}

# An allocation that was not requested with the lines above sends no warning before its end. It may be a short one.
until_near_the_end() {
    local end left ahead= most={{ stop_ahead + announced - 5 }}
    while :; do # the end may change, and may be unknown for a while
        end=$(SLURM_TIME_FORMAT=standard scontrol show job "$SLURM_JOB_ID" 2>/dev/null | sed -n 's/.* EndTime=\([^ ]*\).*/\1/p')
        end=$(date -d "${end:-unknown}" +%s 2>/dev/null) || end=9999999999
        left=$((end - $(date +%s)))
        : "${ahead:=$((left / 4 < most ? left / 4 : most))}"
        ((left -= ahead, left > 0)) || return 0
        sleep $((left < 60 ? left : 60))
    done
}
until_near_the_end && kill -{{ "URG" if announced else "TERM" }} $$ &
timers+=(-$!)

wait "$snakemake"
status=$?
while kill -0 "$snakemake" 2>/dev/null; do # a signal ends `wait` early
    wait "$snakemake"
    status=$?
done
{ kill -- "${timers[@]}"; wait "${timers[@]#-}"; } 2>/dev/null # hides bash's messages
if [[ $status == 0 && $follower ]]; then
    scancel "$follower"
    echo "the search is complete: job $follower is not needed"
elif [[ -e $search/run.stopped && $follower ]]; then
    scancel "$follower"
    echo "the run was stopped: job $follower would not get further"
fi
exit "$status"
