"""The arithmetic of Hyperband: which brackets and stages there are, how many configurations, what budget, what cost.

Pure, on integers and exact fractions only: ``log(243, 3)`` is 4.999 in floating point and loses a bracket.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


class PlanError(ValueError):
    """A number that makes no plan; the text says which, and the range."""


@dataclass(frozen=True)
class Stage:
    """One step of a bracket: ``configurations`` trainings with ``budget`` units each."""

    index: int
    configurations: int
    budget: Fraction
    cost: Fraction


@dataclass(frozen=True)
class Bracket:
    """One successive halving, from many configurations with little budget to few with much."""

    index: int
    stages: tuple[Stage, ...]

    @property
    def cost(self) -> Fraction:
        """Cost of all its stages, in the unit of the plan's cost."""
        return sum((stage.cost for stage in self.stages), Fraction(0))


@dataclass(frozen=True)
class Settings:
    """What the user asks for; see `make_plan` for the meaning of each number."""

    smax: int
    eta: int
    repetitions: int = 1
    folds: int = 1
    cost_one_epoch_full_dataset: Fraction = Fraction(1)
    guaranteed_budget: Fraction = Fraction(0)
    last_stage: int | None = None
    retries: int = 1

    @property
    def R(self) -> int:  # noqa: N802 (the paper's letter, and the name that templates know)
        """Largest budget of the search, without the guaranteed one: eta to the power of smax."""
        return int(self.eta**self.smax)

    @property
    def unit_cost(self) -> Fraction:
        """Cost of one unit of budget for one configuration.

        With k folds, one epoch sees (k - 1) / k of the data and is done k times, for each repetition.

        >>> Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028")).unit_cost
        Fraction(63, 1250)
        """
        return self.repetitions * self.cost_one_epoch_full_dataset * max(1, self.folds - 1)


@dataclass(frozen=True)
class Plan:
    """All brackets of one search."""

    settings: Settings
    brackets: tuple[Bracket, ...]

    @property
    def cost(self) -> Fraction:
        """Cost of the whole search, in the unit in which the cost of an epoch was given."""
        return sum((bracket.cost for bracket in self.brackets), Fraction(0))

    @property
    def trainings(self) -> int:
        """Number of trainings of the whole search."""
        return sum(stage.configurations for bracket in self.brackets for stage in bracket.stages)

    @property
    def budget(self) -> Fraction:
        """Budget of all trainings together, in the user's unit."""
        return sum(
            (stage.configurations * stage.budget for bracket in self.brackets for stage in bracket.stages),
            Fraction(0),
        )

    def select(self, indices: Collection[int]) -> "Plan":
        """Keep just the brackets with these numbers; they keep their numbers."""
        return Plan(self.settings, tuple(b for b in self.brackets if not indices or b.index in indices))


LIMITS = {  # name -> (lowest, highest, in words)
    "smax": (0, 20, "the number of brackets less one"),
    "eta": (2, 1000, "one configuration in eta is promoted"),
    "repetitions": (1, 10**6, "repetitions of the cross-validation"),
    "folds": (1, 10**6, "folds of the cross-validation; 1 means none"),
    "cost_one_epoch_full_dataset": (0, 10**15, "the cost of one epoch"),
    "guaranteed_budget": (0, 10**15, "budget added to that of each stage"),
    "last_stage": (0, 10**6, "the last stage to run in each bracket"),
    "retries": (0, 1000, "how often a failed training is tried again"),
}
MOST_CONFIGURATIONS = 1_000_000


def make_plan(settings: Settings) -> Plan:
    """Lay out every bracket of a Hyperband search.

    Follows Algorithm 1 of Li et al., "Hyperband", JMLR 18 (2018), with R = eta ** smax. Bracket b of ours is the
    paper's s = smax - b, so bracket 0 has the most configurations. It starts ``ceil((smax + 1) * eta**s / (s + 1))``
    configurations with ``eta**b`` units of budget; each later stage keeps one in eta (rounded down, never fewer than
    one) and multiplies the budget by eta. Some libraries round ``(smax + 1) / (s + 1)`` down first.

    Args:
        settings: the search; budgets are in the user's unit, ``guaranteed_budget`` is added to that of each stage,
            ``last_stage`` cuts brackets that go further.

    Returns:
        The plan, brackets from the most configurations to the fewest.

    Raises:
        PlanError: a number is out of its range.

    >>> [[s.configurations for s in b.stages] for b in make_plan(Settings(2, 3)).brackets]
    [[9, 3, 1], [5, 1], [3]]
    """
    _check(settings)
    return Plan(settings, tuple(_bracket(settings, b) for b in range(settings.smax + 1)))


def _bracket(settings: Settings, b: int) -> Bracket:
    s = settings.smax - b
    first = -(-(settings.smax + 1) * settings.eta**s // (s + 1))
    last = s if settings.last_stage is None else min(s, settings.last_stage)
    stages = []
    for i in range(last + 1):
        n = max(1, first // settings.eta**i)
        budget = settings.guaranteed_budget + settings.eta ** (b + i)
        stages.append(Stage(i, n, budget, n * budget * settings.unit_cost))
    return Bracket(b, tuple(stages))


def _check(settings: Settings) -> None:
    for name, (low, high, meaning) in LIMITS.items():
        value = getattr(settings, name)
        if value is not None and not low <= value <= high:
            raise PlanError(f"{name} is {number_text(value)}; expected {low} to {high} ({meaning}).")
    s = settings.smax
    if (first := settings.eta**s) > MOST_CONFIGURATIONS:
        raise PlanError(
            f"smax {s} with eta {settings.eta} starts {first:,} configurations in bracket 0; "
            f"expected at most {MOST_CONFIGURATIONS:,}."
        )


def number_text(value: Fraction | float) -> str:
    """Write a number as short decimals: what run.sh gets as its budget.

    >>> number_text(Fraction(9)), number_text(Fraction("4.50")), number_text(Fraction(1, 3))
    ('9', '4.5', '0.3333333333333333')
    """
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    return format(Decimal(repr(float(exact))), "f")
