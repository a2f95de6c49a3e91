# Sourced by train.sh, pack.sh and guard.sh, which wait for a program of theirs and catch signals meanwhile. A caller
# defines `warn`, which passes on what is sent ahead of an end; `stopped` is set once somebody wants it to end.
stopped= caught=
trap 'stopped=1 caught=1' INT TERM HUP
for ahead in USR1 USR2 URG; do
    trap "caught=1; warn $ahead" $ahead
done

await() { # PID: wait for its end, whatever comes; its exit status is in `status`
    caught=1
    while [[ $caught ]]; do
        caught=
        wait "$1"
        status=$?
    done
}
