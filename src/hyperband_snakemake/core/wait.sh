#!/usr/bin/env bash
# bash hyperband/wait.sh JOBS SINCE POLL BRACKET STAGE BUDGET CONFIG...: wait until the jobs (numbers with commas between),
# the last of them submitted at SINCE, have ended or all configurations have an outcome; then let submit.py see what came of
# it. Without JOBS, wait until SINCE. Hundreds of these run at a time, so they cost little: they look at files, and one of
# them asks Slurm on behalf of all for its queue every POLL seconds.
jobs=${1//,/ } since=$2 poll=$3 bracket=$4 stage=$5
again=("$HYBAND_PYTHON" -IS hyperband submit --since "$since" "${@:4}")
main=${HYBAND_RUN%-*} main=${main##*-} # the process of snakemake: RunId in tree/environment.py, HOST-PID-NANOSECONDS
tick=$((poll / 5 > 1 ? poll / 5 : 1))
# without these, bash goes on when the program that it runs at that moment takes no notice of the signal
trap 'exit 130' INT
trap 'exit 143' TERM
exec {never}<> <(:) # to wait on without starting a program
rest() { # a minute, in which nobody else asks and says the same
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
    [[ $stopped && $stopped == "$HYBAND_RUN" ]] && exit 1 # for a cause that concerns all (training/stopping.py)

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
            flock -n 9 2>/dev/null # 1: another asks
            (($? == 1)) || "$HYBAND_PYTHON" -IS hyperband squeue "$poll" || rest # the disk is full: not again at once
        } 9>>slurm/asking
    fi
    read -r -t "$tick" -u "$never"
    [[ -e /proc/$main ]] || exit 1 # snakemake was killed; its next run finds the jobs
done
