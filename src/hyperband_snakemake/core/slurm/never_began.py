"""The file ``slurm/never-began``: what a run of snakemake has noticed about jobs whose training run never began.

It has a line for each such job, ``run|time|kind|job|node|state|slot``, with the name of the run and the time in seconds
since 1970. Every submit.py of a run adds lines and counts the lines of all; lines of other runs are ignored.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO

from ..disk.files import read
from ..tree import layout
from ..tree.environment import run_id
from ..tree.reasons import BLAMELESS

ENDED = "ended"  # a job that ended before run.sh was started
EXCLUDED = "excluded"  # a node that this run no longer uses; the job is the last one that ended there
STUCK = "stuck"  # a job that waits for a reason that will not go away; its state is the reason
REPLACED = "replaced"  # such a job that requested more than it needs: cancelled, and the next one requests less
UNREADABLE = "unreadable"  # slurm.toml could not be read when submitting jobs; the state is what is wrong with it
GONE = "GONE"  # ours: it is no longer in the queue, and left nothing that shows that it was started
SLURMS_OWN = BLAMELESS | {"CANCELLED", GONE}  # states that say nothing against job.sh or the node


@dataclass(frozen=True)
class Line:
    """One line of this run; ``when`` is in seconds since 1970."""

    run: str
    when: int
    kind: str
    job: str
    node: str = ""
    state: str = ""
    slot: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is a job that ended for a reason that may affect the next one as well."""
        return self.kind == ENDED and self.state not in SLURMS_OWN


def read_lines() -> tuple[Line, ...]:
    """All lines of this run, oldest first."""
    return tuple(line for line in _lines(Path()) if line.run == run_id())


def read_newest(search: Path) -> tuple[Line, ...]:
    """All lines of the run that added the newest line, oldest first."""
    lines = list(_lines(search))
    return tuple(line for line in lines if line.run == lines[-1].run)


def _lines(search: Path) -> Iterator[Line]:
    for line in (read(search / layout.NEVER_BEGAN) or "").split("\n"):
        parts = line.split("|")
        if len(parts) == len(fields(Line)) and parts[1].isdecimal():
            yield Line(parts[0], int(parts[1]), *parts[2:])


@dataclass(frozen=True)
class Notes:
    """The file, locked against other writers: its lines, and where to append."""

    lines: tuple[Line, ...]
    file: IO[str]

    def add(self, kind: str, job: str, *, node: str = "", state: str = "", slot: str = "") -> Line:
        """Add a line for this run."""
        line = Line(run_id(), int(time.time()), kind, job, node, one_line(state), slot)
        self.file.write("|".join(map(str, astuple(line))) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        return line


def one_line(text: str) -> str:
    """Make a text fit into one line of the file."""
    return " ".join(text.replace("|", "/").split())


@contextmanager
def noting() -> Iterator[Notes]:
    """Open the file for appending and keep others out, so that only one process reaches a count and reports it."""
    path = Path(layout.NEVER_BEGAN)
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        with contextlib.suppress(OSError):  # without locks, two may report the same
            fcntl.flock(file, fcntl.LOCK_EX)
        yield Notes(read_lines(), file)


def excluded_nodes() -> tuple[str, ...]:
    """Nodes that this run no longer uses."""
    return tuple(dict.fromkeys(line.node for line in read_lines() if line.kind == EXCLUDED))


def was_replaced(job: str) -> bool:
    """Whether a job of this run was cancelled in favour of a request that can be met."""
    return any(line.kind == REPLACED and line.job == job for line in read_lines())
