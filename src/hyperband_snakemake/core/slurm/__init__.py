"""Slurm jobs: what to request, the queue, submission, and what a job left behind."""
