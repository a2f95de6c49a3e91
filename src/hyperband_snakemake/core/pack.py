"""``python hyperband/pack.py END BRACKET STAGE BUDGET CONFIG...``, in the search's directory: train these one by one.

Then the file END is made, unless it is "-". With ``share JOB STAGE...`` instead of BUDGET and so on, it is a part of a
stage that several jobs train together (run/packs/share.py). This program is started by its path and imports little:
13 ms of processor time, where ``python hyperband train`` takes 100. What is not plain is done by that program, in this
process.
"""

import os
import sys
from types import ModuleType

INTERRUPTED = 130


def call(name: str, arguments: list[str]) -> int:
    """Run another program of the search in this process; its exit status."""
    status: int = _imported("__main__").call(name, arguments)
    sys.stdout.flush()
    return status


def main(argv: list[str]) -> int:
    """See a pack through."""
    end, *numbers = argv[:4]
    try:
        if numbers[2] == "share":
            share = _imported("run.packs.share").Share
            shared: int = share(os.path.dirname(end), argv[1:], call).train()
            return shared
        pack = _imported("run.packs.pack").Pack
        status: int = pack(*numbers, call).train(argv[4:])
        if status == 0 and end != "-":
            os.makedirs(os.path.dirname(end), exist_ok=True)
            os.close(os.open(end, os.O_WRONLY | os.O_CREAT, 0o666))
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # where its search is; what concerns one of them was said
        print(f"Error in pack {' '.join(numbers)}: {error}. Fix that, then run snakemake again.", file=sys.stderr)
        return 1
    return status


def _imported(name: str) -> ModuleType:
    """Import a module of this package, which need not be one where this file is run as a program."""
    package = __package__ or "hyperband"
    if package not in sys.modules:
        module = ModuleType(package)
        module.__path__ = [os.path.dirname(os.path.abspath(__file__))]
        sys.modules[package] = module
    return __import__(f"{package}.{name}", fromlist=["__name__"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
