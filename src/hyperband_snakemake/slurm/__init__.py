"""Preparing a search for Slurm (slurm.toml, submit.sh, job.sh, the profile), and ending its jobs."""
