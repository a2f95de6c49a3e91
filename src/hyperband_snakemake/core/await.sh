# Sourced by train.sh, pack.sh and guard.sh, which wait for a program they started and catch signals meanwhile. The
# caller defines `warn`, which forwards a signal sent as an early warning; `stopped` is set once it has to end.
stopped= caught=
trap 'stopped=1 caught=1' INT TERM HUP
for ahead in USR1 USR2 URG; do
    trap "caught=1; warn $ahead" $ahead
done

await() { # PID: wait until it ends, whatever signals arrive; sets `status` to its exit status
    caught=1
    while [[ $caught ]]; do
        caught=
        wait "$1"
        status=$?
    done
}
