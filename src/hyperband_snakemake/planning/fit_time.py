"""Searches that fit into a time, if the largest budget, the workers, and the time of a unit of budget are known."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from ..core.plan import Plan, PlanError, Settings, brackets_for, make_plan, short_number
from ..core.plan.units import duration_text
from .simulate import MOST_SIMULATED, NO_WAITS, Schedule, Waits, simulate
from .whole import with_whole_budgets

MOST_REPEATS = 50


@dataclass(frozen=True)
class Candidate:
    """A search that fits: its plan, its schedule, and whether it is bracket 0 alone."""

    plan: Plan
    schedule: Schedule
    alone: bool = False

    @property
    def options(self) -> list[str]:
        """The options for `hyband generate`, except the largest budget."""
        settings = self.plan.settings
        smallest = max(Fraction(1), Fraction(floor(Fraction(settings.R) / settings.eta**settings.smax)))
        words = ["--min-budget", short_number(smallest if settings.min_budget is None else settings.min_budget)]
        words += ["--eta", str(settings.eta)] if settings.eta != 3 else []  # noqa: PLR2004 (the default)
        words += ["--repeat", str(settings.repeat)] if settings.repeat > 1 else []
        return [*words, *(["--bracket", "0"] if self.alone else [])]

    @property
    def text(self) -> str:
        """One line that describes it and the time it takes; costs must be in seconds."""
        stages = {stage.budget for bracket in self.plan.brackets for stage in bracket.stages}
        budgets = ", ".join(map(short_number, sorted(stages)))
        first = sum(bracket.stages[0].configurations for bracket in self.plan.brackets)
        busy = f"workers busy {float(self.schedule.busy):.0%}"
        time = duration_text(round(self.schedule.wall / 60) * 60 or round(self.schedule.wall))
        return f"{first} configurations, {self.plan.trainings} training runs with budgets {budgets}: {time}, {busy}"


def fit_time(
    settings: Settings, seconds: int, workers: int, waits: Callable[[Plan], Waits] = lambda _: NO_WAITS
) -> list[Candidate]:
    """Find the largest search within a time, and if possible one with more configurations and less hedging.

    Args:
        settings: the largest budget and all other settings, with costs in seconds; ``smax`` and ``repeat`` are found.
        seconds: how long the search may take.
        workers: the number of training runs at a time.
        waits: what brackets that learn from others wait for.

    Raises:
        PlanError: not even one training run at the largest budget fits.
    """
    most = brackets_for(Fraction(settings.R), settings.min_budget or Fraction(1), settings.eta)
    plans = [make_plan(with_whole_budgets(replace(settings, smax=smax, repeat=1))) for smax in range(most + 1)]
    whole = list(_fitting(plans, seconds, workers, waits))
    alone = list(_fitting([plan.select([0]) for plan in plans], seconds, workers, waits))
    if not alone:
        least = simulate(plans[0], workers).wall
        one = f"one training run with the largest budget takes {duration_text(round(least))}"
        raise PlanError(f"is {duration_text(seconds)}; {one}.", "within")
    found = []
    if whole:
        plan, schedule = whole[-1]
        found.append(_repeated(Candidate(plan, schedule), seconds, workers, waits))
    if not whole or alone[-1][0].settings.smax > whole[-1][0].settings.smax:
        found.append(Candidate(*alone[-1], alone=True))
    return found


def _fitting(
    plans: list[Plan], seconds: int, workers: int, waits: Callable[[Plan], Waits]
) -> Iterator[tuple[Plan, Schedule]]:
    for plan in plans:
        if plan.cost <= seconds * workers and plan.trainings <= MOST_SIMULATED:
            schedule = simulate(plan, workers, waits(plan))
            if schedule.wall <= seconds:
                yield plan, schedule


def _repeated(one: Candidate, seconds: int, workers: int, waits: Callable[[Plan], Waits]) -> Candidate:
    """Repeat a search as many times as the time allows."""
    number = min(MOST_REPEATS, floor(Fraction(seconds * workers) / one.plan.cost)) if one.plan.cost else 1
    while number > 1:
        plans = [make_plan(replace(one.plan.settings, repeat=number))]
        if fitting := list(_fitting(plans, seconds, workers, waits)):
            return Candidate(*fitting[0])
        number -= 1
    return one
