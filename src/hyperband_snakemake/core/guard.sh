#!/usr/bin/env bash
# bash guard.sh MARK RUN_SH ARGUMENTS...: what a job step runs (step.py). It marks that the step has begun, runs run.sh,
# and forwards early-warning signals. A result that run.sh writes after it was told to stop does not count.
mark=$1
core=${BASH_SOURCE[0]%/*}
echo "begun $HYBAND_ATTEMPT" >>"$mark" || exit # the disk may be full: without a mark, do not run it
warn() { "$HYBAND_PYTHON" -IS "$core" forward "$1" ${run:+"$run"}; }
. "$core/await.sh"
# In the background, or the traps would wait until it ends. Bash makes background processes ignore Ctrl-C: undo that.
(trap - INT QUIT && exec bash -- "${@:2}") </dev/null &
run=$!
await "$run"
[[ $stopped ]] && exit 143
exit "$status"
