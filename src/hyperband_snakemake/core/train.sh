#!/usr/bin/env bash
# bash train.sh BRACKET STAGE BUDGET CONFIG, in the search's directory: train one configuration and record the outcome.
# This only handles the simple case: a successful first attempt that leaves a plain number. Everything else is left to
# train.py, which continues from what is on disk. That saves starting Python: with a run.sh that does nothing, a training
# run takes about 6 ms of processor time this way, and 100 ms with train.py.
set +euf +o noclobber # regardless of BASH_ENV and SHELLOPTS
unset HYBAND_RECORD
export HYBAND_SLOT= HYBAND_HOLDS=
export HYBAND_BRACKET=$1 HYBAND_STAGE=$2 HYBAND_CONFIG=$4 HYBAND_BUDGET=$3 HYBAND_ATTEMPT=1
export HYBAND_PREVIOUS= HYBAND_PREVIOUS_BUDGET= HYBAND_FOLD= HYBAND_REPETITION=
export HYBAND_SESSION=
{ read -r _ _ _ _ _ HYBAND_SESSION _ </proc/self/stat; } 2>/dev/null # tells daemons, which have their own session, from other leftovers
[[ $HYBAND_SEARCH != ..* || $HYBAND_START/$HYBAND_SEARCH/run.sh -ef run.sh ]] || export HYBAND_SEARCH=$PWD # links differ on this node
stage=bracket-$1/stage-$2
slot=$stage/config-$4
record=$stage/attempts/config-$4
train_py() { exec "$HYBAND_PYTHON" -IS hyperband train "$@"; }
give_up() { echo "Error in $slot: $1. Fix that, then run snakemake again." >&2; exit 1; } # may itself fail on a full disk

[[ ${BASH_VERSINFO[0]} -ge 5 ]] || train_py "$@"             # needed: EPOCHREALTIME, times in printf
[[ $4 != */* ]] || train_py "$@"                             # a separate fold: more arguments
[[ -f $slot/config ]] || train_py "$@"                       # to be copied first, or an empty slot
[[ ! -e $slot/result ]] || train_py "$@"                     # put there by hand, or left by an attempt
[[ ! -s $record && ! -e $slot/attempts ]] || train_py "$@"   # not the first attempt
[[ ! -e $record || -f $record ]] || train_py "$@"            # a pipe: opening it would block
[[ ! -e $slot/attempt-1.log ]] || train_py "$@"              # left by an interrupted attempt, or something else
[[ $2 == 0 || -f $slot/origin ]] || train_py "$@"            # the promotion table must be read
[[ ! -e $slot/outcome ]] || train_py "$@"                    # left by an interrupted run
[[ ! -e limits.toml || -e slurm.toml ]] || train_py "$@"     # limits must be watched
[[ -w $slot ]] || train_py "$@"                              # for a message
[[ -f run.sh ]] || train_py "$@"                             # for a message
[[ ! -e run.stopped ]] || train_py "$@"                      # for a message, if this run was stopped
[[ $HOSTNAME =~ ^[-.a-zA-Z0-9]+$ ]] || train_py "$@"         # needs no quoting in JSON
[[ -d $stage/attempts ]] || mkdir -p "$stage/attempts" 2>/dev/null || train_py "$@"
{ exec 199>>"$record"; } 2>/dev/null || train_py "$@" # the descriptor may exceed the limit
export HYBAND_RECORD=199 # run.sh and its children inherit the lock, so it is held until the last of them ends
flock -n 199 2>/dev/null && [[ ! -s $record ]] || train_py "$@"
if [[ $2 != 0 ]]; then
    { read -r _ HYBAND_PREVIOUS && read -r && read -r _ HYBAND_PREVIOUS_BUDGET && ! read -r; } <"$slot/origin" || train_py "$@"
    HYBAND_PREVIOUS=$HYBAND_SEARCH/$HYBAND_PREVIOUS # no more lines in its origin: nothing to carry
fi
if [[ ${HYBAND_PLACES:-} ]]; then
    { . hyperband/place.sh && take_place; } || train_py "$@" # wait for a place, or check who holds it
fi

warn() { "$HYBAND_PYTHON" -IS hyperband forward "$1" ${run:+"$run"}; }
. hyperband/await.sh
begin=${EPOCHREALTIME/[.,]/}
TZ=UTC printf '{"attempt": 1, "start": "%(%FT%TZ)T", "host": "%s", "pid": %d, "run": "%s"%s' \
    -1 "$HOSTNAME" $$ "$HYBAND_RUN" "${HYBAND_JOB:+, \"job\": \"$HYBAND_JOB\"}" >&199 || give_up "its record cannot be written"
# In the background, or the traps would wait until it ends. Bash makes background processes ignore Ctrl-C: undo that.
(trap - INT QUIT && cd "$HYBAND_START" && exec bash -- "$HYBAND_SEARCH/run.sh" "$HYBAND_SEARCH/$slot" "$3" "$HYBAND_PREVIOUS") \
    >"$slot/attempt-1.log" 2>&1 </dev/null &
run=$!
await "$run"
[[ $stopped ]] && exit 130 # whatever it left, its line stays unfinished: interrupted, not failed
micros=$((${EPOCHREALTIME/[.,]/} - begin))
((micros < 0)) && micros=0 # the clock was set back
printf -v seconds '%d.%06d' $((micros / 1000000)) $((micros % 1000000))

blanks=$'[ \t\r\n]*' text=
plain="^$blanks([-+]?[0-9]{1,20}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?)$blanks\$"
LC_ALL=C
log=$slot/attempt-1.log
slurm_said() { [[ ${SLURM_JOB_ID:-} && -f $log ]] && grep -qsE '^(srun|slurmstepd)' "$log"; } # perhaps a step's time limit
if [[ $status == 0 && -f $slot/result && ! -e $slot/outcome ]] && ! slurm_said && ! IFS= read -r -d '' text 2>/dev/null <"$slot/result" && [[ $text =~ $plain ]]; then
    number=${BASH_REMATCH[1]}
    TZ=UTC printf ', "end": "%(%FT%TZ)T", "seconds": %s, "exit": 0, "result": "%s", "reason": ""}\n' \
        -1 "$seconds" "$number" >&199 &&
        echo "completed: $number" >"$slot/outcome" && { # if interrupted here, the record is read instead
        [[ ! $HYBAND_HOLDS ]] || give_place_back
        exit 0
    }
    give_up "its outcome cannot be written"
fi
train_py "$@" --ended $status "$seconds"
