# >>> hyband slurm >>> within an allocation, each training run is a job step on a free slice of it, as slurm.toml says
if [[ ${SLURM_JOB_ID:-} && ! ${HYBAND_STEP:-} ]]; then
    exec "$HYBAND_PYTHON" -IS "$HYBAND_SEARCH/hyperband" step "$0" "$@"
fi
# <<< hyband slurm <<<
