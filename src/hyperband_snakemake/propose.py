"""The module in which a search's programs find `main(search, bracket)`: searches on disk rely on this name."""

import sys
from pathlib import Path

from .errors import HybandError
from .samplers.propose import write_proposal


def main(search: Path, bracket: int) -> int:
    """Write the proposal for a bracket, or print why it cannot be made. Return the exit status."""
    try:
        write_proposal(search, bracket)
    except HybandError as error:
        print(f"Error: the configurations of bracket {bracket} cannot be proposed: {error}", file=sys.stderr)
        return 1
    return 0
