"""More for a search that exists: brackets, stages, configurations. What is there stays, and is not trained again."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from .core.plan import Bracket, Plan, check_settings, first_configurations, make_plan, make_stage, stage_budget
from .core.tree import layout
from .core.tree.files import read, write
from .core.tree.layout import Slot
from .core.tree.planfile import plan_to_json, read_plan
from .core.tree.proposals import Learner, Sampling, lost_sampling, sampling_to_json
from .errors import HybandError
from .running import held
from .samplers.imported import Given
from .samplers.models import check_installed, check_named
from .samplers.names import learns
from .samplers.sobol import SobolRender
from .snapshot.scan import Snapshot
from .snapshot.template import seen_in, template_of
from .space.configurations import checksum_line
from .space.distinct import Drawer, Seen, too_small
from .space.draws import Drawn
from .space.generator import Generator, derived_seed


@dataclass(frozen=True)
class Extension:
    """What is added: the plan as it will be, and where its new configurations come from.

    Args:
        plan: all brackets, the old ones first; an old one may have a stage more.
        given: configurations that the user brings along, for a new bracket that has none drawn.
        sampler: of the other new brackets.
        random_share: how many of what a model proposes are random ones.
    """

    plan: Plan
    given: Mapping[int, Sequence[Given]]
    sampler: str = "random"
    random_share: float = 0.0


def more_brackets(plan: Plan, shapes: Sequence[int], repeat: int = 0) -> Plan:
    """Add brackets: those of these numbers once more, then ``repeat`` whole iterations of Hyperband.

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
    """Multiply the largest budget by eta: each bracket that reaches it goes on for a stage, and a new one starts there.

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
    """Add brackets of one stage at the largest budget, with so many configurations each."""
    budget = max(stage.budget for bracket in plan.brackets for stage in bracket.stages)
    number = max(bracket.index for bracket in plan.brackets) + 1
    stages = (make_stage(plan.settings, 0, n, budget, None) for n in configurations)
    new = (Bracket(number + i, (stage,)) for i, stage in enumerate(stages))
    return Plan(plan.settings, (*plan.brackets, *new))


def added(old: Plan, new: Plan) -> list[Bracket]:
    """Give those brackets that are new."""
    known = {bracket.index for bracket in old.brackets}
    return [bracket for bracket in new.brackets if bracket.index not in known]


def additions(old: Plan, new: Plan) -> Plan:
    """Give what is new alone: brackets, and stages of old brackets.

    >>> from hyperband_snakemake.core.plan import Settings
    >>> plan = make_plan(Settings(1, 2))
    >>> [(b.index, [s.index for s in b.stages]) for b in additions(plan, longer(plan)).brackets]
    [(0, [2]), (1, [1]), (2, [0])]
    """
    before = {bracket.index: len(bracket.stages) for bracket in old.brackets}
    brackets = (replace(b, stages=b.stages[before.get(b.index, 0) :]) for b in new.brackets)
    return Plan(new.settings, tuple(bracket for bracket in brackets if bracket.stages))


def extend(snapshot: Snapshot, extension: Extension) -> None:
    """Write what is new; the next run of snakemake does the rest. The plan comes last, so a cut changes nothing.

    Raises:
        HybandError: the search is being run, or was generated by a version whose searches cannot do this.
        SpaceTooSmall: nothing new is left in the space.
    """
    if (lost := lost_sampling(snapshot.path)) is not None:
        raise HybandError(f"{lost} Nothing was changed.")
    if snapshot.sampling is None:
        raise HybandError(f"{snapshot.path} was generated by a version that kept no template. Nothing was changed.")
    if learns(extension.sampler):
        check_installed(extension.sampler)
    search, new = snapshot.path, added(snapshot.plan, extension.plan)
    sampling = replace(snapshot.sampling, learners=_learners(snapshot, extension, new))
    drawn = _drawn_now(snapshot, sampling, extension, [b for b in new if b.index not in sampling.learners])
    with held(search):
        if read_plan(search) != snapshot.plan:
            raise HybandError(f"{search} was extended by somebody else in this moment. Try again. Nothing was changed.")
        for bracket in new:
            _clear(search / layout.stage_path(bracket.index, 0))
        sums = [_write_slot(snapshot, slot, one) for slot, one in drawn.items()]
        old_sums = [
            line for line in (read(search / layout.CHECKSUMS) or "").splitlines(keepends=True) if line not in sums
        ]
        write(search / layout.CHECKSUMS, "".join([*old_sums, *sums]))
        write(search / layout.SAMPLER, sampling_to_json(sampling))
        for name in layout.OF_THE_BEST:  # the best so far is in the status; these are of a whole search
            (search / name).unlink(missing_ok=True)
        write(search / layout.PLAN, _plan_text(snapshot, extension.plan))


def _learners(snapshot: Snapshot, extension: Extension, new: Sequence[Bracket]) -> dict[int, Learner]:
    """Let each new bracket learn from all before it, if the sampler learns."""
    assert snapshot.sampling is not None
    known = [bracket.index for bracket in snapshot.plan.brackets]
    learners = {b: learner for b, learner in snapshot.sampling.learners.items() if b in known}
    for bracket in new:
        if learns(extension.sampler) and bracket.index not in extension.given:
            learners[bracket.index] = Learner(extension.sampler, extension.random_share, tuple(known))
        known.append(bracket.index)
    return learners


def _drawn_now(
    snapshot: Snapshot, sampling: Sampling, extension: Extension, brackets: Sequence[Bracket]
) -> dict[Slot, Drawn]:
    """Draw the configurations of these brackets, or take those that were given."""
    seen = seen_in(snapshot)
    drawn: dict[Slot, Drawn] = {}
    for bracket in brackets:
        if (given := extension.given.get(bracket.index)) is not None:
            _see(snapshot.path, given, seen)
            drawn |= {Slot(bracket.index, 0, config): one.drawn for config, one in enumerate(given)}
            continue
        template = template_of(snapshot, sampling.template)
        sobol = extension.sampler == "sobol"
        first = SobolRender(template.draw, sampling.seed, bracket.index) if sobol else None
        drawer = Drawer(template.draw, Generator(derived_seed(sampling.seed, "extend", bracket.index)), seen)
        for config in range(bracket.stages[0].configurations):
            slot = Slot(bracket.index, 0, config)
            found = drawer.draw(slot, first)
            if found is None:
                raise too_small(seen.number, seen.number + 1, seen.rejected)
            if sobol:
                check_named(found, extension.sampler)
            drawn[slot] = found
    return drawn


def _see(search: Path, given: Sequence[Given], seen: Seen) -> None:
    """Refuse configurations that were seen before, all at once, so that one more try is enough."""
    known = []
    for one in given:
        if seen.is_new(one.drawn):
            seen.add(one.drawn)
        else:
            known.append(one.name)
    if known:
        raise HybandError(
            f"already in {search}, or given twice: {', '.join(known)}. Leave that out. Nothing was changed."
        )


def _clear(stage: Path) -> None:
    """Delete the configurations that an extension which was cut off has left in the place of a new bracket."""
    for directory in stage.glob("config-*"):
        for name in (layout.CONFIG, layout.PARAMETERS):
            (directory / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else is in it
            directory.rmdir()


def _write_slot(snapshot: Snapshot, slot: Slot, drawn: Drawn) -> str:
    directory = snapshot.path / slot.path
    directory.mkdir(parents=True, exist_ok=True)
    write(directory / layout.CONFIG, drawn.text)
    if drawn.record is not None:
        write(directory / layout.PARAMETERS, drawn.record)
    return checksum_line(slot, drawn.text)


def _plan_text(snapshot: Snapshot, plan: Plan) -> str:
    """Write the plan with all else that plan.json held."""
    old = json.loads((snapshot.path / layout.PLAN).read_text(encoding="utf-8"))
    own = json.loads(plan_to_json(plan)).keys()
    more = {key: value for key, value in old.items() if key not in own}
    names = {*old.get("entries", ()), layout.SAMPLER, layout.SPACE} if "entries" in old else None
    return plan_to_json(plan, **(more | ({"entries": sorted(names)} if names else {})))
