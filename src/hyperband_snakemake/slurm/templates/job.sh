#!/usr/bin/env bash
# One job of this search. It is submitted with the options in slurm.toml and starts in the search's directory.
# ADAPT: what run.sh needs on a compute node, for instance
#     module load cuda
#     source ~/my-env/bin/activate

exec bash hyperband/pack.sh "$@"
