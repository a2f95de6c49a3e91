"""Everything a search needs to run: standard library only, copied verbatim into each search as ``hyperband/``."""
