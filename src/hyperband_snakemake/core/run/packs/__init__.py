"""Packs: training runs that share a job of Snakemake on this machine. What a pack needs imports little: see pack.py."""
