"""What Slurm is asked for: the file ``slurm.toml`` of a search, and the request for one training of a stage.

An option is a value, or a list of rules of which the last that fits holds: ``["4G", "budget>=27: 16G"]``. A rule looks
at ``bracket``, ``stage`` or ``budget`` with ``=``, ``<``, ``>``, ``<=`` or ``>=``; conditions are joined by ``and``.
"""

import math
import operator
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..plan import Stage
from ..tree import layout
from .units import SlurmError, megabytes_of, parse_duration, slurm_time

FORMAT = 1
MODES = ("steps", "jobs", "executor")
RULED = ("partition", "account", "qos", "time", "mem", "cpus", "gpus", "constraint", "sbatch-extra")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
SHORTEST_LIMIT = 300  # seconds: no time limit that is made from the cost is shorter

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_CONDITION = re.compile(r"\s*(bracket|stage|budget)\s*(<=|>=|=|<|>)\s*(\d+(?:\.\d+)?(?:/\d+)?)\s*")
_RULE = re.compile(r"\s*((?:bracket|stage|budget)\s*[<>=].*?):\s*(.*)")


@dataclass(frozen=True)
class Rule:
    """A value, and the conditions (name, comparison, number) under which it holds."""

    conditions: tuple[tuple[str, str, Fraction], ...]
    value: str

    def fits(self, numbers: Mapping[str, Fraction]) -> bool:
        """Whether all conditions hold for these numbers of bracket, stage and budget."""
        return all(_COMPARE[compare](numbers[name], number) for name, compare, number in self.conditions)

    def __str__(self) -> str:
        """As it is written.

        >>> str(parse_rule("mem", "budget>=1/3 and stage=1:4G"))
        'budget>=1/3 and stage=1: 4G'
        """
        conditions = " and ".join(f"{name}{compare}{number}" for name, compare, number in self.conditions)
        return f"{conditions}: {self.value}" if conditions else self.value


def numbers_of(bracket: int, stage: Stage) -> dict[str, Fraction]:
    """What the conditions of rules are about."""
    return {"bracket": Fraction(bracket), "stage": Fraction(stage.index), "budget": stage.budget}


def parse_rule(option: str, text: str) -> Rule:
    """Read ``VALUE`` or ``CONDITION [and CONDITION]...: VALUE``.

    >>> parse_rule("time", "stage>=3: 12:00:00")
    Rule(conditions=(('stage', '>=', Fraction(3, 1)),), value='12:00:00')
    """
    value, conditions = text.strip(), []
    if match := _RULE.fullmatch(text):
        value = match[2].strip()
        for part in match[1].split(" and "):
            if not (condition := _CONDITION.fullmatch(part)):
                raise SlurmError(f"{option}: {part.strip()!r} is no condition; expected for example stage>=3", option)
            conditions.append((condition[1], condition[2], Fraction(condition[3])))
    _check(option, value)
    return Rule(tuple(conditions), value)


def _check(option: str, value: str) -> None:
    read = {"time": parse_duration, "mem": megabytes_of}.get(option)
    if read is not None and value:
        try:
            read(value)
        except SlurmError as error:
            hint = " (a condition is on stage, bracket or budget: stage>=3)" if re.search("[<>=]", value) else ""
            raise SlurmError(f"{option}: {error}{hint}", option) from None
    elif option == "cpus" and not (value.isdecimal() and int(value) > 0):
        raise SlurmError(f"cpus is {value!r}; expected a whole number from 1", option)
    elif option == "sbatch-extra":
        try:
            shlex.split(value)
        except ValueError as error:
            raise SlurmError(f"sbatch-extra is {value!r}: {error}", option) from None


@dataclass(frozen=True)
class Request:
    """What one training asks for: time limit in seconds and memory in megabytes, None where Slurm's default holds."""

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
        """How many GPUs that is; a kind alone is one.

        >>> [Request(gpus=gpus).gpu_count for gpus in ("", "2", "a100", "a100:2")]
        [0, 2, 1, 2]
        """
        number = self.gpus.rpartition(":")[2]
        return int(number) if number.isdecimal() else int(bool(self.gpus))

    @property
    def step_options(self) -> list[str]:
        """The part that a job step asks for within its allocation."""
        options = [f"--cpus-per-task={self.cpus}", f"--mem={0 if self.megabytes is None else f'{self.megabytes}M'}"]
        options += [] if self.seconds is None else [f"--time={slurm_time(self.seconds)}"]
        return options + [f"--gres=gpu:{self.gpus}"] * bool(self.gpus)

    @property
    def job_options(self) -> list[str]:
        """Options of sbatch; those of ``sbatch-extra`` come last, so they win."""
        names = ("partition", "account", "qos", "constraint")
        options = [f"--{name}={getattr(self, name)}" for name in names if getattr(self, name)]
        options += [option for option in self.step_options if option != "--mem=0"]
        return [*options, *self.extra]


@dataclass(frozen=True)
class SlurmConfig:
    """``slurm.toml`` as a value; see the shipped file for what each option means."""

    mode: str
    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    cost_unit: str = ""
    time_factor: Fraction = Fraction(3)
    min_job_seconds: int = 0
    array: int = 0
    poll_seconds: float = 15

    def request(self, bracket: int, stage: Stage, *, timeouts: int = 0, memory_kills: int = 0) -> Request:
        """Ask for one training of a stage; time and memory double with each attempt that had too little of it."""
        values = {name: self._value(name, bracket, stage) for name in RULED}
        seconds = parse_duration(values["time"]) if values["time"] else self._limit(stage)
        megabytes = megabytes_of(values["mem"]) if values["mem"] else None
        return Request(
            **{name: values[name] for name in ("partition", "account", "qos", "constraint")},
            seconds=None if seconds is None else seconds * 2**timeouts,
            megabytes=None if megabytes is None else megabytes * 2**memory_kills,
            cpus=int(values["cpus"] or 1),
            gpus=values["gpus"] if values["gpus"] != "0" else "",
            extra=tuple(shlex.split(values["sbatch-extra"])),
        )

    def expected_seconds(self, stage: Stage) -> Fraction | None:
        """How long a training of a stage takes by the plan's cost; None if the plan's cost is no time."""
        return stage.cost_each * UNITS[self.cost_unit] if self.cost_unit else None

    def _limit(self, stage: Stage) -> int | None:
        expected = self.expected_seconds(stage)
        return None if expected is None else max(SHORTEST_LIMIT, math.ceil(expected * self.time_factor))

    def _value(self, name: str, bracket: int, stage: Stage) -> str:
        numbers = numbers_of(bracket, stage)
        fitting = [rule.value for rule in self.rules.get(name, ()) if rule.fits(numbers)]
        return fitting[-1] if fitting else ""


def read_slurm(search: Path) -> SlurmConfig | None:
    """Read ``slurm.toml``; None if this search does not use Slurm.

    Raises:
        SlurmError: it cannot be read, or holds something that means nothing; the text names the file.
    """
    path = search / layout.SLURM
    try:
        return slurm_from_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, SlurmError) as error:
        raise SlurmError(f"{path}: {error}. Mend it, or write it anew with `hyband slurm`.") from None


def slurm_from_toml(text: str) -> SlurmConfig:
    r"""Read the text of ``slurm.toml``.

    >>> slurm_from_toml('format = 1\nmode = "jobs"\ncpus = 4').rules["cpus"]
    (Rule(conditions=(), value='4'),)
    """
    data = tomllib.loads(text)
    if data.pop("format", None) != FORMAT:
        raise SlurmError(f"has a format that this search does not know; expected format = {FORMAT}")
    rules = {name: _rules(name, data.pop(name)) for name in RULED if name in data}
    known = {
        "mode": _one_of(MODES, data.pop("mode", "")),
        "cost_unit": _one_of(("", *UNITS), data.pop("cost-unit", "")),
        "time_factor": _number("time-factor", data.pop("time-factor", 3)),
        "min_job_seconds": _seconds("min-job-time", data.pop("min-job-time", "") or "0"),
        "array": int(_number("array", data.pop("array", 0))),
        "poll_seconds": float(_number("poll-seconds", data.pop("poll-seconds", 15))),
    }
    if data:
        raise SlurmError(f"{next(iter(data))!r} is no option; expected one of {', '.join(RULED)}")
    return SlurmConfig(rules=rules, **known)  # type: ignore[arg-type]


def _rules(name: str, value: Any) -> tuple[Rule, ...]:
    return tuple(
        parse_rule(name, str(entry)) for entry in (value if isinstance(value, list) else [value]) if entry != ""
    )


def _one_of(values: tuple[str, ...], value: Any) -> str:
    if value not in values:
        raise SlurmError(f"{value!r} is none of {', '.join(filter(None, values))}")
    return str(value)


def _seconds(name: str, value: Any) -> int:
    try:
        return parse_duration(str(value))
    except SlurmError as error:
        raise SlurmError(f"{name}: {error}", name) from None


def _number(name: str, value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**6:
        raise SlurmError(f"{name} is {value!r}; expected a number", name)
    return Fraction(str(value))
