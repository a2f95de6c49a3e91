"""What a search will take, as `hyband plan` shows it: trainings, budget, cost, time, files, disk."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from .core.plan import Plan, Stage, make_plan, number_text
from .core.planfile import json_number
from .simulate import critical_path, simulate

FILES_OF_A_TRAINING = 5  # config, result, outcome, attempts, attempt-1.log; and origin if it was promoted
FILES_OF_A_SEARCH = 9  # without the programs in hyperband/
MOST_SIMULATED = 200_000  # trainings; more take too long


@dataclass(frozen=True)
class Needs:
    """What is known beside the plan: trainings at a time, and bytes that one of them leaves on disk."""

    workers: int | None = None
    disk_per_config: int | None = None


def files(plan: Plan) -> int:
    """Files of the search once it is complete, without Snakemake's own and what trainings write."""
    promoted = sum(stage.configurations for bracket in plan.brackets for stage in bracket.stages[1:])
    tables = sum(2 * (len(bracket.stages) - 1) for bracket in plan.brackets)
    return plan.trainings * FILES_OF_A_TRAINING + promoted + tables + FILES_OF_A_SEARCH


def kept(plan: Plan) -> int:
    """Trainings whose files stay if those that were not promoted are cleaned up: the promoted, and the last stages."""
    return sum(after.configurations for bracket in plan.brackets for after in (*bracket.stages[1:], bracket.stages[-1]))


def without_resuming(plan: Plan) -> Plan | None:
    """Give the same search with each training from the beginning, if this one resumes."""
    if not plan.settings.resume:
        return None
    whole = make_plan(replace(plan.settings, resume=False))
    return whole.select({bracket.index for bracket in plan.brackets})


def facts(plan: Plan, needs: Needs) -> dict[str, object]:
    """The whole search in numbers; costs and times in the unit of the plan's cost, disk in bytes."""
    bracket, shortest = critical_path(plan)
    found: dict[str, object] = {
        "trainings": plan.trainings,
        "budget": plan.budget,
        "cost": plan.cost,
        "files": files(plan),
        "critical_path": shortest,
        "critical_bracket": bracket.index,
    }
    if (whole := without_resuming(plan)) is not None:
        found["cost_without_resume"] = whole.cost
    if needs.disk_per_config is not None:
        found["disk"] = plan.trainings * needs.disk_per_config
        found["disk_after_clean_up"] = kept(plan) * needs.disk_per_config
    if needs.workers is not None and plan.trainings <= MOST_SIMULATED:
        schedule = simulate(plan, needs.workers)
        found |= {"workers": needs.workers, "wall": schedule.wall, "busy": schedule.busy}
    return found


def forecast_json(plan: Plan, needs: Needs) -> str:
    """All numbers as data."""
    data = {key: json_number(v) if isinstance(v, Fraction) else v for key, v in facts(plan, needs).items()}
    stages = [
        {
            "bracket": bracket.index,
            "stage": stage.index,
            "configurations": stage.configurations,
            "budget": json_number(stage.budget),
            "budget_in_all": json_number(stage.configurations * stage.budget),
            "cost": json_number(stage.cost),
        }
        for bracket in plan.brackets
        for stage in bracket.stages
    ]
    return json.dumps(data | {"stages": stages}, indent=1)


def forecast_text(plan: Plan, needs: Needs) -> str:
    """A table of the stages and brackets, then the whole search."""
    return "\n".join([*_table(plan), "", *_summary(facts(plan, needs))])


def _table(plan: Plan) -> Iterator[str]:
    row = "{:>7} {:>5} {:>14} {:>12} {:>13} {:>10}".format
    yield row("Bracket", "Stage", "Configurations", "Budget each", "Budget in all", "Cost")
    for bracket in plan.brackets:
        for stage in bracket.stages:
            each = _short(stage.budget)
            yield row(bracket.index, stage.index, stage.configurations, each, _in_all(stage), _cost(stage.cost))
        budget = sum((stage.configurations * stage.budget for stage in bracket.stages), Fraction(0))
        number = sum(stage.configurations for stage in bracket.stages)
        yield row(bracket.index, "all", number, "", _short(budget), _cost(bracket.cost))


def _in_all(stage: Stage) -> str:
    return _short(stage.configurations * stage.budget)


def _summary(found: dict[str, object]) -> Iterator[str]:
    def number(key: str) -> Fraction:
        value = found[key]
        assert isinstance(value, int | Fraction)
        return Fraction(value)

    whole = found.get("cost_without_resume")
    resumed = f" ({_cost(whole)} without --resume)" if isinstance(whole, Fraction) else ""
    yield f"Trainings      {found['trainings']}"
    yield f"Budget         {_short(number('budget'))}"
    yield f"Cost           {_cost(number('cost'))}{resumed}"
    shortest = _cost(number("critical_path"))
    yield f"Shortest time  {shortest}, with endless workers (bracket {found['critical_bracket']})"
    if "wall" in found:
        busy = f"busy {float(number('busy')):.0%}"
        yield f"Time           {_cost(number('wall'))} with {found['workers']} workers, {busy}"
    yield f"Files          {found['files']}, without what trainings write"
    if "disk" in found:
        cleaned = _bytes(int(number("disk_after_clean_up")))
        yield f"Disk           {_bytes(int(number('disk')))}; {cleaned} if what is not promoted is cleaned up"


def _cost(value: Fraction) -> str:
    return f"{float(value):.2f}"


def _short(value: Fraction) -> str:
    return number_text(value) if value.denominator == 1 else f"{float(value):.6g}"


def _bytes(number: int) -> str:
    """Write an amount with three digits.

    >>> _bytes(122_200_000_000), _bytes(999), _bytes(1000)
    ('122 GB', '999 B', '1 kB')
    """
    size, units = Fraction(number), ["B", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:  # noqa: PLR2004
        size /= 1000
        units.pop(0)
    return f"{float(size):.3g} {units[0]}"
