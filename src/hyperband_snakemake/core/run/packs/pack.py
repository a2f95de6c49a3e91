"""A pack: training runs of one stage, which one process sees through, one after the other.

That saves the starts of bash and flock for each of them. The plain case is that of train.sh, done here; all else is
train.py's, in this process. Nothing is imported that takes long, since each pack pays for it.
"""

import fcntl
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from .plain import is_json_word, is_stopped, now, number_in, read_plain, search_from_start, write_all
from .watch import STOPS, Watch

DESCRIPTOR = 199  # of the record in run.sh, as in train.sh
INTERRUPTED = 130
_ELSEWHERE = ("HYBAND_JOB", "HYBAND_TOKEN", "HYBAND_PLACES")  # train.py knows what to do about jobs and places
_LEFT = frozenset({"result", "outcome", "attempts", "attempt-1.log"})  # by something that was cut off, or by hand
_NOTHING = {"HYBAND_SLOT": "", "HYBAND_HOLDS": ""}  # no place yet
_LONGEST_LOG = 1 << 20  # bytes of one that is looked into

Call = Callable[[str, list[str]], int]  # runs a program of the search by its name; its exit status


class Pack:
    """What its training runs have in common. The working directory is the search's."""

    __slots__ = (
        "_bash",
        "_call",
        "_here",
        "_is_plain",
        "_numbers",
        "_search",
        "_stage",
        "_variables",
        "watch",
    )

    def __init__(self, bracket: str, stage: str, budget: str, call: Call, watch: Watch | None = None) -> None:
        """``watch`` is that of another pack that this process has seen through, if any."""
        self._numbers, self._stage, self._call = [bracket, stage, budget], f"bracket-{bracket}/stage-{stage}", call
        self.watch = watch or Watch(lambda name, pid: call("forward", [name, str(pid)]))
        self._search = search_from_start(os.environ.get("HYBAND_SEARCH", "."), os.environ.get("HYBAND_START", "."))
        os.environ.pop("HYBAND_RECORD", None)
        os.environ.update(_NOTHING | {"HYBAND_SEARCH": self._search})
        self._variables = dict(os.environ) | {
            "HYBAND_BRACKET": bracket,
            "HYBAND_STAGE": stage,
            "HYBAND_BUDGET": budget,
            "HYBAND_ATTEMPT": "1",
            "HYBAND_FOLD": "",
            "HYBAND_REPETITION": "",
            "HYBAND_RECORD": str(DESCRIPTOR),
            "HYBAND_SESSION": str(os.getsid(0)),
        }
        self._here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
        paths = (os.path.join(folder, "bash") for folder in os.get_exec_path())
        self._bash = next((path for path in paths if os.access(path, os.X_OK)), "bash")
        is_local = bool(os.environ.get("HYBAND_RUN")) and not any(os.environ.get(name) for name in _ELSEWHERE)
        self._is_plain = is_local and is_json_word(os.uname().nodename) and os.sysconf("SC_OPEN_MAX") > DESCRIPTOR

    def train(self, words: Iterable[str], *, only_if_plain: bool = False) -> int:
        """Train these configurations of the stage; 0 if each has its outcome then, but for ``only_if_plain``."""
        os.makedirs(f"{self._stage}/attempts", exist_ok=True)
        status = 0
        for word in words:
            found = self.train_one(word, only_if_plain=only_if_plain)
            if found == INTERRUPTED:
                return INTERRUPTED
            status = status or found
        return status

    def train_one(self, word: str, *, only_if_plain: bool = False) -> int:
        """Train a configuration; 0 if it has its outcome then, or if it is not plain and only that was wanted."""
        self.watch.begin()
        if self.is_to_end():
            return INTERRUPTED
        try:
            return self._train(word, only_if_plain=only_if_plain)
        except OSError as error:  # a full disk, no permission: the others may do better
            where = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            slot = f"{self._stage}/config-{word}"
            print(f"Error in {slot}: {where}. Fix that, then run snakemake again.", file=sys.stderr)
            return 1

    def is_to_end(self) -> bool:
        """Whether nothing more may start: the run was stopped, or its snakemake was killed or is to end."""
        return self.watch.stopped or self.watch.is_orphan() or is_stopped()

    def _train(self, word: str, *, only_if_plain: bool) -> int:
        slot = f"{self._stage}/config-{word}"
        previous = self._previous_if_plain(slot, word)
        record = None if previous is None else _locked(f"{self._stage}/attempts/config-{word}")
        if previous is None or record is None:
            return 0 if only_if_plain else self._otherwise(word)
        was = os.fstat(record)
        try:
            return self._attempt(slot, word, record, previous)
        finally:
            _close_if_open(record, was)

    def _attempt(self, slot: str, word: str, record: int, previous: tuple[str, str]) -> int:
        begin = time.monotonic()
        status = self._run(slot, word, record, previous)
        seconds = f"{time.monotonic() - begin:.6f}"
        if self.watch.stopped:  # whatever it left: the line stays without an end, interrupted and not failed
            return INTERRUPTED
        number = number_in(slot) if status == 0 and not _has_words_of_slurm(slot) else ""
        if not number:
            return self._otherwise(word, record, ["--ended", str(status), seconds])
        end = f', "end": "{now()}", "seconds": {seconds}, "exit": 0, "result": "{number}", "reason": ""}}\n'
        write_all(record, end)
        outcome = os.open(f"{slot}/outcome", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        write_all(outcome, f"completed: {number}\n")  # were it cut here, the record would be read instead
        os.close(outcome)
        return 0

    def _previous_if_plain(self, slot: str, word: str) -> tuple[str, str] | None:
        """Give the directory of the stage below and the budget there, both empty in stage 0; None if it is not plain.

        Plain is the first attempt of a whole configuration that is there, where nobody looks for limits or a place.
        """
        has_limits = os.path.exists("limits.toml") and not os.path.exists("slurm.toml")
        if not self._is_plain or "/" in word or has_limits or not os.path.isfile("run.sh") or not _is_untouched(slot):
            return None
        if self._numbers[1] == "0":
            return "", ""
        lines = [line.partition(": ")[2] for line in read_plain(f"{slot}/origin").split("\n")]
        if len(lines) != 4 or not all(lines[:3]) or lines[3]:  # noqa: PLR2004 (from, result, budget; more is to be carried)
            return None
        return f"{self._search}/{lines[0]}", lines[2]

    def _run(self, slot: str, word: str, record: int, previous: tuple[str, str]) -> int:
        """Start run.sh and wait for its end; its exit status, 128 and the signal if one ended it."""
        host, run = os.uname().nodename, self._variables["HYBAND_RUN"]
        log = os.open(f"{slot}/attempt-1.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        begin = f'{{"attempt": 1, "start": "{now()}", "host": "{host}", "pid": {os.getpid()}, "run": "{run}"'
        write_all(record, begin)
        more = {"HYBAND_CONFIG": word, "HYBAND_PREVIOUS": previous[0], "HYBAND_PREVIOUS_BUDGET": previous[1]}
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # one that comes now would miss run.sh
        try:
            os.chdir(self._variables.get("HYBAND_START", "."))
            pid = self.watch.pid = os.posix_spawn(
                self._bash,
                ["bash", "--", f"{self._search}/run.sh", f"{self._search}/{slot}", self._numbers[2], previous[0]],
                self._variables | more,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                    (os.POSIX_SPAWN_DUP2, record, DESCRIPTOR),
                ],
                setsigmask=(),
                setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # which Python ignores
            )
        finally:
            os.fchdir(self._here)
            os.close(log)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        if self.watch.stopped:
            os.kill(pid, signal.SIGTERM)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.watch.pid = 0
        return status if status >= 0 else 128 - status

    def _otherwise(self, word: str, record: int | None = None, ended: Sequence[str] = ()) -> int:
        """Let train.py see it through, with its open record if its first attempt has ended."""
        if record is not None:
            os.environ["HYBAND_RECORD"] = str(record)
        self.watch.end()
        try:
            return self._call("train", [*self._numbers, word, *ended])
        finally:
            os.environ.pop("HYBAND_RECORD", None)
            if os.environ["HYBAND_HOLDS"]:
                from ..place import give_place_back  # noqa: PLC0415 (train.py has imported it)

                give_place_back()
            os.environ.update(_NOTHING)


def _is_untouched(slot: str) -> bool:
    """Whether a slot has its configuration, and nothing that an attempt leaves."""
    try:
        names = frozenset(os.listdir(slot))
    except OSError:
        return False
    return _LEFT.isdisjoint(names) and os.path.isfile(f"{slot}/config") and os.access(slot, os.W_OK)


def _locked(path: str) -> int | None:
    """Open and lock a record; None if there is something in it, or somebody has it."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and not found.st_size:
            fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)  # disk/locks.py: O_NONBLOCK stands for one that waits
            return file
    except OSError:  # locked, or there are no locks here
        pass
    os.close(file)
    return None


def _close_if_open(file: int, was: os.stat_result) -> None:
    """Close a descriptor if it still is what it was: whatever holds a record holds its lock."""
    try:
        if os.path.samestat(os.fstat(file), was):
            os.close(file)
    except OSError:
        return


def _has_words_of_slurm(slot: str) -> bool:
    """Whether the log of a run.sh in an allocation may tell that Slurm has ended a step of it."""
    if not os.environ.get("SLURM_JOB_ID"):
        return False
    log = read_plain(f"{slot}/attempt-1.log", _LONGEST_LOG)
    return "srun" in log or "slurmstepd" in log
