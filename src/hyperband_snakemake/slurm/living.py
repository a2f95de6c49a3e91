"""Live Slurm jobs of a search that no run is waiting for, and the message about them."""

from pathlib import Path

from ..core.plan import counted
from ..core.slurm.queue import ask
from ..core.training.starting import quoted
from ..core.tree import layout
from ..snapshot.scan import scan

SHOWN = 10  # job numbers


def ask_for_living(search: Path) -> list[str]:
    """Ask Slurm which jobs of a search are waiting or running. Return their numbers (an array counts once).

    Slurm is not asked if nothing was ever submitted. If it does not answer, the last known state is used.
    """
    if not (search / layout.SLURM_DIR).is_dir():
        return []
    queue, here = ask(search), search.resolve()
    numbers = {job.number for job in queue.jobs.values() if job.lives and job.slot_in(here)}
    numbers |= {view.number for view in scan(search).jobs.values() if queue.lives(view.number)}  # of a plugin
    return sorted({number.partition("_")[0] for number in numbers}, key=lambda number: (len(number), number))


def living_text(search: Path, numbers: list[str], then: str) -> str:
    """Say that these jobs keep running, what happens to them (``then``), and how to end them."""
    named = ", ".join(numbers[:SHOWN]) + (", ..." if len(numbers) > SHOWN else "")
    are, them = ("is", "it") if len(numbers) == 1 else ("are", "them")
    what = f"{counted(len(numbers), 'job')} {are} still in Slurm ({named})."
    return f"{what} {then} To end {them}: hyband cancel {quoted(search)}"
