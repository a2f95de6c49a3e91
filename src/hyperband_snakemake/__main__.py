"""``python -m hyperband_snakemake`` is the command ``hyband``."""

from .cli import main

if __name__ == "__main__":
    main()
