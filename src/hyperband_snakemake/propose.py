"""Where the programs of a search find `main(search, bracket)`: searches on disk call the package by this name."""

import sys
from pathlib import Path

from .errors import HybandError
from .samplers.propose import write_proposal


def main(search: Path, bracket: int) -> int:
    """Write the proposal for a bracket, or print why there is none; the exit status."""
    try:
        write_proposal(search, bracket)
    except HybandError as error:
        print(f"Error: the configurations of bracket {bracket} cannot be proposed: {error}", file=sys.stderr)
        return 1
    return 0
