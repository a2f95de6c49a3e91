"""Where the programs of a search look for its proposals: `main(search, bracket)`. Searches on disk call it by this name."""

from .samplers.propose import main

__all__ = ["main"]
