"""Ends a run with jobs on other hosts: if everything fails, or if Snakemake waits for a job that has long ended.

Snakemake's Slurm plugin (seen up to 2.8.0) never notices the end of some jobs: without accounting, after the controller
was down; with accounting, after some kinds of preemption and cancellation. Nothing is lost: the next run continues.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..slurm.queue import Queue, ask, call
from ..training.stopping import stopped_run
from ..tree import layout

INTERVAL = 60.0  # seconds between two checks of the queue
STOP_INTERVAL = 1.0  # seconds between two checks whether everything fails
PATIENCE = 420.0  # seconds granted to the plugin, which checks every 180 s or less often


def watch(scheduler: Any, executor: Any, search: Path) -> None:
    """Start to watch Snakemake's Slurm plugin until this process ends; its jobs have the name of the run.

    The name is stored for `hyband cancel`.
    """
    path = search / layout.OWN_JOBS
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{executor.run_uuid}\n")
    threading.Thread(target=_watch, args=(scheduler, executor, search), daemon=True).start()


def _watch(scheduler: Any, executor: Any, search: Path) -> None:
    idle_since = None
    while True:
        time.sleep(INTERVAL)
        waits = any(not job.is_local for job in list(scheduler.running))
        idle_since = still_idle(idle_since, executor.run_uuid, ask(search, patience=INTERVAL / 2), time.time())
        if waits and idle_since is not None and time.time() - idle_since > PATIENCE:
            print(
                "\nError: Snakemake's Slurm plugin waits for jobs, but none of this run is left in the queue.\n"
                "  This run ends here; nothing is lost. Start it again.",
                file=sys.stderr,
                flush=True,
            )
            os.kill(os.getpid(), signal.SIGINT)
            return


def watch_for_a_stop(scheduler: Any, run: str) -> None:
    """Start to watch whether this run was stopped: by `hyband cancel`, or by a training run on another host.

    Waiting jobs of Snakemake's Slurm plugin are removed from the queue; those of other executors end when they start.
    """
    threading.Thread(target=_end_when_stopped, args=(scheduler, run), daemon=True).start()


def _end_when_stopped(scheduler: Any, run: str) -> None:
    while stopped_run(Path()) != run:
        time.sleep(STOP_INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
    if name := getattr(getattr(scheduler, "_executor", None), "run_uuid", ""):
        call(["scancel", "--state=PENDING", f"--name={name}", f"--user={os.getuid()}"])


def still_idle(before: float | None, name: str, queue: Queue, now: float) -> float | None:
    """Since when no job of this name has been alive; None if one is.

    >>> still_idle(None, "run", Queue(200), 210.0), still_idle(210.0, "run", Queue(260), 270.0)
    (210.0, 210.0)
    """
    if now - queue.taken > 2 * INTERVAL:  # Slurm does not answer: unknown
        return before
    if any(job.lives and job.name == name for job in queue.jobs.values()):
        return None
    return now if before is None else before
