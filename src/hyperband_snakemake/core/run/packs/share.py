"""A share of a stage: jobs that train a stage together, and take from each other what is not begun.

The one that ends last makes the promotion. That saves a job and a start of Python for it, and no core is idle near the
end of the stage. While that takes no time, it also trains the next stages: the jobs for them find that done.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout

from .pack import INTERRUPTED, Call, Pack
from .plain import first_of_each, has_files, is_good, is_plain_number, read_plain

YOUNG = 2.0  # seconds: a job that takes longer trains no other stage than its own
A_FEW = 8  # training runs whose time is looked up


class Stage:
    """A stage as the command line has it: ``BUDGET:CONFIGURATIONS:JOBS:1``, with 0 for the last of a bracket."""

    __slots__ = ("budget", "configurations", "done", "ends", "firsts", "is_last", "number", "path")

    def __init__(self, ended: str, bracket: str, number: int, text: str) -> None:
        """``ended`` is the directory of the files that stand for jobs that have ended."""
        self.budget, configurations, jobs, follows = text.split(":")
        self.configurations, self.is_last = int(configurations), follows == "0"
        self.firsts = first_of_each(self.configurations, int(jobs))
        self.number, self.path = number, f"bracket-{bracket}/stage-{number}"
        self.done = f"{ended}/{bracket}-{number}"
        self.ends = [f"{self.done}-{first}" for first in self.firsts]

    @property
    def names(self) -> tuple[str, ...]:
        """What a configuration has that was trained; in a last stage, a result that was lost is written again."""
        return ("outcome", "result") if self.is_last else ("outcome",)

    def part(self, job: int) -> range:
        """Give the configurations that are a job's own."""
        return range(self.firsts[job], [*self.firsts, self.configurations][job + 1])

    def others(self, job: int) -> Iterator[int]:
        """Give all others, from the end of each part: the job whose part it is begins at the front."""
        for other in (*range(job + 1, len(self.ends)), *range(job)):
            yield from reversed(self.part(other))


class Share:
    """A job of a stage. The working directory is the search's."""

    __slots__ = ("_begin", "_bracket", "_call", "_ended", "_job", "_stages")

    def __init__(self, ended: str, arguments: Sequence[str], call: Call) -> None:
        """``arguments``: bracket, stage, SHARE, job, and the texts of this stage and the next that may be trained."""
        bracket, stage, _, job, *stages = arguments
        self._begin = time.monotonic()
        self._ended, self._bracket, self._job, self._call = ended, bracket, int(job), call
        self._stages = [Stage(ended, bracket, number, text) for number, text in enumerate(stages, int(stage))]

    def train(self) -> int:
        """Train what no other job has begun; 0 if that is done, and the promotion, too, if this was the last job."""
        os.makedirs(self._ended, exist_ok=True)
        stage = self._stages[0]
        pack = Pack(self._bracket, str(stage.number), stage.budget, self._call)
        status = self._train_part(stage, pack)
        if status:
            return status
        end = stage.ends[self._job]
        _touch(f"{end}.done")
        if all(os.path.exists(f"{other}.done") for other in stage.ends) and self._is_chosen(stage):
            status = self._complete(stage, pack) or self._train_next(stage, pack)
        if status == 0:
            _touch(end)
        return status

    def _train_part(self, stage: Stage, pack: Pack) -> int:
        own = pack.train(str(config) for config in stage.part(self._job) if not _is_taken(stage, config))
        if own == INTERRUPTED:
            return INTERRUPTED
        return pack.train(self._of_others(stage), only_if_plain=True) or own

    def _of_others(self, stage: Stage) -> Iterator[str]:
        """Give what no other job has begun, each when it is asked for."""
        is_one_each = len(stage.ends) == stage.configurations  # they may take long, and others may be more urgent
        for config in stage.others(self._job):
            if is_one_each and time.monotonic() - self._begin > YOUNG:
                return
            if not os.path.exists(f"{stage.path}/attempts/config-{config}"):
                yield str(config)

    def _is_chosen(self, stage: Stage) -> bool:
        """Whether this is the job that completes its stage: two may see at the same time that all are done."""
        try:
            os.symlink(str(self._job), f"{stage.done}.last")
        except FileExistsError:  # or this job was killed, and is started again
            return os.readlink(f"{stage.done}.last") == str(self._job)
        return True

    def _complete(self, stage: Stage, pack: Pack) -> int:
        """Train what still has no outcome, when no other job of the stage trains any more; then promote."""
        left = (str(config) for config in range(stage.configurations) if not _is_settled(stage, config))
        status = pack.train(left)
        if status or stage.is_last:
            return status
        if pack.is_to_end():
            return INTERRUPTED
        with open(f"{stage.path}/promotion.log", "w", encoding="utf-8") as log, redirect_stdout(log):
            return self._call("promote", [self._bracket, str(stage.number)])

    def _train_next(self, stage: Stage, pack: Pack) -> int:
        """Train the next stages as long as they take no time; what is not done is left to their own jobs."""
        for following in self._stages[1:]:
            growth = max(1.0, float(following.budget) / (float(stage.budget) or 1.0))
            seconds = _seconds_of_one(stage) * growth * following.configurations
            if not 0 < seconds < YOUNG - (time.monotonic() - self._begin):
                return 0
            pack = Pack(self._bracket, str(following.number), following.budget, self._call, pack.watch)
            os.makedirs(f"{following.path}/attempts", exist_ok=True)
            for config in range(following.configurations):
                if time.monotonic() - self._begin > YOUNG:
                    return 0
                if not has_files(f"{following.path}/config-{config}", following.names):
                    found = pack.train_one(str(config))
                    if found:
                        return found
            if status := self._complete(following, pack):
                return status
            for end in following.ends:
                _touch(end)
            stage = following
        return 0


def _seconds_of_one(stage: Stage) -> float:
    """Seconds of the longest of a few training runs of a stage; 0 if they are not known."""
    records = (read_plain(f"{stage.path}/attempts/config-{config}") for config in range(stage.configurations)[:A_FEW])
    texts = (record.rpartition('"seconds": ')[2].partition(",")[0] for record in records)
    return max((float(text) for text in texts if is_plain_number(text)), default=0.0)


def _is_taken(stage: Stage, config: int) -> bool:
    """Whether it has an outcome, or a job of this run has begun it; the last job looks more closely."""
    if has_files(f"{stage.path}/config-{config}", stage.names):
        return True
    path = f"{stage.path}/attempts/config-{config}"
    if not os.path.exists(path):
        return False
    return f'"run": "{os.environ.get("HYBAND_RUN", "")}"' in read_plain(path) or _is_locked(path)


def _is_settled(stage: Stage, config: int) -> bool:
    if not has_files(f"{stage.path}/config-{config}", stage.names):
        return False
    if is_good(read_plain(f"{stage.path}/attempts/config-{config}")):
        return True
    from .local import is_settled  # noqa: PLC0415 (imports much, and is seldom needed)

    return is_settled(stage.path, str(config), stage.names)


def _is_locked(path: str) -> bool:
    """Whether another process has begun it, and has perhaps not written that down yet."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there are no locks here: train.py knows what to do
        return False
    finally:
        os.close(file)
    return False


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
