"""How long a whole search will take, judged by one trial run."""

from fractions import Fraction

from ..core.plan import Plan, counted, number_text, short_number
from ..core.plan.units import duration_text
from ..planning.simulate import MOST_SIMULATED, simulate
from ..snapshot.scan import scan
from .trial import Trial

_MORE_THAN_ONE, _CROWDED = 1.4, 1.2  # cores kept busy by one run; ratio to the available cores
_LONG = 600  # seconds; longer times are given in minutes


def pace_text(trial: Trial, seconds: float, workers: int) -> str:
    """Say how long the search will take, judged by a trial, and how to get times into its plan.

    Args:
        trial: the trial.
        seconds: how long it took.
        workers: the number of training runs at a time.
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
        least = _time(Fraction(seconds) * plan.trainings / workers)
        lines.append(
            f"At this pace the whole search, {what}, takes about {_time(takes)}, {workers} at a time (--workers)."
            + (f" Only {least}, if these {seconds:.3g} s are start-up: --budget {largest} tells." if is_small else "")
        )
    if factor:
        cost = f"--cost-one-epoch-full-dataset {float(of_unit / factor):.3g} --cost-unit seconds"
        lines.append(f"To have times in the plan, generate the search with {cost}.")
    return "\n".join(lines)


def crowding_text(cores: float, workers: int, available: int) -> str:
    """Say that training runs will slow each other down, if one uses more cores than it will have; otherwise empty.

    Args:
        cores: how many cores one run kept busy.
        workers: the number of training runs at a time.
        available: the number of cores of this machine.

    >>> crowding_text(0.9, 2, 2), crowding_text(3.5, 1, 4)
    ('', '')
    >>> print(crowding_text(1.84, 2, 2))
    It kept 1.8 cores busy, although OMP_NUM_THREADS=1 limits most libraries to one; 2 at a time on 2 cores
    slow each other down. `hyband run SEARCH --cores 1` runs fewer at a time.
    """
    if cores < _MORE_THAN_ONE or cores * workers <= _CROWDED * available:
        return ""
    return (
        f"It kept {cores:.1f} cores busy, although OMP_NUM_THREADS=1 limits most libraries to one; {workers} at a time "
        f"on {counted(available, 'core')}\nslow each other down. "
        f"`hyband run SEARCH --cores {max(1, int(available // cores))}` runs fewer at a time."
    )


def _wall(plan: Plan, of_unit: Fraction, trial: Trial, workers: int) -> Fraction | None:
    """Give the seconds for the whole search, if a training run's time is proportional to its budget."""
    if plan.trainings > MOST_SIMULATED or not trial.stage.spends or not trial.stage.cost_each:
        return None
    of_cost = of_unit * trial.stage.spends / trial.stage.cost_each
    return simulate(plan, workers).wall * of_cost


def _time(seconds: Fraction) -> str:
    return duration_text(round(seconds / 60) * 60 if seconds > _LONG else max(1, round(seconds)))
