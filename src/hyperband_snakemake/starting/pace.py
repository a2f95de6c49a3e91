"""How long a whole search will take, by one training run that was tried."""

from fractions import Fraction

from ..core.plan import Plan, counted, number_text, short_number
from ..core.plan.units import duration_text
from ..planning.simulate import MOST_SIMULATED, simulate
from ..snapshot.scan import scan
from .trial import Trial

_LONG = 600  # seconds; what takes longer is given in minutes


def pace_text(trial: Trial, seconds: float, workers: int) -> str:
    """Say how long the search of a trial will take, and how to have its times in the plan.

    Args:
        trial: what was tried.
        seconds: that it took.
        workers: training runs at a time.
    """
    snapshot = scan(trial.search)
    plan, settings = snapshot.plan, snapshot.plan.settings
    of_unit = Fraction(seconds) / Fraction(trial.budget)
    factor = (
        settings.unit_cost_at(0) / settings.cost_one_epoch_full_dataset if settings.cost_one_epoch_full_dataset else 0
    )
    if trial.stage.fold_names:
        factor = Fraction(factor, len(trial.stage.fold_names))
    what = f"{counted(plan.trainings, 'training run')} with budget {short_number(plan.budget)} in all"
    largest = number_text(max(bracket.stages[-1].budget for bracket in plan.brackets))
    is_small, lines = trial.budget != largest, []
    if (takes := _wall(plan, of_unit, trial, workers)) is not None:
        lines.append(
            f"At this pace the whole search, {what}, takes about {_time(takes)}, {workers} at a time (--workers)."
            + (f" Less, if a part of these {seconds:.3g} s is start-up: --budget {largest} tells." if is_small else "")
        )
    if factor:
        cost = f"--cost-one-epoch-full-dataset {float(of_unit / factor):.3g} --cost-unit seconds"
        lines.append(f"To have times in the plan, generate the search with {cost}.")
    return "\n".join(lines)


def _wall(plan: Plan, of_unit: Fraction, trial: Trial, workers: int) -> Fraction | None:
    """Give the seconds of the whole search, if all of the time of a training run is that of its budget."""
    if plan.trainings > MOST_SIMULATED or not trial.stage.spends or not trial.stage.cost_each:
        return None
    of_cost = of_unit * trial.stage.spends / trial.stage.cost_each
    return simulate(plan, workers).wall * of_cost


def _time(seconds: Fraction) -> str:
    return duration_text(round(seconds / 60) * 60 if seconds > _LONG else max(1, round(seconds)))
