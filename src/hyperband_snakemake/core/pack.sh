#!/usr/bin/env bash
# bash hyperband/pack.sh BRACKET STAGE BUDGET CONFIG..., in the search's directory: train these one after the other or,
# as a task of a job array, just one of them. Each has its own record, log and outcome, so none harms the others.
bracket=$1 stage=$2 budget=$3
configs=("${@:4}")
if [[ ${HYBAND_TOKEN:-} ]]; then # in a job that was submitted for them
    HYBAND_JOB=$SLURM_JOB_ID
    if [[ ${SLURM_ARRAY_TASK_ID:-} ]]; then
        HYBAND_JOB=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
        configs=("${configs[SLURM_ARRAY_TASK_ID]}")
    fi
    export HYBAND_JOB
fi

is_ours() { # an older job that was believed lost must not train next to its replacement
    local jobs=bracket-$bracket/stage-$stage/jobs/config-${1/\/fold-/-fold-}
    [[ -e $jobs ]] || jobs=bracket-$bracket/stage-$stage/config-$1/jobs # its place in searches made by 0.1.0
    local text
    text=$(<"$jobs") # read in one go: the second half of the last line, this job's number, may be written meanwhile
    [[ ${text##*$'\n'} == *"\"token\": \"$HYBAND_TOKEN\""* ]]
}

warn() { kill -s "$1" ${training:+"$training"} 2>/dev/null; } # train.sh forwards it
. hyperband/await.sh

failed=0
for config in "${configs[@]}"; do
    [[ $stopped ]] && exit 130
    if [[ ${HYBAND_TOKEN:-} ]] && ! is_ours "$config"; then
        echo "bracket-$bracket/stage-$stage/config-$config: another job has this training"
        continue
    fi
    (trap - INT QUIT && exec bash hyperband/train.sh "$bracket" "$stage" "$budget" "$config") &
    training=$!
    await "$training"
    ((status == 0)) || failed=1
done
exit $failed
