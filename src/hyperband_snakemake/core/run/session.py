"""How a run of snakemake deals with Slurm: before its first job, for each rule, and at its end."""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from ..plan import Stage
from ..slurm.offer import NOT_AVAILABLE, nodes_to_wait_for, too_long
from ..slurm.packs import Pack
from ..slurm.queue import is_in_the_way, read_queue
from ..slurm.request import SlurmConfig
from ..slurm.sbatch import Refused, TryAgain, refusal_text, sbatch
from ..tree import layout
from ..tree.environment import JOB

MOST_NAMES = 5  # most node names in a message


def name_job() -> None:
    """In a job submitted by Snakemake's own executor: note its number, for the records of its training runs."""
    if "SLURM_JOB_ID" in os.environ:
        os.environ[JOB] = os.environ["SLURM_JOB_ID"]


def clear_environment() -> None:
    """Take out what a shell's profile tells the commands of Slurm, where Snakemake's plugin calls them.

    What an outer job says of itself (SLURM_...) the plugin leaves out by itself.
    """
    for name in list(os.environ):
        if is_in_the_way(name) and not name.startswith("SLURM"):
            del os.environ[name]


def begin(slurm: SlurmConfig, trainings: Iterable[tuple[int, Stage, Pack]]) -> None:
    """Ask Slurm whether it would accept the jobs of each stage: a mistake is reported once, before anything waits."""
    for name in (layout.REFUSED, layout.NEVER_BEGAN):  # left by an earlier run
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
    seen, waited_for = set(), set[str]()
    for bracket, stage, pack in trainings:
        request, size = slurm.request(bracket, stage), max(1, len(pack))
        if slurm.array:
            options = [f"--array=0-{size - 1}"]
        else:
            options, request = [], replace(request, seconds=request.seconds and request.seconds * size)
        if (request, *options) in seen:
            continue
        seen.add((request, *options))
        what = f"training runs of bracket {bracket}, stage {stage.index}"
        try:
            sbatch(request, options, [], test=True)
        except TryAgain:
            return  # Slurm does not answer, or its queue is full; the jobs wait for it
        except Refused as error:
            nodes = nodes_to_wait_for(request) if NOT_AVAILABLE in str(error) else []
            if not nodes:
                _refuse(str(error), what)
            if not waited_for.issuperset(nodes):
                waited_for.update(nodes)
                print(_not_now(what, nodes), file=sys.stderr)
        if why := too_long(request):
            _refuse(f"it would wait forever, {why}", what)


def _refuse(why: str, what: str) -> NoReturn:
    print(refusal_text(why, what), file=sys.stderr)
    sys.exit(1)


def _not_now(what: str, nodes: Sequence[str]) -> str:
    """Say that jobs wait for nodes, and name the first few of them."""
    names = ", ".join(nodes[:MOST_NAMES]) + (f" and {len(nodes) - MOST_NAMES} more" if len(nodes) > MOST_NAMES else "")
    return f"The jobs for {what} cannot start now: nodes are down, drained or reserved ({names}). They wait for them."


def say_what_goes_on(search: Path, shown: Path) -> None:
    """At the end of a stopped run: say which jobs keep running, and how to collect their results or end them."""
    queue = read_queue(search)
    jobs = [job for job in queue.jobs.values() if job.lives and job.slot_in(search)]
    if jobs:
        print(
            f"\n{len(jobs)} jobs are still running in Slurm. The next run waits for them and collects their results; "
            "to end them:\n"
            f"  hyband cancel {shlex.quote(str(shown))}",
            file=sys.stderr,
        )
