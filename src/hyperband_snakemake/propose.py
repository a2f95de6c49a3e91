"""Where the programs of a search find `main(search, bracket)`: searches on disk call the package by this name."""

from .samplers.propose import main

__all__ = ["main"]
