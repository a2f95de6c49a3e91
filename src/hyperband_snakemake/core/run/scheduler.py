"""Mends five things of Snakemake (seen up to 9.27) that long searches suffer from."""

import heapq
import random
import signal
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

MOST_THREADS = 10_000


def tune_local_execution(workflow: Any) -> None:
    """Lift a limit that leaks, and give each job that may run a thread.

    Snakemake's limit of job starts starts a timer whenever jobs wait, and each timer starts the next: after 400
    trainings they cost a third of a core, and the last one keeps a finished run alive for a second. And with ``-j 100``
    beside the profile's ``cores: all``, it starts 100 jobs but has threads for a few more than there are cores.
    """
    scheduler = workflow.scheduler
    scheduler.job_rate_limiter = None
    nodes = workflow.resource_settings.nodes
    if nodes is not None and nodes > scheduler._executor.workers:
        scheduler._executor.workers = min(nodes, MOST_THREADS)
        scheduler._executor.pool = ThreadPoolExecutor(max_workers=scheduler._executor.workers)


def end_at_sigterm() -> None:
    """Let SIGTERM end a run at whatever moment it comes.

    Snakemake's handler takes a lock that the main thread, which it interrupts, may hold: then both wait for ever, and
    the search stays locked. A thread of its own waits for no more than that moment.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler) and handler is not signal.default_int_handler:

        def aside(*received: Any) -> None:
            threading.Thread(target=handler, args=received, daemon=True).start()

        signal.signal(signal.SIGTERM, aside)


def start_as_many_as_may_run(workflow: Any) -> None:
    """Let one look at what is ready start all jobs that may run, those of the highest priority first.

    ``scheduler-subsample`` bounds how many are looked at, and the next look comes when a job has ended: of a hundred
    jobs that may wait in a cluster's queue, 64 would be submitted, and the others hours later. And all that it looks
    at are drawn at random, whatever their priority.
    """
    settings, scheduler = workflow.resource_settings, workflow.scheduler
    if not scheduler.subsample:
        return
    most = max(scheduler.subsample, settings.nodes or 0, settings.cores or 0)
    select = scheduler.job_selector

    def select_of_a_few(jobs: Collection[Any]) -> Any:
        few = heapq.nlargest(most, jobs, key=lambda job: job.priority)
        others = tuple(set(jobs).difference(few))  # what the first need, a GPU for instance, may be in use
        return select({*few, *random.sample(others, min(most, len(others)))})

    scheduler.subsample, scheduler.job_selector = None, select_of_a_few
