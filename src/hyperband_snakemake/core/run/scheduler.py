"""Works around four flaws of Snakemake (seen up to 9.27) that hurt long searches, and limits runs to places.

Each function first checks that everything it needs exists and has the expected type. If not, it changes nothing and
says on stderr what is not done and what that costs.
"""

import contextlib
import heapq
import random
import signal
import sys
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..disk.processes import available_cores
from .resources import PLACE

SUBSAMPLE = 64  # the value in profiles/default; any other was set by the user
START_LIMIT = (100, 1)  # (job starts, seconds), Snakemake's default; any other was set by the user
MOST_THREADS = 10_000


def lift_start_limit(workflow: Any) -> None:
    """Lift the default limit of job starts, which leaks timers; a limit that the user sets is kept.

    A timer starts whenever jobs wait, and each timer starts the next: after 400 training runs they cost a third of a
    core, and the last one keeps a finished run alive for a second.
    """
    lost = "its limit of job starts stays, and costs a large search a third of a core"
    path = "scheduler.job_rate_limiter"
    if not _check_fits(workflow, {path: _anything}, lost) or workflow.scheduler.job_rate_limiter is None:
        return
    if not _check_fits(workflow, {f"{path}.max_jobs": _is_number, f"{path}.timespan": _is_number}, lost):
        return
    limiter = workflow.scheduler.job_rate_limiter
    if (limiter.max_jobs, limiter.timespan) == START_LIMIT:
        workflow.scheduler.job_rate_limiter = None


def give_each_job_a_thread(workflow: Any) -> None:
    """Let as many jobs run on this machine as ``-j`` says.

    With ``-j 100`` and the profile's ``cores: all``, Snakemake starts 100 jobs but has threads for only a few more
    than there are cores.
    """
    needs = {
        "resource_settings.nodes": _is_number_or_none,
        "scheduler._executor.workers": _is_number,
        "scheduler._executor.pool": lambda pool: isinstance(pool, ThreadPoolExecutor),
    }
    if not _check_fits(workflow, needs, "with -j above the number of cores, fewer jobs run at a time than it says"):
        return
    nodes, executor = workflow.resource_settings.nodes, workflow.scheduler._executor
    if nodes is not None and nodes > executor.workers:
        executor.workers = min(nodes, MOST_THREADS)
        executor.pool = ThreadPoolExecutor(max_workers=executor.workers)


def start_as_many_as_may_run(workflow: Any) -> None:
    """Let each scheduling round start all jobs that may run, those with the highest priority first.

    ``scheduler-subsample`` limits how many are considered, and the next round starts when a job has ended: of a
    hundred jobs that could wait in a cluster's queue, 64 would be submitted, and the others hours later. Also, they
    are picked at random, regardless of priority. A number that the user sets is kept.
    """
    needs = {
        "scheduler.subsample": _is_number_or_none,
        "scheduler.job_selector": callable,
        "resource_settings.nodes": _is_number_or_none,
        "resource_settings.cores": _is_number_or_none,
        "dag.jobs": lambda jobs: all(hasattr(type(job), "priority") for job in jobs),  # jobs that will run have one
    }
    if not _check_fits(
        workflow, needs, f"it starts {SUBSAMPLE} jobs at a time, drawn at random, whatever their priority"
    ):
        return
    settings, scheduler = workflow.resource_settings, workflow.scheduler
    if scheduler.subsample != SUBSAMPLE:
        return
    most = max(SUBSAMPLE, settings.nodes or 0, settings.cores or 0)
    select = scheduler.job_selector

    def select_of_a_few(jobs: Collection[Any]) -> Any:
        few = heapq.nlargest(most, jobs, key=lambda job: job.priority)
        others = tuple(set(jobs).difference(few))  # a resource that the first ones need, such as a GPU, may be in use
        return select({*few, *random.sample(others, min(most, len(others)))})

    scheduler.subsample, scheduler.job_selector = None, select_of_a_few


def let_as_many_run_as_have_a_place(workflow: Any, places: int) -> None:
    """Let as many jobs that take a place run as there are places, even if there are fewer cores.

    A number of cores that the user sets is kept.
    """
    needs = {"register_resource": callable, "resource_settings.cores": _is_number_or_none}
    if not _check_fits(workflow, needs, "training runs start before a GPU is free, and wait for it"):
        return
    workflow.register_resource(PLACE, places)
    settings = workflow.resource_settings
    if settings.cores is not None and available_cores() == settings.cores < places:
        settings.cores = places  # also the number of threads that start them
        workflow.register_resource("_cores", places)


def end_at_sigterm(say: Callable[[], None]) -> None:
    """Let SIGTERM end a run at any moment, after ``say`` has told those who would continue for long.

    Snakemake's handler takes a lock that the interrupted main thread may hold: a deadlock, and the search stays
    locked. In a separate thread, it only waits until the main thread releases the lock.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler) and handler is not signal.default_int_handler:

        def both(*received: Any) -> None:
            with contextlib.suppress(OSError):  # a full disk: they continue
                say()
            handler(*received)

        def aside(*received: Any) -> None:
            threading.Thread(target=both, args=received, daemon=True).start()

        signal.signal(signal.SIGTERM, aside)


def _check_fits(owner: Any, needs: dict[str, Callable[[Any], bool]], lost: str) -> bool:
    """Whether all these attributes exist and have the expected type; if not, say what that costs."""
    for path, is_right in needs.items():
        value = owner
        for name in path.split("."):
            value = getattr(value, name, _NOTHING)
        if value is _NOTHING or not is_right(value):
            what = "has no" if value is _NOTHING else "has a different kind of"
            print(f"Note: this Snakemake {what} {path}, so {lost}. The search runs all the same.", file=sys.stderr)
            return False
    return True


_NOTHING = object()


def _anything(_: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)
