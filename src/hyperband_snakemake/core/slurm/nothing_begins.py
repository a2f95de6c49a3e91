"""Jobs that end before run.sh was started. These are not failures, but jobs cannot be submitted again forever.

An attempt begins when train.sh writes its line in the record. If a job ends without one, another job is submitted after
a pause, which grows each time. If this happens on one node while jobs begin elsewhere, the run no longer uses that
node. If no job begins any more, the run is stopped; it can continue once job.sh or the node is fixed.
"""

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..training.logs import last_lines
from ..training.stopping import is_run_stopped, stop_run
from ..tree import environment, layout
from ..tree.environment import RunId, current_run, run_id
from ..tree.layout import Slot, slots_of
from ..tree.planfile import read_plan
from ..tree.record import Attempt, read_attempts, timestamp
from .jobs import Submission, is_of, read_submissions
from .never_began import ENDED, EXCLUDED, GONE, Line, Notes, noting, read_lines, was_replaced
from .queue import LIVE, Job, Queue, ask_state, read_queue

SHORTEST_PAUSE, LONGEST_PAUSE = 5, 300  # seconds before another job is submitted for a slot
ON_ONE_NODE = 3  # jobs in a row that end on a node before it is excluded
# Jobs in a row over the whole search before it is stopped. Ten cost little and cannot be chance. With few jobs at a
# time, ten would take long, since each slot pauses: five of one slot take more than a minute.
IN_A_ROW, OF_ONE_SLOT = 10, 5
# If the first half were all on one node, exclude it as a test: it may be used only because it is the only idle one.
SUSPECTED, ON_OTHERS = "suspected", 2  # jobs that end the same way elsewhere: then it was not the node
LOG_LINES = 6


def submit_not_before(slots: Sequence[Slot], together: Sequence[Slot]) -> int:
    """Record the jobs of these slots that never began, and react: pause, exclude a node, or stop the run.

    Args:
        slots: The slots that need another job.
        together: All slots that shared jobs with them.

    Returns:
        When the next job may be submitted, in seconds since 1970; 0 if at once.
    """
    return max(_not_before(slot, together) for slot in slots)


def _not_before(slot: Slot, together: Sequence[Slot]) -> int:
    never = _never_began(slot, together)
    if not never or was_replaced(never[0].job):
        return 0
    return _note(never[0], slot, together) + pause(len(never))


def pause(times: int) -> int:
    """Seconds to wait before another job after this number of jobs in a row that never began.

    >>> [pause(times) for times in (1, 2, 3, 7, 2000)]
    [5, 10, 20, 300, 300]
    """
    return min(SHORTEST_PAUSE << min(times - 1, 20), LONGEST_PAUSE)


def _never_began(slot: Slot, together: Sequence[Slot]) -> list[Submission]:
    """Jobs of this run that ended without an attempt of this slot, newest first, back to one that began."""
    attempts = [(one, attempt) for one in together for attempt in read_attempts(one.path)]
    found = []
    for submission in reversed(read_submissions(slot.path)):
        ours = [(one, attempt) for one, attempt in attempts if is_of(attempt, submission)]
        is_array = any("_" in attempt.job for _, attempt in ours)  # each slot is a separate task
        began = any(one == slot for one, _ in ours) if is_array else bool(ours)
        if began or not submission.job or submission.run != run_id():
            break
        found.append(submission)
    return found


def _note(submission: Submission, slot: Slot, together: Sequence[Slot]) -> int:
    """Record a job that never began, unless that was done before, and react. Return when it was recorded."""
    queue = read_queue(Path())
    with noting() as notes:
        if (noted := _noted(submission, notes.lines)) is not None:
            return noted.when
        begun = {attempt.job for one in together for attempt in read_attempts(one.path)}
        tasks = queue.tasks(submission.job) or [Job(submission.job, "")]
        more = [_add(notes, task, slot, queue) for task in tasks if task.number not in begun]
        _say(more, notes.lines)
        if (run := current_run()) is not None and not is_run_stopped():
            _conclude(run, notes, more, queue)
        return more[-1].when if more else 0


def _noted(submission: Submission, lines: Sequence[Line]) -> Line | None:
    ours = (line for line in lines if line.kind == ENDED and line.job.partition("_")[0] == submission.job)
    return next(ours, None)


def _add(notes: Notes, job: Job, slot: Slot, queue: Queue) -> Line:
    state = job.state or ask_state(job.number, queue)[0]
    if state in LIVE or not (state or _has_output(job.number)):
        state = GONE  # the controller has lost its state, or squeue does not show all
    return notes.add(ENDED, job.number, node=job.node, state=state, slot=str(slot))


def _say(more: Sequence[Line], before: Sequence[Line]) -> None:
    """Report what is done about such jobs, once for each state in which they end."""
    said = {line.state for line in before if line.kind == ENDED}
    for line in more:
        if line.state not in said:
            said.add(line.state)
            what = f"ended{f' on {line.node}' if line.node else ''} before run.sh was started"
            why = f"{line.state or 'Slurm does not say why'}; {_output(line)}"
            if line.state == GONE:
                what, why = "is no longer in the queue, and run.sh was not started", "has Slurm lost its jobs?"
            then = "This does not count as an attempt. Another job is submitted after a pause."
            print(f"{line.slot}: job {line.job} {what} ({why}). {then}", file=sys.stderr, flush=True)


def _output(line: Line) -> str:
    path = f"{layout.SLURM_DIR}/{line.job}.out"
    return f"see {_shown()}/{path}" if _has_output(line.job) else f"it left no {path}"


def _has_output(job: str) -> bool:
    return Path(layout.SLURM_DIR, f"{job}.out").exists()


def _conclude(run: RunId, notes: Notes, more: Sequence[Line], queue: Queue) -> None:
    """Exclude a node, or stop the run, if there are enough of these jobs."""
    lines = [*notes.lines, *more]
    counted = [line for line in lines if line.counts]
    if len(counted) < ON_ONE_NODE or not any(line.counts for line in more):
        return
    begun = list(_begun(run))
    last = _last_on_each_node(begun, queue)
    gone = {line.node: line.state for line in lines if line.kind == EXCLUDED}
    for line in {line.node: line for line in more if line.counts and line.node}.values():
        there = [one for one in counted if one.node == line.node and one.when > last.get(line.node, 0)]
        good = sorted(set(last) - set(gone) - {line.node})
        if line.node not in gone and len(there) >= ON_ONE_NODE and good:
            notes.add(EXCLUDED, line.job, node=line.node)
            gone[line.node] = ""
            _say_excluded(line, len(there), f"while training runs have begun on {_listed(good)}")
    latest = max((when for when, _ in begun), default=0)
    row = [line for line in counted if line.when > latest and gone.get(line.node) != ""]
    living = {job.slot_in(Path.cwd()) for job in queue.jobs.values() if job.lives} - {""}
    enough = min(IN_A_ROW, OF_ONE_SLOT * len(living | {line.slot for line in row}))
    elsewhere = sum(line.node not in gone for line in row)
    if not gone and len(row) > enough // 2 and (node := _only_node(row)):
        notes.add(EXCLUDED, row[-1].job, node=node, state=SUSPECTED)
        _say_excluded(row[-1], len(row), "and none has begun on another one")
    elif row and len(row) >= enough and (elsewhere >= ON_OTHERS or SUSPECTED not in gone.values()):
        since = "no training run has begun since" if begun else "no training run has begun in this run"
        what = f"{len(row)} jobs in a row ended before run.sh was started, and {since}"
        stop_run(run, "\n".join(_text(what, row)))


def _only_node(row: Sequence[Line]) -> str:
    """Name the node on which all of these ended; empty if there are several, or it is unknown."""
    nodes = {line.node for line in row}
    return nodes.pop() if len(nodes) == 1 else ""


def stop_without_nodes(nodes: Sequence[str], slot: Slot) -> None:
    """Stop the run: Slurm accepts this slot's job only on nodes that were excluded."""
    if (run := current_run()) is not None:
        row = [line for line in read_lines() if line.counts and line.node in nodes]
        what = f"jobs end on {_listed(nodes)} before run.sh was started, and {slot} can be trained on no other node"
        stop_run(run, "\n".join(_text(what, row)))


def _begun(run: RunId) -> Iterator[tuple[float, Attempt]]:
    """Each attempt that a job has begun in this run, with its time, including jobs submitted by an earlier run."""
    for slot, stage in slots_of(read_plan(Path())):
        for one in (slot, *(slot.runs(stage.fold_names) if stage.fold_names else ())):
            for attempt in read_attempts(one.path):
                when = timestamp(attempt.start) or 0
                if attempt.job and (attempt.run == run.text or when >= run.nanoseconds / 1e9):
                    yield when, attempt


def _last_on_each_node(begun: Sequence[tuple[float, Attempt]], queue: Queue) -> dict[str, float]:
    """When a job last began on each node, by the queue, or by its host if Slurm has forgotten the job."""
    last: dict[str, float] = {}
    for when, attempt in begun:
        job = queue.jobs.get(attempt.job)
        if job is None and when >= queue.taken:
            continue  # newer than the queue
        node = attempt.host.partition(".")[0] if job is None else job.node
        if node:
            last[node] = max(when, last.get(node, 0))
    return last


def _say_excluded(line: Line, number: int, others: str) -> None:
    print(
        f"{number} jobs in a row ended on {line.node} before run.sh was started ({_output(line)}), {others}."
        f" This run submits no more jobs to {line.node} (--exclude={line.node}).",
        file=sys.stderr,
        flush=True,
    )


def _text(what: str, row: Sequence[Line]) -> Iterator[str]:
    shown = _shown()
    nodes = sorted({line.node for line in row if line.node})
    yield f"Error: {what}. This run was stopped."
    for (state, node), number in Counter((line.state, line.node) for line in row).most_common(LOG_LINES):
        yield f"  {number} - {state or 'Slurm does not say why'}{f' on {node}' if node else ''}"
    yield from _end_of_output(row)
    yield f"  Fix the cause: what {shown}/{layout.JOB_SCRIPT} does before its last line, or the nodes."
    if nodes:
        yield f"""  To leave nodes out: sbatch-extra = "--exclude={",".join(nodes)}" in {shown}/{layout.SLURM}."""
    yield "  Nothing has failed, and no attempt was counted. To continue:"
    yield f"    snakemake --snakefile {shown}/{layout.SNAKEFILE}"


def _end_of_output(row: Sequence[Line]) -> Iterator[str]:
    """Give the last lines printed by the last job that printed any, or say that none did."""
    paths = [Path(layout.SLURM_DIR, f"{line.job}.out") for line in reversed(row)]
    printed = ((path, words) for path in paths if (words := last_lines(path, LOG_LINES)))
    path, words = next(printed, (None, ()))
    yield f"  End of {_shown()}/{path}:" if path else f"  They have printed nothing ({_shown()}/{layout.SLURM_DIR}/)."
    yield from (f"    {line}" for line in words)


def _listed(nodes: Sequence[str], most: int = 3) -> str:
    return ", ".join(nodes[:most]) + (" and others" if len(nodes) > most else "")


def _shown() -> str:
    return shlex.quote(os.environ.get(environment.SEARCH, "."))
