"""Stopping a run of snakemake for a cause that concerns the whole search: what runs may finish, nothing more starts.

The file ``run.stopped`` holds the name of the run that was stopped, and below it what is said to the user.
"""

import sys
from pathlib import Path

from ..disk.files import read, write
from ..tree import layout
from ..tree.environment import RunId, run_id


def stop_run(run: RunId, text: str) -> None:
    """Say it once in a run of snakemake, and let snakemake start no more; where it runs elsewhere, it sees the file.

    The first line of ``text`` is printed now, and all of it at the end of the run.
    """
    try:
        with Path(layout.STOPPED).open("x", encoding="utf-8") as file:
            file.write(f"{run.text}\n{text}\n")
    except FileExistsError:
        if stopped_run(Path()) == run.text:
            return  # somebody else was faster
        write(Path(layout.STOPPED), f"{run.text}\n{text}\n")  # of an earlier run
    print(f"\n{text.partition(chr(10))[0]}", file=sys.stderr, flush=True)
    run.terminate()


def request_stop(search: Path, run: str, why: str) -> None:
    """Stop a run, by its name, from outside: whatever node it is on, it sees the file."""
    write(search / layout.STOPPED, f"{run}\n{why}\n")


def is_run_stopped() -> bool:
    """Whether the run of snakemake that this program works for was stopped, and must not start a training run."""
    return stopped_run(Path()) == run_id() != ""


def stopped_run(search: Path) -> str:
    """Name the run that was stopped last; empty if the run that came after it has begun, or none was stopped."""
    return (read(search / layout.STOPPED) or "").partition("\n")[0]


def stop_text(search: Path) -> str:
    """Read what is said to the user."""
    return (read(search / layout.STOPPED) or "").partition("\n")[2].rstrip()
