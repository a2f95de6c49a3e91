"""What a search will need, for `hyband plan`: training runs, budget, cost, time, files, disk."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..core.plan import Bracket, Plan, Stage, bytes_text, json_number, short_number
from .fit import Fit
from .simulate import MOST_SIMULATED, Waits, critical_path, simulate
from .text import cost_text

FILES_OF_A_TRAINING = 5  # config, result, outcome, attempts, attempt-1.log; and origin if it was promoted
FILES_OF_FOLDS = 4  # if folds are separate training runs: config, result, outcome, folds
FILES_OF_A_SEARCH = 12  # without the programs in hyperband/

_ROW = "{:>7} {:>5} {:>14} {:>12} {:>13} {:>10}".format


@dataclass(frozen=True)
class Needs:
    """What is known in addition to the plan: training runs at a time, bytes that each leaves, waiting brackets."""

    workers: int | None = None
    disk_per_config: int | None = None
    waits: Waits = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """Numbers about the whole search: costs and times in the unit of the plan's cost, disk in bytes.

    ``None`` means not requested, or not applicable.
    """

    trainings: int
    budget: Fraction
    cost: Fraction
    files: int
    critical_path: Fraction
    critical_bracket: int | None
    budget_without_resume: Fraction | None = None
    cost_without_resume: Fraction | None = None
    disk: int | None = None
    disk_after_clean_up: int | None = None
    workers: int | None = None
    wall: Fraction | None = None
    busy: Fraction | None = None


def files(plan: Plan) -> int:
    """Number of files in the complete search, without Snakemake's own files and those of training runs."""
    promoted = sum(stage.configurations for bracket in plan.brackets for stage in bracket.stages[1:])
    tables = sum(2 * (len(bracket.stages) - 1) for bracket in plan.brackets)
    folded = sum(s.configurations for bracket in plan.brackets for s in bracket.stages if s.fold_names)
    trained = plan.trainings * FILES_OF_A_TRAINING + folded * FILES_OF_FOLDS
    return trained + promoted + tables + len(plan.brackets) + FILES_OF_A_SEARCH


def kept(plan: Plan) -> int:
    """Number of training runs whose files stay if those not promoted are cleaned up: promoted ones, and last stages."""
    stays = (
        (s, after) for b in plan.brackets for s, after in zip(b.stages, (*b.stages[1:], b.stages[-1]), strict=True)
    )
    return sum(after.configurations * max(1, len(stage.fold_names)) for stage, after in stays)


def facts(plan: Plan, needs: Needs) -> Facts:
    """Work out the numbers for the whole search."""
    bracket, shortest = critical_path(plan, needs.waits)
    found = Facts(plan.trainings, plan.budget, plan.cost, files(plan), shortest, bracket.index if bracket else None)
    if (whole := plan.without_resuming()) is not None:
        found = replace(found, budget_without_resume=whole.budget, cost_without_resume=whole.cost)
    if (size := needs.disk_per_config) is not None:
        found = replace(found, disk=plan.trainings * size, disk_after_clean_up=kept(plan) * size)
    if needs.workers is not None:
        found = replace(found, workers=needs.workers)
        if plan.trainings <= MOST_SIMULATED:
            schedule = simulate(plan, needs.workers, needs.waits)
            found = replace(found, wall=schedule.wall, busy=schedule.busy)
    return found


def forecast_json(plan: Plan, needs: Needs, fitted: Fit) -> str:
    """All numbers as data: the search, its brackets, their stages, and the next larger search."""
    data = {key: _json(value) for key, value in vars(facts(plan, needs)).items() if value is not None}
    data["brackets"] = [
        {
            "bracket": bracket.index,
            "trainings": bracket.trainings,
            "budget": json_number(bracket.budget),
            "cost": json_number(bracket.cost),
            "stages": [_stage_json(stage) for stage in bracket.stages],
        }
        for bracket in plan.brackets
    ]
    if (larger := fitted.larger) is not None:
        numbers = {
            "trainings": larger.trainings,
            "budget": json_number(larger.budget),
            "cost": json_number(larger.cost),
        }
        data["next_larger"] = {"smax": larger.settings.smax, **numbers}
    return json.dumps({"smax": plan.settings.smax, "eta": plan.settings.eta, **data}, indent=1)


def _json(value: object) -> object:
    return json_number(value) if isinstance(value, Fraction) else value


def _stage_json(stage: Stage) -> dict[str, object]:
    return {
        "stage": stage.index,
        "configurations": stage.configurations,
        "budget": json_number(stage.budget),
        **({} if stage.added is None else {"added": json_number(stage.added)}),
        "budget_in_all": json_number(stage.spends_in_all),
        "cost": json_number(stage.cost),
    }


def forecast_text(plan: Plan, needs: Needs, fitted: Fit, shown: Plan | None = None, notes: Sequence[str] = ()) -> str:
    """A table of the stages and brackets, then the whole search, then the next larger one if this was made to fit.

    Args:
        plan: the whole search.
        needs: what is known beside it.
        fitted: how it was made to fit.
        shown: the brackets of the table, if that is to have fewer.
        notes: what to say between the table and the whole.
    """
    return "\n".join([*_table(shown or plan), "", *notes, *_summary(facts(plan, needs)), *_comparison(fitted)])


def _table(plan: Plan) -> Iterator[str]:
    yield _ROW("Bracket", "Stage", "Configurations", "Budget each", "Budget in all", "Cost")
    for bracket in plan.brackets:
        yield from (_stage_row(bracket, stage) for stage in bracket.stages)
        yield _ROW(bracket.index, "all", bracket.slots, "", short_number(bracket.budget), cost_text(bracket.cost))


def _stage_row(bracket: Bracket, stage: Stage) -> str:
    each = (
        short_number(stage.budget)
        if stage.added is None
        else f"+{short_number(stage.added)} = {short_number(stage.budget)}"
    )
    in_all = short_number(stage.spends_in_all)
    return _ROW(bracket.index, stage.index, stage.configurations, each, in_all, cost_text(stage.cost))


def _summary(found: Facts) -> Iterator[str]:
    yield f"Training runs  {found.trainings}"
    yield f"Budget         {short_number(found.budget)}" + _instead(found.budget_without_resume, short_number)
    yield f"Cost           {cost_text(found.cost)}" + _instead(found.cost_without_resume, cost_text)
    which = "brackets that learn from others" if found.critical_bracket is None else f"bracket {found.critical_bracket}"
    yield f"Shortest time  {cost_text(found.critical_path)}, with unlimited workers ({which})"
    if found.wall is not None and found.busy is not None:
        yield f"Time           {cost_text(found.wall)} with {found.workers} workers, busy {float(found.busy):.0%}"
    elif found.workers is not None:
        yield f"Time           unknown: more than {MOST_SIMULATED:,} training runs are not simulated"
    yield f"Files          {found.files}, without what training runs write"
    if found.disk is not None and found.disk_after_clean_up is not None:
        cleaned = bytes_text(found.disk_after_clean_up)
        yield f"Disk           {bytes_text(found.disk)}; {cleaned} if what is not promoted is cleaned up"


def _comparison(fitted: Fit) -> Iterator[str]:
    this = f"\nThis is SMAX {fitted.plan.settings.smax}."
    if (larger := fitted.larger) is not None:
        more = f"has {larger.trainings} training runs and cost {cost_text(larger.cost)}."
        yield f"{this} The next larger, SMAX {larger.settings.smax}, {more}"
    elif fitted.why_not:
        yield f"{this} There is no larger one: {fitted.why_not}."


def _instead(value: Fraction | None, write: Callable[[Fraction], str]) -> str:
    return "" if value is None else f" ({write(value)} without --resume)"
