"""``python hyperband COMMAND ...`` from within a search: the programs that the Snakefile calls."""

import importlib
import sys
from pathlib import Path

COMMANDS = ("train", "promote", "best")


def main() -> int:
    """Run the module named by the first argument with the rest of them."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004
        print(f"usage: python hyperband {{{'|'.join(COMMANDS)}}} ...", file=sys.stderr)
        return 2
    package = Path(__file__).resolve().parent
    sys.dont_write_bytecode = True
    sys.path[0] = str(package.parent)
    program = importlib.import_module(f"{package.name}.{sys.argv[1]}")
    try:
        status: int = program.main(sys.argv[2:])
    except (OSError, ValueError) as error:  # a full disk, no permission, a file that is gone or is no plan
        where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"Error in {' '.join(sys.argv[1:])}: {where}. Mend it, then run snakemake again.", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
