# Sourced by train.sh where training runs have places. HYBAND_PLACES is the directory with a file for each place. A place
# is a lock that run.sh and its children inherit, so it is free once the last of them has ended. A file that is not empty
# belongs to a place that was not given back; only train.py handles that: its holder may still run without the lock.
take_place() { # take the first free one; this process and everything it starts hold it
    local number groups
    read -ra groups <<<"$HYBAND_GPUS"
    for ((number = 0; number < HYBAND_PLACE_COUNT; number++)); do
        files_of "$number"
        if try_place; then
            export HYBAND_SLOT=$number HYBAND_HOLDS="${alone[*]}"
            if [[ $HYBAND_GPUS ]]; then
                for variable in $HYBAND_GPU_VARIABLES; do export "$variable=$group"; done
            fi
            return
        fi
    done
    return 1
}

files_of() { # NUMBER: which files to lock exclusively (`alone`) and shared (`together`), as run/place.py does
    local gpu
    alone=() together=() group=
    if [[ ! $HYBAND_GPUS ]]; then alone=("slot-$1"); return; fi
    group=${groups[$1 % ${#groups[@]}]}
    for gpu in ${group//,/ }; do
        if [[ $HYBAND_PER_GPU == 1 ]]; then alone+=("gpu-$gpu"); continue; fi
        together+=("gpu-$gpu")
        alone+=("gpu-$gpu.$(($1 / ${#groups[@]}))")
    done
}

try_place() {
    local file descriptor=198 last
    for file in "${alone[@]}"; do [[ ! -s $HYBAND_PLACES/$file ]] || return; done
    for file in "${together[@]}"; do lock_file --shared || { close_from; return 1; }; done
    last=$descriptor
    for file in "${alone[@]}"; do lock_file --exclusive && [[ ! -s $HYBAND_PLACES/$file ]] || { close_from; return 1; }; done
    while ((last > descriptor)); do echo "$PWD/$slot, process $$" >&$((last--)) || { close_from; return 1; }; done
}

lock_file() { # HOW: open the file, and lock it if nobody holds it
    { eval "exec $descriptor<>\"\$HYBAND_PLACES/\$file\""; } 2>/dev/null || return
    ((descriptor--))
    flock --nonblock "$1" $((descriptor + 1)) 2>/dev/null && [[ $HYBAND_PLACES/$file -ef /dev/fd/$((descriptor + 1)) ]]
}

close_from() { while ((descriptor < 198)); do eval "exec $((++descriptor))>&-"; done; }

give_place_back() {
    local file
    for file in $HYBAND_HOLDS; do { : >"$HYBAND_PLACES/$file"; } 2>/dev/null; done
}
