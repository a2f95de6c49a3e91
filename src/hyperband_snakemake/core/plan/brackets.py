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

    ``added`` is what a configuration spends if it continues from the stage below; None: all of its budget. With
    ``repetitions`` each of its ``folds`` in each of them is a separate training run.
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
        """Folds that are separate training runs: "REPETITION-FOLD", each from 0; none: each configuration is one."""
        return tuple(f"{r}-{f}" for r in range(self.repetitions) for f in range(self.folds))

    @property
    def run_names(self) -> tuple[str, ...]:
        """All training runs of the stage, each as `layout.Slot.name_in_stage` writes it."""
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
        """Budget that its training runs spend together."""
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
        """Cost of one configuration's way from this stage to the last, in the unit of the plan's cost."""
        return sum((later.cost_each for later in self.stages[stage:]), Fraction(0))

    @property
    def trainings(self) -> int:
        """Number of its training runs."""
        return sum(stage.trainings for stage in self.stages)

    @property
    def slots(self) -> int:
        """Number of its slots: configurations, in all stages."""
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
        """Cost of the whole search, in the unit in which the cost of an epoch was given."""
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
        """Number of slots: configurations, in all stages."""
        return sum(bracket.slots for bracket in self.brackets)

    @property
    def budget(self) -> Fraction:
        """Budget of all training runs together, in the user's unit."""
        return sum((bracket.budget for bracket in self.brackets), Fraction(0))

    def bracket(self, index: int) -> Bracket:
        """Give the bracket with this number; a plan of selected brackets does not have all. KeyError if it has not."""
        for bracket in self.brackets:
            if bracket.index == index:
                return bracket
        raise KeyError(index)

    def stage(self, bracket: int, stage: int) -> Stage:
        """Give a stage by the numbers of its bracket and of itself.

        >>> make_plan(Settings(2, 3)).stage(1, 0).configurations
        5
        """
        return self.bracket(bracket).stages[stage]

    def select(self, indices: Collection[int]) -> "Plan":
        """Keep just the brackets with these numbers; they keep their numbers."""
        return Plan(self.settings, tuple(b for b in self.brackets if not indices or b.index in indices))

    def without_resuming(self) -> "Plan | None":
        """Give the same search with each training run from the beginning, if this one resumes."""
        if not self.settings.resume:
            return None
        settings = replace(self.settings, resume=False)
        whole = (replace(b, stages=tuple(_whole(settings, s) for s in b.stages)) for b in self.brackets)
        return Plan(settings, tuple(whole))


def make_plan(settings: Settings) -> Plan:
    """Lay out every bracket of a Hyperband search.

    Follows Algorithm 1 of Li et al., "Hyperband", JMLR 18 (2018), with R = eta ** smax. Bracket b of ours is the
    paper's s = smax - b, so bracket 0 has the most configurations. It starts ``ceil((smax + 1) * eta**s / (s + 1))``
    configurations; each later stage keeps one in eta (rounded down, never fewer than one). The last stage of each
    bracket has the budget R, and each stage below it one eta-th of the next. With ``bracket_sizes="floor"``, bracket b
    starts ``floor((smax + 1) / (s + 1)) * eta**s``, as many libraries do.

    Args:
        settings: the search; budgets are in the user's unit, ``guaranteed_budget`` is added to that of each stage,
            ``last_stage`` cuts brackets that go further, ``repeat`` adds as many more iterations of all brackets.

    Returns:
        The plan, brackets from the most configurations to the fewest.

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
    """Give a stage its cost; ``below`` is the budget of the stage that it follows, if it follows one."""
    repetitions, added = settings.repetitions_at(index), None
    if settings.resume and below is not None:  # repetitions that are new have nothing to continue from
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
    """How many configurations a bracket starts that has ``s`` stages above its first.

    >>> [first_configurations(Settings(4, 3, bracket_sizes="floor"), s) for s in (4, 3, 2, 1, 0)]
    [81, 27, 9, 6, 5]
    """
    if settings.bracket_sizes == "floor":
        return int((settings.smax + 1) // (s + 1) * settings.eta**s)
    return int(-(-(settings.smax + 1) * settings.eta**s // (s + 1)))


def stage_budget(settings: Settings, above: int) -> Fraction:
    """Budget of a stage that has so many stages above it up to R, without the guaranteed budget.

    >>> [str(stage_budget(Settings(4, 3, max_budget=Fraction(100)), above)) for above in range(5)]
    ['100', '100/3', '100/9', '100/27', '100/81']
    """
    exact = Fraction(settings.R) / int(settings.eta**above)
    if not settings.integer_budgets:
        return exact
    return Fraction(max(1, floor(exact + Fraction(1, 2)), ceil(settings.min_budget or 0)))


def brackets_for(max_budget: Fraction, min_budget: Fraction, eta: int) -> int:
    """Give smax: the most stages above the first that R allows if no stage is to get less than ``min_budget``.

    >>> brackets_for(Fraction(100), Fraction(1), 3), brackets_for(Fraction(1), Fraction(1, 81), 3)
    (4, 4)
    """
    smax = 0
    while min_budget * eta ** (smax + 1) <= max_budget and smax < HIGHEST_SMAX:
        smax += 1
    return smax
