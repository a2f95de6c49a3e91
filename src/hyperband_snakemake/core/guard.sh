#!/usr/bin/env bash
# bash guard.sh MARK RUN_SH ARGUMENTS...: what a job step runs (step.py). It marks that the step has begun, runs run.sh,
# and passes signals on that are sent ahead of an end. A number that run.sh writes after it was told to stop does not count.
mark=$1
core=${BASH_SOURCE[0]%/*}
echo "begun $HYBAND_ATTEMPT" >>"$mark" || exit # its disk may be full: what left no mark is not run
warn() { "$HYBAND_PYTHON" -IS "$core" forward "$1" ${run:+"$run"}; }
. "$core/await.sh"
# in the background, or the traps would wait for its end; there bash would have it ignore Ctrl-C
(trap - INT QUIT && exec bash -- "${@:2}") </dev/null &
run=$!
await "$run"
[[ $stopped ]] && exit 143
exit "$status"
