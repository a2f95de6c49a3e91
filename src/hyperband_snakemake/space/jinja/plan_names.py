"""The plan as templates see it: our names, and those of the original tool.

Each class wraps one of ours and adds the original's names: ``search.B``, ``bracket.id``, ``stage.configs``. In the
original, ``cost()`` is a function; here ``cost`` is a number as well.
"""

import re
from dataclasses import fields
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

from ...core.plan import Bracket, Plan, Settings, Stage

_UNKNOWN = re.compile(r"'[\w.]*\.(Search|Bracket|Stage)Names object' has no attribute '(\w+)'")


class Cost(Fraction):
    """A cost: a number, which can also be called as in the original, where it excludes the guaranteed budget."""

    called: float

    def __new__(cls, cost: Fraction, called: Fraction) -> Self:
        """Make it from both costs."""
        new = super().__new__(cls, cost)
        new.called = float(called)
        return new

    def __call__(self) -> float:
        """Give the cost as the original does."""
        return self.called


class SearchNames:
    """The name ``search``: all settings, and the attributes of the original's object of this name."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._settings: Settings = plan.settings
        self.brackets = [BracketNames(self, bracket) for bracket in plan.brackets]

    def __getattr__(self, name: str) -> Any:
        """Give an attribute of `Settings`."""
        return _of(self, "_settings", name)

    @property
    def B(self) -> Fraction | int:  # noqa: N802 (the paper's letter)
        """Budget of a bracket."""
        return self._settings.R * (self._settings.smax + 1)

    @property
    def unit_time(self) -> float:
        """Cost of one unit of budget, with all repetitions and folds."""
        return float(self._settings.unit_cost)

    @property
    def cost(self) -> Cost:
        """Cost of all brackets that the search has."""
        return Cost(self._plan.cost, sum((Fraction(b.cost()) for b in self.brackets), Fraction(0)))


class BracketNames:
    """One of ``brackets``."""

    def __init__(self, search: SearchNames, bracket: Bracket) -> None:
        self.search, self._bracket = search, bracket
        above = [*bracket.stages[1:], None]
        self.stages = tuple(StageNames(search, *pair) for pair in zip(bracket.stages, above, strict=True))

    def __getattr__(self, name: str) -> Any:
        """Give an attribute of `Bracket`."""
        return _of(self, "_bracket", name)

    @property
    def id(self) -> int:
        """Its number."""
        return self._bracket.index

    @property
    def s(self) -> int:
        """Its number in the paper: how many stages there are above its first, up to the largest budget."""
        smax: int = self.search.smax
        return smax - self._bracket.index % (smax + 1)

    @property
    def eta(self) -> int:
        """1/eta of the configurations are promoted."""
        eta: int = self.search.eta
        return eta

    @property
    def n(self) -> int:
        """How many configurations it starts with."""
        return self.stages[0].n

    @property
    def r(self) -> float | int:
        """Budget of its first stage, without the guaranteed budget."""
        return self.stages[0].r

    @property
    def max_stage(self) -> int:
        """How many stages it has."""
        return len(self.stages)

    @property
    def num_best(self) -> int:
        """How many configurations its last stage has."""
        return self.stages[-1].n

    @cached_property
    def cost(self) -> Cost:
        """Cost of all its stages."""
        return Cost(self._bracket.cost, sum((Fraction(stage.cost()) for stage in self.stages), Fraction(0)))


class StageNames:
    """One of the ``stages`` of a bracket."""

    def __init__(self, search: SearchNames, stage: Stage, above: Stage | None) -> None:
        self._search, self._stage, self._above = search, stage, above

    def __getattr__(self, name: str) -> Any:
        """Give an attribute of `Stage`."""
        return _of(self, "_stage", name)

    @property
    def id(self) -> int:
        """Its number."""
        return self._stage.index

    @property
    def n(self) -> int:
        """How many configurations it has."""
        return self._stage.configurations

    @property
    def configs(self) -> int:
        """How many configurations it has."""
        return self._stage.configurations

    @property
    def r(self) -> float | int:
        """Budget without the guaranteed budget."""
        return _plain(self._stage.budget - self._search.guaranteed_budget)

    @property
    def budget(self) -> Fraction:
        """Its whole budget."""
        return self._stage.budget

    @property
    def promote_count(self) -> int:
        """How many configurations go to the next stage."""
        return 0 if self._above is None else self._above.configurations

    @property
    def promote_epochs(self) -> Fraction | None:
        """Budget of the next stage."""
        return None if self._above is None else self._above.budget

    @property
    def cost(self) -> Cost:
        """Cost of all its training runs."""
        each = self._search.unit_cost_at(self._stage.index)
        return Cost(self._stage.cost, self.n * (self._stage.budget - self._search.guaranteed_budget) * each)


def with_names(message: str) -> str:
    """Extend an error about a missing attribute of one of these by the names that exist.

    >>> with_names("'space.BracketNames object' has no attribute 'm'").partition(" max_stage,")[0]
    "a bracket has no 'm', but ahead, budget, cost, eta, id, index,"
    """
    if not (match := _UNKNOWN.search(message)):
        return message
    kinds: dict[str, tuple[str, type, type]] = {
        "Search": ("search", SearchNames, Settings),
        "Bracket": ("a bracket", BracketNames, Bracket),
        "Stage": ("a stage", StageNames, Stage),
    }
    what, here, there = kinds[match[1]]
    known = {name for one in (here, there) for name in vars(one)} | {field.name for field in fields(there)}
    names = sorted({name for name in known if not name.startswith("_")} | _MORE.get(match[1], set()))
    return f"{what} has no '{match[2]}', but {', '.join(names)}"


_MORE = {"Search": {"brackets"}, "Bracket": {"stages", "search"}}  # set by their constructors


def _plain(number: Fraction) -> float | int:
    return int(number) if number.denominator == 1 else float(number)


def _of(names: object, inner: str, name: str) -> Any:
    """Look up a name in the wrapped object; the error lists the existing names."""
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(vars(names)[inner], name)
