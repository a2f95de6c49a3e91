"""Submitting jobs to Slurm: the command, and what its refusals mean."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..disk.files import read
from ..tree import layout
from ..tree.environment import current_run
from ..tree.reasons import FROM_SIGNAL
from .notice import carried
from .queue import clean_environment, word_of
from .request import Request

OWN_ERROR = 255  # sbatch's exit status if its command line is wrong
AWAY = (
    "Unable to contact slurm controller",
    "Unable to contact",
    "Socket timed out",
    "Connection refused",
    "Connection timed out",
    "Zero Bytes were transmitted",
    "Transport endpoint",
    "Resource temporarily unavailable",
    "temporarily unable to accept job",
    "Communication connection failure",
    "Message send failure",
    "Message receive failure",
    "Unexpected message received",
    "authentication error",  # munge, which Slurm depends on
    "authentication credential",
    "I/O error writing script",  # the controller's disk is full
    "Slurm backup controller in standby mode",
    "System is busy",
)
_FULL = ("MaxSubmitJob", "MaxJobs", "job submit limit", "Job limit", "temporarily", "MaxArraySize exceeded for now")
_LATER = ("Required partition not available", "Requested reservation not usable now")  # before and during a maintenance
_NOT_NOW = ("down, drained or reserved", "are busy", "Nodes busy")
_NOISE = re.compile(r"^(sbatch: )?(error: )?(Batch job submission failed: |allocation failure: )?")


class TryAgain(Exception):
    """Slurm does not accept the job now: its controller is down, or too many jobs are waiting (``full``)."""

    def __init__(self, text: str, *, full: bool) -> None:
        super().__init__(text)
        self.full = full


class Refused(Exception):
    """Slurm will never accept such a job; the text says why, in Slurm's words."""


def job_name(search: str, bracket: int, stage: int, configs: tuple[str, ...]) -> str:
    """Name that `squeue` shows.

    >>> job_name("/home/ann/my search", 0, 1, ("3",)), job_name("s", 2, 0, ("4", "5", "6"))
    ('my-search-b0-s1-c3', 's-b2-s0-c4..6')
    >>> job_name("s", 2, 0, ("4/fold-0-1",))
    's-b2-s0-c4-0-1'
    """
    configs = tuple(config.replace("/fold", "") for config in configs)
    last = f"..{configs[-1]}" if len(configs) > 1 else ""
    return f"{word_of(Path(search))}-b{bracket}-s{stage}-c{configs[0]}{last}"


def sbatch(request: Request, options: list[str], arguments: list[str], *, test: bool = False) -> str:
    """Submit one job of this search, or just ask whether Slurm would take it; what sbatch has printed.

    Raises:
        TryAgain, Refused: it was not accepted.
    """
    ours = {name: value for name, value in os.environ.items() if name.startswith("HYBAND_")}
    command = ["sbatch", "--parsable", "--chdir=.", "--nodes=1", "--ntasks=1", "--no-requeue"]
    command += [*["--test-only"] * test, *options]
    command += [*exported(carried(request.job_options, to_the_script=True), ours), layout.JOB_SCRIPT, *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            env=clean_environment() | ours,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            errors="replace",
            close_fds=False,  # sbatch keeps the submitting process's locks, even if that is killed
        )
    except OSError as error:
        raise Refused(f"sbatch cannot be started: {error.strerror}. Is Slurm on this machine?") from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode < 0 or FROM_SIGNAL < done.returncode < OWN_ERROR:  # it may have submitted before
        raise TryAgain("sbatch was killed", full=False)
    text = done.stderr.strip() or f"sbatch ended with status {done.returncode}"
    if any(phrase in text for phrase in _FULL) and not _exceeds_alone(text):
        raise TryAgain(_plain(text), full=True)
    if any(phrase in text for phrase in (*AWAY, *_LATER)) or (test and any(phrase in text for phrase in _NOT_NOW)):
        raise TryAgain(_plain(text), full=False)
    asked = [*(option for option in options if option.startswith("--array")), *request.job_options]
    raise Refused(f"{_plain(text)}\n  {' '.join(asked) or '(no options)'}")


def _exceeds_alone(text: str) -> bool:
    """Whether a job by itself is more than a QOS or an association allows, whatever else runs.

    A QOS with the flag DenyOnLimit takes no such job, and the last line is the same as where too many jobs wait.

    >>> last = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
    >>> [_exceeds_alone(f"{w}: {last}") for w in ("QOSMaxWallDurationPerJobLimit", "QOSMaxSubmitJobPerUserLimit", "")]
    [True, False, False]
    """
    limits = re.findall(r"\b(?:QOS|Assoc)[A-Z]\w+", text)
    return bool(limits) and not any("Submit" in limit or "Jobs" in limit for limit in limits)


def exported(options: Sequence[str], ours: Iterable[str]) -> list[str]:
    """Have the job get its environment as the user wants it, but always these variables: it cannot do without them.

    >>> exported(["--nice"], ["RUN"]), exported(["--export=NONE", "--nice"], ["RUN", "JOB"])
    (['--nice', '--export=ALL'], ['--nice', '--export=RUN,JOB'])
    >>> exported(["--export", "ALL,A=1"], ["RUN"]), exported(["--export=HOME,A=1"], ["RUN"])
    (['--export=ALL,A=1'], ['--export=HOME,A=1,RUN'])
    """
    values, rest, words = ["ALL"], list[str](), iter(options)
    for word in words:
        name, _, value = word.partition("=")
        if name == "--export":
            values.append(value or next(words, ""))
        else:
            rest.append(word)
    names = values[-1].split(",")
    if "ALL" not in names:
        names = [*(name for name in names if name not in ("NONE", "NIL", "")), *ours]
    return [*rest, f"--export={','.join(names)}"]


def job_number(text: str) -> str:
    r"""Find the job's number in sbatch's output; on some clusters there is other text before or after it.

    >>> [job_number(text) for text in ("7\n", "7;cluster\n", "Welcome to cluster 3\n\n8\n", "Submitted batch job 9\n")]
    ['7', '7', '8', '9']
    """
    lines = text.splitlines()
    alone = [match[1] for line in lines if (match := re.fullmatch(r"\s*(\d+)(;.*)?", line))]
    told = re.findall(r"Submitted batch job (\d+)", text)
    return next(iter([*alone[-1:], *told[-1:]]), "")


def _plain(text: str) -> str:
    """Remove the prefix that sbatch puts before its reasons."""
    return "; ".join(dict.fromkeys(_NOISE.sub("", line) for line in text.splitlines() if line.strip()))


def say_refused(reason: str, what: str) -> None:
    """Report once per run of snakemake why Slurm refuses a job, and make snakemake start nothing more."""
    try:
        with Path(layout.REFUSED).open("x", encoding="utf-8") as file:
            file.write(refusal_text(reason, what))
    except FileExistsError:
        return
    print(refusal_text(reason, what), file=sys.stderr, flush=True)
    if (run := current_run()) is not None:
        run.terminate()


def refusal_text(reason: str, what: str) -> str:
    """Text for the user."""
    return (
        f"\nError: Slurm does not accept the job for {what}: {reason}\n"
        f"  Fix {layout.SLURM}, then run snakemake again. Nothing has failed, and nothing that is done is lost."
    )


def refusal() -> str | None:
    """Give what was reported in this run of snakemake, if anything."""
    return read(Path(layout.REFUSED))
