"""Slurm jobs: what is asked for, the queue, submission, and what a job left behind."""
