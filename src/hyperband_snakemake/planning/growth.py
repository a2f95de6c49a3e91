"""Extending a plan by more brackets or a larger budget. Existing parts do not change."""

from collections.abc import Sequence
from dataclasses import replace

from ..core.plan import Bracket, Plan, check_settings, first_configurations, make_plan, make_stage, stage_budget


def more_brackets(plan: Plan, shapes: Sequence[int], repeat: int = 0) -> Plan:
    """Add brackets: those with these numbers once more, then ``repeat`` whole iterations of Hyperband.

    Bracket b of iteration i has the number i * (smax + 1) + b.

    >>> from hyperband_snakemake.core.plan import Settings
    >>> plan = make_plan(Settings(1, 2))
    >>> [b.index for b in more_brackets(plan, [1], repeat=1).brackets]
    [0, 1, 3, 4, 5]
    """
    width = plan.settings.smax + 1
    models = make_plan(replace(plan.settings, repeat=1)).brackets
    brackets = list(plan.brackets)
    for shape in shapes:
        used = {bracket.index for bracket in brackets}
        number = next(i for i in range(shape, 10**9, width) if i not in used)
        brackets.append(replace(models[shape], index=number))
    for _ in range(repeat):
        iteration = max(bracket.index for bracket in brackets) // width + 1
        brackets += [replace(model, index=iteration * width + model.index) for model in models]
    settings = replace(plan.settings, repeat=plan.settings.repeat + repeat)
    return Plan(settings, tuple(sorted(brackets, key=lambda bracket: bracket.index)))


def longer(plan: Plan) -> Plan:
    """Multiply the largest budget by eta: each bracket that reaches it gets one more stage, and a new one starts there.

    >>> from hyperband_snakemake.core.plan import Settings
    >>> [[(s.configurations, int(s.budget)) for s in b.stages] for b in longer(make_plan(Settings(1, 2))).brackets]
    [[(2, 1), (1, 2), (1, 4)], [(2, 2), (1, 4)], [(3, 4)]]
    """
    old = plan.settings
    largest = None if old.max_budget is None else old.max_budget * old.eta
    settings = replace(old, smax=old.smax + 1, max_budget=largest)
    check_settings(settings)
    budget, top = (one.guaranteed_budget + stage_budget(one, 0) for one in (settings, old))

    def grown(bracket: Bracket) -> Bracket:
        last = bracket.stages[-1]
        number = max(1, last.configurations // settings.eta)
        more = make_stage(settings, last.index + 1, number, budget, last.budget)
        return replace(bracket, stages=(*bracket.stages, more)) if last.budget == top else bracket

    number = max(bracket.index for bracket in plan.brackets) + 1
    new = Bracket(number, (make_stage(settings, 0, first_configurations(settings, 0), budget, None),))
    return Plan(settings, (*map(grown, plan.brackets), new))


def at_full_budget(plan: Plan, configurations: Sequence[int]) -> Plan:
    """Add brackets with one stage at the largest budget and this many configurations each."""
    budget = max(stage.budget for bracket in plan.brackets for stage in bracket.stages)
    number = max(bracket.index for bracket in plan.brackets) + 1
    stages = (make_stage(plan.settings, 0, n, budget, None) for n in configurations)
    new = (Bracket(number + i, (stage,)) for i, stage in enumerate(stages))
    return Plan(plan.settings, (*plan.brackets, *new))


def added(old: Plan, new: Plan) -> list[Bracket]:
    """Give the new brackets."""
    known = {bracket.index for bracket in old.brackets}
    return [bracket for bracket in new.brackets if bracket.index not in known]


def additions(old: Plan, new: Plan) -> Plan:
    """Give only what is new: brackets, and stages of old brackets.

    >>> from hyperband_snakemake.core.plan import Settings
    >>> plan = make_plan(Settings(1, 2))
    >>> [(b.index, [s.index for s in b.stages]) for b in additions(plan, longer(plan)).brackets]
    [(0, [2]), (1, [1]), (2, [0])]
    """
    before = {bracket.index: len(bracket.stages) for bracket in old.brackets}
    brackets = (replace(b, stages=b.stages[before.get(b.index, 0) :]) for b in new.brackets)
    return Plan(new.settings, tuple(bracket for bracket in brackets if bracket.stages))
