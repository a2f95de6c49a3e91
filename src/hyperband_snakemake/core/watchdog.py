"""Ends a run whose Slurm plugin waits for a job that has long ended.

Snakemake's plugin (seen up to 2.8.0) never notices the end of some jobs: without accounting after the controller was
away, with it after a job was preempted or cancelled in some ways. Nothing is lost: the next run goes on.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .squeue import Queue, ask

INTERVAL = 60.0  # seconds between two looks at the queue
PATIENCE = 420.0  # seconds that the plugin may take; it looks every 180 s at the least


def watch(executor: Any, search: Path) -> None:
    """Start to watch, for the life of this process, an executor of Snakemake that keeps a list of its jobs."""
    threading.Thread(target=_watch, args=(executor, search), daemon=True).start()


def _watch(executor: Any, search: Path) -> None:
    since: dict[str, float] = {}
    while True:
        time.sleep(INTERVAL)
        waiting = {str(job.external_jobid) for job in list(executor.active_jobs)}
        since = dead_since(since, waiting, ask(search, patience=INTERVAL / 2), time.time())
        overdue = [job for job, when in since.items() if time.time() - when > PATIENCE]
        if overdue:
            print(
                f"\nError: Snakemake's Slurm plugin still waits for job {', '.join(overdue)}, which has ended.\n"
                "  This run ends here; nothing is lost. Start it again.",
                file=sys.stderr,
                flush=True,
            )
            os.kill(os.getpid(), signal.SIGINT)
            return


def dead_since(before: dict[str, float], waiting: set[str], queue: Queue, now: float) -> dict[str, float]:
    """Since when each job that is waited for has been seen dead; the list may be empty for a moment while it is used.

    >>> dead_since({"7": 100.0, "9": 50.0}, {"7", "8"}, Queue(200), 210.0)
    {'7': 100.0, '8': 210.0}
    """
    if now - queue.taken > 2 * INTERVAL:  # no answer: nobody knows
        return before
    kept = waiting or set(before)
    return {job: before.get(job, now) for job in sorted(kept) if not queue.lives(job)}
