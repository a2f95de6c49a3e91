"""What to request from Slurm: the file ``slurm.toml`` of a search, and the request for one training run of a stage."""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from typing import Any

from ..disk.files import read
from ..plan import Stage
from ..plan.optionfile import options_from, read_options
from ..plan.rules import DEFAULT_FACTOR, UNITS, Limits, Rule, number_from, one_of, rules_from, value_for
from ..plan.units import OptionError, parse_duration, slurm_time
from ..tree import layout
from ..tree.environment import BRACKET, STAGE
from ..tree.planfile import read_plan
from .notice import notice_of

MODES = ("steps", "jobs", "executor")
RULED = ("partition", "account", "qos", "time", "mem", "cpus", "gpus", "constraint", "sbatch-extra")


@dataclass(frozen=True)
class Request:
    """What one run requests: time limit in seconds (0: none), memory in megabytes, and so on; None: Slurm's default."""

    partition: str = ""
    account: str = ""
    qos: str = ""
    constraint: str = ""
    seconds: int | None = None
    megabytes: int | None = None
    cpus: int = 1
    gpus: str = ""
    extra: tuple[str, ...] = ()

    @property
    def gpu_count(self) -> int:
        """The number of GPUs; a type without a number means one.

        >>> [Request(gpus=gpus).gpu_count for gpus in ("", "2", "a100", "a100:2")]
        [0, 2, 1, 2]
        """
        number = self.gpus.rpartition(":")[2]
        return int(number) if number.isdecimal() else int(bool(self.gpus))

    @property
    def step_options(self) -> list[str]:
        """The part that a job step requests within its allocation."""
        options = [f"--cpus-per-task={self.cpus}", f"--mem={0 if self.megabytes is None else f'{self.megabytes}M'}"]
        options += [] if self.seconds is None else [f"--time={slurm_time(self.seconds)}"]
        return options + [f"--gres=gpu:{self.gpus}"] * bool(self.gpus)

    @property
    def job_options(self) -> list[str]:
        """Options for sbatch; those in ``sbatch-extra`` come last, so they win."""
        names = ("partition", "account", "qos", "constraint")
        options = [f"--{name}={getattr(self, name)}" for name in names if getattr(self, name)]
        options += [option for option in self.step_options if option != "--mem=0"]
        return [*options, *self.extra]

    def without(self, nodes: Sequence[str]) -> "Request":
        """Exclude these nodes and those in ``sbatch-extra``, merged: of two such options, only the last counts.

        >>> Request(extra=("-x", "n1", "--exclude=n2", "--nice")).without(["n3"]).extra
        ('--nice', '--exclude=n1,n2,n3')
        """
        if not nodes:
            return self
        excluded, rest = excluded_by(self.extra)
        return replace(self, extra=(*rest, f"--exclude={','.join([*excluded, *nodes])}"))


@dataclass(frozen=True)
class SlurmConfig:
    """``slurm.toml`` as a value; the file's template explains the options."""

    mode: str
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    cost_unit: str = ""
    time_factor: Fraction = Fraction(DEFAULT_FACTOR)
    min_job_seconds: int = 0
    array: int = 0
    poll_seconds: float = 15

    def request(self, bracket: int, stage: Stage, *, timeouts: int = 0, memory_kills: int = 0) -> Request:
        """Request for one training run of a stage; time and memory double after each attempt that ran out of them."""
        values = {name: value_for(self.rules.get(name, ()), bracket, stage) for name in RULED}
        limit = self._limits.of(bracket, stage, timeouts=timeouts, memory_kills=memory_kills)
        return Request(
            **{name: values[name] for name in ("partition", "account", "qos", "constraint")},
            seconds=limit.seconds,
            megabytes=limit.megabytes,
            cpus=int(values["cpus"] or 1),
            gpus=values["gpus"] if values["gpus"] != "0" else "",
            extra=tuple(shlex.split(values["sbatch-extra"])),
        )

    def expected_seconds(self, stage: Stage) -> Fraction | None:
        """How long a training run of a stage takes by the plan's cost; None if the plan's cost is not a time."""
        return self._limits.expected_seconds(stage)

    @property
    def _limits(self) -> Limits:
        return Limits(self.rules.get("time", ()), self.rules.get("mem", ()), self.cost_unit, self.time_factor)


def read_slurm(search: Path) -> SlurmConfig | None:
    """Read ``slurm.toml``; None if this search does not use Slurm.

    Raises:
        OptionError: it cannot be read, or something in it is not valid; the text names the file.
    """
    return read_options(search / layout.SLURM, slurm_from_toml, "hyband slurm")


def excluded_by(options: Iterable[str]) -> tuple[list[str], list[str]]:
    """Split sbatch options into the nodes that they exclude and the other options.

    If a file lists the nodes (its name has a slash), it is read here, because only one list can be passed.

    >>> excluded_by(["-xn1", "--exclude", "n[2-4,7]", "--nice", "--exclude=./no-such-file"])
    (['n1', 'n[2-4,7]', './no-such-file'], ['--nice'])
    """
    nodes, rest, words = list[str](), list[str](), iter(options)
    for word in words:
        if word in ("-x", "--exclude"):
            nodes.append(_nodes_in(next(words, "")))
        elif word.startswith("--exclude="):
            nodes.append(_nodes_in(word.partition("=")[2]))
        elif word.startswith("-x"):
            nodes.append(_nodes_in(word[2:]))
        else:
            rest.append(word)
    return [names for names in nodes if names], rest


def _nodes_in(value: str) -> str:
    names = read(Path(value)) if "/" in value else None
    return value if names is None else ",".join(filter(None, (word.strip(",") for word in names.split())))


def options_of_script(path: Path) -> list[str]:
    """Give the options in a script's ``#SBATCH`` lines, which command-line options override."""
    words = list[str]()
    for line in takewhile(lambda line: line.startswith("#") or not line.strip(), (read(path) or "").splitlines()):
        if line.startswith("#SBATCH"):
            with suppress(ValueError):  # Slurm reports what is wrong with it
                words += shlex.split(line.removeprefix("#SBATCH"), comments=True)
    return words


def clusters_of(search: Path) -> str:
    """Name the clusters that the jobs of a search are sent to, with commas between; empty: none but this one.

    They are given with ``-M``, in ``sbatch-extra`` or job.sh, or by sbatch's variable.
    """
    try:
        slurm = read_slurm(search)
    except OptionError:  # it is said where a job is to be submitted
        slurm = None
    rules = slurm.rules.get("sbatch-extra", ()) if slurm else ()
    options = [*(shlex.split(rule.value) for rule in rules), options_of_script(search / layout.JOB_SCRIPT)]
    names = [name for words in options for name in _clusters_in(words)]
    return ",".join(dict.fromkeys(filter(None, [*names, os.environ.get("SBATCH_CLUSTERS", "")])))


def _clusters_in(options: Sequence[str]) -> Iterator[str]:
    """Find the values of an option.

    >>> list(_clusters_in(["-M", "a", "-Mb", "--clusters=c", "--cluster", "d", "--cluster-constraint=x", "--mem=1"]))
    ['a', 'b', 'c', 'd']
    """
    for word, after in zip(options, [*options[1:], ""], strict=False):
        name, _, value = word.partition("=")
        if name in ("-M", "--cluster", "--clusters"):
            yield value or after
        elif word.startswith("-M"):
            yield word[2:]


def announced_signal() -> str:
    """Name the warning signal for the stage in the environment; empty if Slurm is not asked for one."""
    try:
        slurm = read_slurm(Path())
    except OptionError:  # a mistake made since the job was submitted; reported when the next one is submitted
        slurm = None
    if slurm is None or BRACKET not in os.environ:
        return ""
    bracket, stage = int(os.environ[BRACKET]), int(os.environ[STAGE])
    notice = notice_of(slurm.request(bracket, read_plan(Path()).stage(bracket, stage)).extra)
    return notice.signal if notice else ""


def slurm_from_toml(text: str) -> SlurmConfig:
    r"""Read the text of ``slurm.toml``.

    >>> slurm_from_toml('format = 1\nmode = "jobs"\ncpus = 4').rules["cpus"]
    (Rule(conditions=(), value='4'),)
    """
    data = options_from(text)
    rules = {name: rules_from(name, data.pop(name)) for name in RULED if name in data}
    _check_others(rules)
    known = {
        "mode": one_of(MODES, data.pop("mode", "")),
        "cost_unit": one_of(("", *UNITS), data.pop("cost-unit", "")),
        "time_factor": number_from("time-factor", data.pop("time-factor", DEFAULT_FACTOR)),
        "min_job_seconds": _seconds("min-job-time", data.pop("min-job-time", "") or "0"),
        "array": int(number_from("array", data.pop("array", 0))),
        "poll_seconds": float(number_from("poll-seconds", data.pop("poll-seconds", 15))),
    }
    if data:
        raise OptionError(f"{next(iter(data))!r} is not an option; expected one of {', '.join(RULED)}")
    return SlurmConfig(rules=rules, **known)  # type: ignore[arg-type]


def _check_others(rules: Mapping[str, tuple[Rule, ...]]) -> None:
    """Check the values that only Slurm uses."""
    for rule in rules.get("cpus", ()):
        if not (rule.value.isdecimal() and int(rule.value) > 0):
            raise OptionError(f"cpus is {rule.value!r}; expected a whole number from 1", "cpus")
    for rule in rules.get("sbatch-extra", ()):
        try:
            notice_of(shlex.split(rule.value))
        except OptionError:
            raise
        except ValueError as error:
            raise OptionError(f"sbatch-extra is {rule.value!r}: {error}", "sbatch-extra") from None


def _seconds(name: str, value: Any) -> int:
    try:
        return parse_duration(str(value))
    except OptionError as error:
        raise OptionError(f"{name}: {error}", name) from None
