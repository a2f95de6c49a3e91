"""Stopping a run of snakemake for a reason that affects the whole search: nothing new starts, running jobs may finish.

The file ``run.stopped`` has the name of the stopped run, followed by the message for the user.
"""

import sys
from pathlib import Path

from ..disk.files import read, write
from ..tree import layout
from ..tree.environment import RunId, run_id


def stop_run(run: RunId, text: str) -> None:
    """Make snakemake start nothing more, and say why once per run. On another host, snakemake notices the file.

    The first line of ``text`` is printed now, and all of it at the end of the run.
    """
    try:
        with Path(layout.STOPPED).open("x", encoding="utf-8") as file:
            file.write(f"{run.text}\n{text}\n")
    except FileExistsError:
        if stopped_run(Path()) == run.text:
            return  # another process was faster
        write(Path(layout.STOPPED), f"{run.text}\n{text}\n")  # it was from an earlier run
    print(f"\n{text.partition(chr(10))[0]}", file=sys.stderr, flush=True)
    run.terminate()


def request_stop(search: Path, run: str, why: str) -> None:
    """Stop a run from outside, by its name: on any node, it notices the file."""
    write(search / layout.STOPPED, f"{run}\n{why}\n")


def is_run_stopped() -> bool:
    """Whether this program's run of snakemake was stopped, so that no training run may start."""
    return stopped_run(Path()) == run_id() != ""


def stopped_run(search: Path) -> str:
    """Name of the last stopped run; empty if none was stopped, or a new run has begun since."""
    return (read(search / layout.STOPPED) or "").partition("\n")[0]


def stop_text(search: Path) -> str:
    """Read the message for the user."""
    return (read(search / layout.STOPPED) or "").partition("\n")[2].rstrip()
