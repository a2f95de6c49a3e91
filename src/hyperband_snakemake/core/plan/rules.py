"""What one training run may use (time, memory), by rules on its bracket, stage and budget.

An option is a value, or a list of rules; the last matching rule applies: ``["4G", "budget>=27: 16G"]``. A rule compares
``bracket``, ``stage`` or ``budget`` with ``=``, ``<``, ``>``, ``<=`` or ``>=``; conditions are joined by ``and``.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .brackets import Stage
from .units import OptionError, megabytes_of, parse_time_limit

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
SHORTEST_LIMIT = 300  # seconds: the shortest time limit that is derived from the cost
DEFAULT_FACTOR = 3  # time limit / expected time according to the plan's cost

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
    """A value, and the conditions (name, comparison, number) under which it applies."""

    conditions: tuple[tuple[str, str, Fraction], ...]
    value: str

    def fits(self, numbers: Mapping[str, Fraction]) -> bool:
        """Whether all conditions hold for this bracket, stage and budget."""
        return all(_COMPARE[compare](numbers[name], number) for name, compare, number in self.conditions)

    def __str__(self) -> str:
        """The rule as the user writes it.

        >>> str(parse_rule("mem", "budget>=1/3 and stage=1:4G"))
        'budget>=1/3 and stage=1: 4G'
        """
        conditions = " and ".join(f"{name}{compare}{number}" for name, compare, number in self.conditions)
        return f"{conditions}: {self.value}" if conditions else self.value


def numbers_of(bracket: int, stage: Stage) -> dict[str, Fraction]:
    """The numbers that the conditions of rules refer to."""
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
                raise OptionError(
                    f"{option}: {part.strip()!r} is not a valid condition; expected for example stage>=3", option
                )
            conditions.append((condition[1], condition[2], Fraction(condition[3])))
    _check(option, value)
    return Rule(tuple(conditions), value)


def _check(option: str, value: str) -> None:
    read = {"time": parse_time_limit, "mem": megabytes_of}.get(option)
    if read is not None and value:
        try:
            read(value)
        except OptionError as error:
            hint = " (a condition is on stage, bracket or budget: stage>=3)" if re.search("[<>=]", value) else ""
            raise OptionError(f"{option}: {error}{hint}", option) from None


def rules_from(option: str, value: Any) -> tuple[Rule, ...]:
    """Read an option from a file: a value, or a list of rules; an empty text stands for no rule.

    >>> [str(rule) for rule in rules_from("mem", ["4G", "stage>=2:8G", ""])]
    ['4G', 'stage>=2: 8G']
    """
    entries = value if isinstance(value, list) else [value]
    return tuple(parse_rule(option, str(entry)) for entry in entries if entry != "")


def value_for(rules: Sequence[Rule], bracket: int, stage: Stage) -> str:
    """Give the value of the last rule that matches a stage; empty if none does."""
    numbers = numbers_of(bracket, stage)
    return next((rule.value for rule in reversed(rules) if rule.fits(numbers)), "")


def one_of(values: Sequence[str], value: Any) -> str:
    """Give ``value`` if it is one of these; OptionError if it is not."""
    if value not in values:
        raise OptionError(f"{value!r} is not one of {', '.join(filter(None, values))}")
    return str(value)


def number_from(option: str, value: Any) -> Fraction:
    """Read a number from an option file."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**6:
        raise OptionError(f"{option} is {value!r}; expected a number", option)
    return Fraction(str(value))


@dataclass(frozen=True)
class Limit:
    """What one training run may use: time in seconds (0: no limit) and memory in megabytes; None: not specified."""

    seconds: int | None = None
    megabytes: int | None = None


@dataclass(frozen=True)
class Limits:
    """What the training runs of a search may use; without a rule for time, the limit follows from the plan's cost."""

    time: tuple[Rule, ...] = ()
    mem: tuple[Rule, ...] = ()
    cost_unit: str = ""
    time_factor: Fraction = Fraction(DEFAULT_FACTOR)

    def of(self, bracket: int, stage: Stage, *, timeouts: int = 0, memory_kills: int = 0) -> Limit:
        """Give the limit of one run of a stage; it doubles with each attempt for which it was too low.

        >>> limits = Limits(rules_from("time", "2h"), rules_from("mem", "4G"))
        >>> limits.of(0, Stage(0, 9, Fraction(1), Fraction(9)), timeouts=1)
        Limit(seconds=14400, megabytes=4096)
        """
        time, mem = value_for(self.time, bracket, stage), value_for(self.mem, bracket, stage)
        seconds = parse_time_limit(time) if time else self._from_cost(stage)
        megabytes = megabytes_of(mem) if mem else None
        return Limit(
            None if seconds is None else seconds * 2**timeouts,
            None if megabytes is None else megabytes * 2**memory_kills,
        )

    def expected_seconds(self, stage: Stage) -> Fraction | None:
        """How long a training run of a stage should take by the plan's cost; None if that cost is not a time."""
        return stage.cost_each * UNITS[self.cost_unit] if self.cost_unit else None

    def _from_cost(self, stage: Stage) -> int | None:
        expected = self.expected_seconds(stage)
        return None if expected is None else max(SHORTEST_LIMIT, math.ceil(expected * self.time_factor))
