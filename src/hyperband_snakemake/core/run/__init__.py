"""One run of Snakemake on a search: its rules, its lock, and fixes that keep it running."""
