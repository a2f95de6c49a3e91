"""Submitting one job for the configurations that share it, and preventing others from doing so at the same time."""

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..disk.locks import lock, openers, process_text
from ..plan import Stage
from ..tree import layout
from ..tree.apart import clear_way
from ..tree.environment import TOKEN, is_run_alive, run_id
from ..tree.layout import Slot
from ..tree.record import read_attempts, since_retry, too_little
from .jobs import (
    append,
    begin_text,
    jobs_path,
    new_token,
    read_submissions,
    refused_text,
    submitted_text,
    taken_nevertheless,
)
from .never_began import excluded_nodes, one_line, was_replaced
from .nothing_begins import stop_without_nodes
from .request import Request, SlurmConfig, excluded_by, options_of_script
from .sbatch import Refused, TryAgain, job_name, job_number, say_refused, sbatch

SHORTEST_PAUSE, LONGEST_PAUSE = 10.0, 300.0  # seconds between two attempts to submit a job while the queue is full
_locks: list[object] = []  # held until this process ends, including wait.sh, which replaces it


@dataclass(frozen=True)
class Work:
    """The task: configurations of one stage that share a job."""

    slurm: SlurmConfig
    bracket: int
    stage: Stage
    budget: str
    slots: tuple[Slot, ...]


def keep_others_out(slots: Sequence[Slot]) -> None:
    """Keep other processes from submitting for these slots. Those of a killed run take a moment to end."""
    for slot in slots:
        path = jobs_path(slot.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_way(path)
        file = path.open("a", encoding="utf-8")
        os.set_inheritable(file.fileno(), True)
        lock(file, path, partial(_say_who_submits, slot))
        _locks.append(file)


def _say_who_submits(slot: Slot) -> None:
    who = ", ".join(map(process_text, openers(jobs_path(slot.path)))) or "a process on another host"
    print(f"{slot}: waiting for {who}, left over from an earlier run.", file=sys.stderr)


def _request(work: Work, slots: Sequence[Slot], *, grown: bool) -> Request:
    """Request enough for all training runs of a job: in turn, or as array tasks, which get it each."""
    plain = work.slurm.request(work.bracket, work.stage)
    requests = [grown_request(work.slurm, work.bracket, work.stage, slot.path) if grown else plain for slot in slots]
    times = [request.seconds for request in requests if request.seconds is not None]
    memory = [request.megabytes for request in requests if request.megabytes is not None]
    together = max if work.slurm.array else sum
    return replace(
        plain,
        seconds=together(times) if len(times) == len(slots) else None,
        megabytes=max(memory) if memory else None,
    )


def grown_request(slurm: SlurmConfig, bracket: int, stage: Stage, directory: Path) -> Request:
    """Request for one training run: more after each attempt in ``directory`` that ran out of time or memory."""
    timeouts, memory_kills = too_little(since_retry(read_attempts(directory)))
    return slurm.request(bracket, stage, timeouts=timeouts, memory_kills=memory_kills)


def submit(work: Work, slots: Sequence[Slot]) -> str | None:
    """Submit one job for these slots, trying again as long as needed; None if Slurm refuses it."""
    plain = _request(work, slots, grown=False)
    request = plain if _is_too_much(slots) else _request(work, slots, grown=True)
    token = new_token()
    os.environ[TOKEN] = token
    append(slots, begin_text(token, run_id(), len(slots)))
    options, arguments = _words(work, slots, token)
    pause, nodes = SHORTEST_PAUSE, excluded_nodes()
    without = [*excluded_by(options_of_script(Path(layout.JOB_SCRIPT)))[0], *nodes] if nodes else []
    while True:
        try:
            job = _number(request.without(without), options, arguments, partial(_found, token, work))
        except TryAgain as reason:
            if pause == SHORTEST_PAUSE:
                more = _array_text(work, slots) if reason.full else ""
                print(f"{slots[0]}: Slurm does not accept its job now ({reason}). Trying again.{more}", file=sys.stderr)
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311
            pause = min(2 * pause, LONGEST_PAUSE)
            if not is_run_alive():
                return None
            job = _found(token, work)
        except Refused as reason:
            if request != plain:
                request = plain  # the raised request exceeds what there is
                continue
            append(slots, refused_text(str(reason)))
            if nodes and _is_taken(request, options, arguments):
                stop_without_nodes(nodes, slots[0])
            else:
                say_refused(str(reason), str(slots[0]))
            return None
        if job:
            append(slots, submitted_text(job))
            return job


def _array_text(work: Work, slots: Sequence[Slot]) -> str:
    if not work.slurm.array or len(slots) == 1:
        return ""
    return (
        f" Its array counts as {len(slots)} jobs: if fewer are allowed, set a smaller `array` in {layout.SLURM} and"
        " start this run again."
    )


def _number(request: Request, options: list[str], arguments: list[str], find: Callable[[], str]) -> str:
    """Submit a job; its number, which the queue (``find``) knows where a site has sbatch say something else."""
    printed = sbatch(request, options, arguments)
    if number := job_number(printed) or find():
        return number
    raise Refused(f"sbatch has ended well, but has printed no job number: {one_line(printed) or 'nothing'}")


def _found(token: str, work: Work) -> str:
    return taken_nevertheless(token, work.slurm.poll_seconds)


def _is_too_much(slots: Sequence[Slot]) -> bool:
    """Whether Slurm cannot give more than the first limits: the last job that requested more could never start."""
    return any(was_replaced(submission.job) for slot in slots for submission in read_submissions(slot.path)[-1:])


def _words(work: Work, slots: Sequence[Slot], token: str) -> tuple[list[str], list[str]]:
    """Give a job's options and arguments that do not depend on its request."""
    configs = tuple(slot.name_in_stage for slot in slots)
    search = str(Path.cwd())
    options = [
        f"--job-name={job_name(search, work.bracket, work.stage.index, configs)}",
        f"--comment=hyband {token} {search}/{slots[0]}" + (f" and {len(slots) - 1} more" if len(slots) > 1 else ""),
        f"--output={layout.SLURM_DIR}/{'%A_%a' if work.slurm.array else '%j'}.out",
        "--open-mode=append",
        *[f"--array=0-{len(slots) - 1}"] * bool(work.slurm.array),
    ]
    return options, [str(work.bracket), str(work.stage.index), work.budget, *configs]


def _is_taken(request: Request, options: list[str], arguments: list[str]) -> bool:
    """Whether Slurm would accept a job."""
    try:
        sbatch(request, options, arguments, test=True)
    except Refused:
        return False
    except TryAgain:
        return True
    return True
