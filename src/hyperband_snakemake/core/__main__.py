"""``python hyperband COMMAND ...``, run inside a search: the programs that the Snakefile calls."""

import importlib
import importlib.util
import signal
import sys
from pathlib import Path
from types import ModuleType

COMMANDS = ("train", "aggregate", "promote", "propose", "best", "submit", "squeue", "step", "forward")


def main() -> int:
    """Run the module named by the first argument, with the remaining arguments."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:  # noqa: PLR2004
        print(f"usage: python hyperband {{{'|'.join(COMMANDS)}}} ...", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for warning in (signal.SIGUSR1, signal.SIGUSR2):  # meant for run.sh; bash could not trap an ignored one
        if signal.getsignal(warning) == signal.SIG_DFL:
            signal.signal(warning, lambda *_: None)
    return call(sys.argv[1], sys.argv[2:])


def call(name: str, arguments: list[str]) -> int:
    """Run a program; its exit status. pack.py calls it, too."""
    try:
        status: int = load(name).main(arguments)
    except (OSError, ValueError) as error:  # a full disk, no permission, a missing file, an invalid plan
        where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else str(error)
        print(f"Error in {name} {' '.join(arguments)}: {where}. Fix that, then run snakemake again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def load(name: str) -> ModuleType:
    """Import a module of this package by its path, so that no file next to it shadows anything."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    if here.name not in sys.modules:
        spec = importlib.util.spec_from_file_location(here.name, here / "__init__.py")
        assert spec is not None
        sys.modules[here.name] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{here.name}.{name}")


if __name__ == "__main__":
    sys.exit(main())
