#!/usr/bin/env bash
# bash hyperband/wait.sh JOBS SINCE POLL BRACKET STAGE BUDGET CONFIG...: wait until the jobs (comma-separated numbers, the
# last one submitted at SINCE) have ended or all configurations have an outcome, then become submit.py, which looks at the
# results. Without JOBS, wait until SINCE. Hundreds of these may run at a time, so they must be cheap: they look at files,
# and one of them asks Slurm for its queue every POLL seconds on behalf of all.
jobs=${1//,/ } since=$2 poll=$3 bracket=$4 stage=$5
again=("$HYBAND_PYTHON" -IS hyperband submit --since "$since" "${@:4}")
main=${HYBAND_RUN%-*} main=${main##*-} # snakemake's process; see RunId in tree/environment.py, HOST-PID-NANOSECONDS
tick=$((poll / 5 > 1 ? poll / 5 : 1))
# without these, bash continues if the program that it is running ignores the signal
trap 'exit 130' INT
trap 'exit 143' TERM
exec {never}<> <(:) # a pipe to wait on without starting a program
rest() { # for a minute, so that nobody else asks and reports the same
    local end=$((SECONDS + 60))
    while ((SECONDS < end)) && [[ -e /proc/$main ]]; do read -r -t "$tick" -u "$never"; done
}
seen=
while :; do
    open=
    for config in "${@:7}"; do
        [[ -s bracket-$bracket/stage-$stage/config-$config/outcome ]] || { open=1 && break; }
    done
    [[ $open ]] || exec "${again[@]}"
    stopped=
    { read -r stopped; } 2>/dev/null <run.stopped
    [[ $stopped && $stopped == "$HYBAND_RUN" ]] && exit 1 # for a reason that affects the whole search (training/stopping.py)

    asked=0 taken=0 live=
    { read -r asked taken && read -r live; } 2>/dev/null <slurm/queue
    if [[ $taken -gt $since && $taken != "$seen" ]]; then
        lives= seen=$taken
        for job in $jobs; do [[ $live == *",$job,"* ]] && lives=1; done
        [[ $lives ]] || exec "${again[@]}"
    fi
    printf -v now '%(%s)T' -1
    if ((now - asked >= poll)); then
        {
            flock -n 9 2>/dev/null # 1: another one is asking
            (($? == 1)) || "$HYBAND_PYTHON" -IS hyperband squeue "$poll" || rest # the disk is full: do not retry at once
        } 9>>slurm/asking
    fi
    read -r -t "$tick" -u "$never"
    [[ -e /proc/$main ]] || exit 1 # snakemake was killed; its next run finds the jobs
done
