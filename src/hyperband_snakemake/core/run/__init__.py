"""One run of Snakemake on a search: its rules, its lock, and what keeps it going."""
