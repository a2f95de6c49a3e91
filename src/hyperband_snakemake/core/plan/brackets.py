"""The arithmetic of Hyperband: which brackets and stages there are, how many configurations, what budget, what cost.

Pure, on integers and exact fractions only: ``log(243, 3)`` is 4.999 in floating point and loses a bracket.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from .limits import HIGHEST_SMAX, PlanError, check_settings
from .settings import Settings


@dataclass(frozen=True)
class Stage:
    """One step of a bracket: ``configurations`` training runs up to ``budget`` units each.

    ``added`` is what a configuration spends if it continues from the stage below; None means all of its budget. With
    ``repetitions``, each fold of each repetition is a separate training run.
    """

    index: int
    configurations: int
    budget: Fraction
    cost: Fraction
    added: Fraction | None = None
    repetitions: int = 0
    folds: int = 0

    @property
    def fold_names(self) -> tuple[str, ...]:
        """Folds that are separate training runs ("REPETITION-FOLD", from 0); empty if a configuration is one run."""
        return tuple(f"{r}-{f}" for r in range(self.repetitions) for f in range(self.folds))

    @property
    def run_names(self) -> tuple[str, ...]:
        """Names of all training runs of the stage, as `layout.Slot.name_in_stage` writes them."""
        if not self.repetitions:
            return tuple(map(str, range(self.configurations)))
        return tuple(f"{c}/fold-{part}" for c in range(self.configurations) for part in self.fold_names)

    @property
    def trainings(self) -> int:
        """Number of its training runs."""
        return self.configurations * max(1, self.repetitions * self.folds)

    @property
    def spends(self) -> Fraction:
        """Budget that one training run spends, in the user's unit."""
        return self.budget if self.added is None else self.added

    @property
    def spends_in_all(self) -> Fraction:
        """Budget that its training runs spend in total."""
        return self.configurations * self.spends

    @property
    def cost_each(self) -> Fraction:
        """Cost of one training run, in the unit of the plan's cost."""
        return self.cost / self.trainings


@dataclass(frozen=True)
class Bracket:
    """One successive halving, from many configurations with little budget to few with much."""

    index: int
    stages: tuple[Stage, ...]

    @property
    def cost(self) -> Fraction:
        """Cost of all its stages, in the unit of the plan's cost."""
        return sum((stage.cost for stage in self.stages), Fraction(0))

    def ahead(self, stage: int) -> Fraction:
        """Cost of taking one configuration from this stage to the last, in the unit of the plan's cost."""
        return sum((later.cost_each for later in self.stages[stage:]), Fraction(0))

    @property
    def trainings(self) -> int:
        """Number of its training runs."""
        return sum(stage.trainings for stage in self.stages)

    @property
    def slots(self) -> int:
        """Number of its slots (configurations in all stages)."""
        return sum(stage.configurations for stage in self.stages)

    @property
    def budget(self) -> Fraction:
        """Budget of all its training runs together, in the user's unit."""
        return sum((stage.spends_in_all for stage in self.stages), Fraction(0))


@dataclass(frozen=True)
class Plan:
    """All brackets of one search."""

    settings: Settings
    brackets: tuple[Bracket, ...]

    @property
    def cost(self) -> Fraction:
        """Cost of the whole search, in the unit of the given cost of an epoch."""
        return sum((bracket.cost for bracket in self.brackets), Fraction(0))

    @property
    def top(self) -> Fraction:
        """The largest budget of any stage, in the user's unit."""
        return max(stage.budget for bracket in self.brackets for stage in bracket.stages)

    @property
    def trainings(self) -> int:
        """Number of training runs of the whole search."""
        return sum(bracket.trainings for bracket in self.brackets)

    @property
    def slots(self) -> int:
        """Number of slots (configurations in all stages)."""
        return sum(bracket.slots for bracket in self.brackets)

    @property
    def budget(self) -> Fraction:
        """Budget of all training runs together, in the user's unit."""
        return sum((bracket.budget for bracket in self.brackets), Fraction(0))

    def bracket(self, index: int) -> Bracket:
        """Give the bracket with this number; KeyError if it is not in the plan, which may have only some brackets."""
        for bracket in self.brackets:
            if bracket.index == index:
                return bracket
        raise KeyError(index)

    def stage(self, bracket: int, stage: int) -> Stage:
        """Give a stage by bracket number and stage number.

        >>> make_plan(Settings(2, 3)).stage(1, 0).configurations
        5
        """
        return self.bracket(bracket).stages[stage]

    def select(self, indices: Collection[int]) -> "Plan":
        """Keep only the brackets with these numbers; they are not renumbered."""
        return Plan(self.settings, tuple(b for b in self.brackets if not indices or b.index in indices))

    def without_resuming(self) -> "Plan | None":
        """Give the same search without resuming: each training run starts from the beginning."""
        if not self.settings.resume:
            return None
        settings = replace(self.settings, resume=False)
        whole = (replace(b, stages=tuple(_whole(settings, s) for s in b.stages)) for b in self.brackets)
        return Plan(settings, tuple(whole))


def make_plan(settings: Settings) -> Plan:
    """Lay out every bracket of a Hyperband search.

    Follows Algorithm 1 of Li et al., "Hyperband", JMLR 18 (2018), with R = eta ** smax. Our bracket b is the
    paper's s = smax - b, so bracket 0 has the most configurations. It starts ``ceil((smax + 1) * eta**s / (s + 1))``
    configurations; each later stage keeps 1/eta of them (rounded down, at least one). The last stage of each
    bracket has the budget R, and each stage below it 1/eta of the next. With ``bracket_sizes="floor"``, bracket b
    starts ``floor((smax + 1) / (s + 1)) * eta**s``, as many libraries do.

    Args:
        settings: the search; budgets are in the user's unit, ``guaranteed_budget`` is added to every stage's budget,
            ``last_stage`` cuts longer brackets short, ``repeat`` is the number of iterations of all brackets.

    Returns:
        The plan; its brackets are ordered from the most configurations to the fewest.

    Raises:
        PlanError: a number is out of its range.

    >>> [[s.configurations for s in b.stages] for b in make_plan(Settings(2, 3)).brackets]
    [[9, 3, 1], [5, 1], [3]]
    """
    check_settings(settings)
    each = settings.smax + 1
    return Plan(settings, tuple(_bracket(settings, b % each, b) for b in range(settings.repeat * each)))


def _bracket(settings: Settings, b: int, index: int) -> Bracket:
    s = settings.smax - b
    first = first_configurations(settings, s)
    last = s if settings.last_stage is None else min(s, settings.last_stage)
    stages: list[Stage] = []
    for i in range(last + 1):
        n = max(1, first // settings.eta**i)
        budget = settings.guaranteed_budget + stage_budget(settings, s - i)
        if stages and budget <= stages[-1].budget:
            raise PlanError(f"gives stages {i - 1} and {i} of bracket {index} the same budget.", "integer_budgets")
        stages.append(make_stage(settings, i, n, budget, stages[-1].budget if stages else None))
    return Bracket(index, tuple(stages))


def make_stage(settings: Settings, index: int, configurations: int, budget: Fraction, below: Fraction | None) -> Stage:
    """Make a stage, with its cost; ``below`` is the budget of the stage before it, if there is one."""
    repetitions, added = settings.repetitions_at(index), None
    if settings.resume and below is not None:  # new repetitions have nothing to continue from
        new = repetitions - settings.repetitions_at(index - 1)
        added = budget - below * Fraction(repetitions - new, repetitions)
    spends = budget if added is None else added
    apart = (repetitions, settings.folds) if settings.parallel_folds else (0, 0)
    stage = Stage(index, configurations, budget, Fraction(0), added, *apart)
    cost = configurations * spends * settings.unit_cost_at(index) + stage.trainings * settings.start_cost
    return replace(stage, cost=cost)


def _whole(settings: Settings, stage: Stage) -> Stage:
    return make_stage(settings, stage.index, stage.configurations, stage.budget, None)


def first_configurations(settings: Settings, s: int) -> int:
    """How many configurations a bracket starts with if it has ``s`` stages above its first.

    >>> [first_configurations(Settings(4, 3, bracket_sizes="floor"), s) for s in (4, 3, 2, 1, 0)]
    [81, 27, 9, 6, 5]
    """
    if settings.bracket_sizes == "floor":
        return int((settings.smax + 1) // (s + 1) * settings.eta**s)
    return int(-(-(settings.smax + 1) * settings.eta**s // (s + 1)))


def stage_budget(settings: Settings, above: int) -> Fraction:
    """Budget of a stage with this many stages above it, without the guaranteed budget.

    >>> [str(stage_budget(Settings(4, 3, max_budget=Fraction(100)), above)) for above in range(5)]
    ['100', '100/3', '100/9', '100/27', '100/81']
    """
    exact = Fraction(settings.R) / int(settings.eta**above)
    if not settings.integer_budgets:
        return exact
    return Fraction(max(1, floor(exact + Fraction(1, 2)), ceil(settings.min_budget or 0)))


def brackets_for(max_budget: Fraction, min_budget: Fraction, eta: int) -> int:
    """Give smax: the most stages above the first that R allows if no stage may get less than ``min_budget``.

    >>> brackets_for(Fraction(100), Fraction(1), 3), brackets_for(Fraction(1), Fraction(1, 81), 3)
    (4, 4)
    """
    smax = 0
    while min_budget * eta ** (smax + 1) <= max_budget and smax < HIGHEST_SMAX:
        smax += 1
    return smax
