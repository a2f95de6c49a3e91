"""The plan of a tree of the original tool: inferred from its sizes and its Snakefile, or given by the user."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from ...core.plan import Plan, PlanError, Settings, counted, first_configurations, make_plan, number_text
from ...errors import HybandError, UsageError
from .old_tree import OldTree

FOLDS = 5  # the original tool's default
MOST_CHOICES = 100_000
AGAIN = "give the SMAX and ETA that the search was generated with, and --bracket if it was used"


@dataclass(frozen=True)
class Asked:
    """What the user knows about the old search; None: not given."""

    smax: int | None = None
    eta: int | None = None
    brackets: tuple[int, ...] = ()
    last_stage: int | None = None
    guaranteed_budget: Fraction | None = None
    folds: int | None = None
    repetitions: int | None = None
    cost_one_epoch_full_dataset: Fraction = Fraction(1)


@dataclass(frozen=True)
class OldPlan:
    """The plan, with the tree's brackets, and notes on what is uncertain about it."""

    plan: Plan
    notes: tuple[str, ...] = ()


def find_plan(tree: OldTree, asked: Asked) -> OldPlan:
    """Find the plan that a tree was made from.

    Raises:
        HybandError: the tree does not determine the plan, or does not have the sizes of the given one.
    """
    smax, eta = _numbers(tree, asked)
    folds = asked.folds or _told(tree, "folds")
    settings = Settings(
        smax,
        eta,
        repetitions=asked.repetitions or _told(tree, "repetitions") or 1,
        folds=folds or FOLDS,
        cost_one_epoch_full_dataset=asked.cost_one_epoch_full_dataset,
        guaranteed_budget=asked.guaranteed_budget or Fraction(0),
    )
    try:
        chosen = _chosen(tree, asked, settings)
        last, notes = _last_stage(tree, asked, smax, chosen)
        settings = replace(settings, last_stage=last)
        guaranteed, more = _guaranteed(tree, asked, settings, chosen)
        plan = make_plan(replace(settings, guaranteed_budget=guaranteed)).select(chosen)
    except PlanError as error:
        raise UsageError(str(error)) from None
    _check_slots(tree, plan)
    if not folds:
        more = (*more, f"The number of folds is unknown; assumed {FOLDS}, the original's default. Costs depend on it.")
    return OldPlan(plan, (*notes, *more))


def _told(tree: OldTree, name: str) -> int | None:
    """Read a number that is the same in all configurations of stage 0, as in the original's example."""
    word = re.compile(
        rf"""^\ufeff?[ \t]*["']?{name}["']?[ \t]*[:=][ \t]*([1-9]\d{{0,5}})[ \t,;]*(?:#.*)?\r?$""", re.MULTILINE
    )
    texts = [one.text for slot, one in tree.slots.items() if slot.stage == 0 and one.text is not None]
    found = {tuple(word.findall(text)) for text in texts}
    numbers = found.pop() if len(found) == 1 else ()
    return int(numbers[0]) if len(numbers) == 1 else None


def _numbers(tree: OldTree, asked: Asked) -> tuple[int, int]:
    if (asked.smax is None) != (asked.eta is None):
        raise UsageError("SMAX and ETA belong together: give both, or neither to have them determined.")
    if asked.smax is not None and asked.eta is not None:
        return asked.smax, asked.eta
    smax, sizes = len(tree.sizes) - 1, tree.sizes
    found = [eta for eta in range(2, sizes[0] + 1) if smax and sizes == _sizes(smax, eta)]
    if len(found) == 1 and not asked.brackets:
        return smax, found[0]
    raise UsageError(
        f"{tree.path} starts {_starts(sizes)}, which does not determine its plan: {AGAIN}. Nothing was written."
    )


def _sizes(smax: int, eta: int) -> tuple[int, ...]:
    if eta**smax > MOST_CHOICES * 10:
        return ()
    return tuple(first_configurations(Settings(smax, eta), s) for s in range(smax, -1, -1))


def _chosen(tree: OldTree, asked: Asked, settings: Settings) -> tuple[int, ...]:
    """Find which brackets of the plan the tree has; in the tree they are numbered from 0."""
    sizes, whole = tree.sizes, make_plan(settings).brackets
    planned = [bracket.stages[0].configurations for bracket in whole]
    if unknown := [b for b in asked.brackets if not 0 <= b < len(planned)]:
        raise UsageError(f"--bracket is {unknown[0]}; expected 0 to {len(planned) - 1}.")
    wanted = [tuple(sorted(set(asked.brackets)))] if asked.brackets else _ways(len(planned), len(sizes))
    found = [way for way in wanted if tuple(planned[b] for b in way) == sizes]
    if len(found) == 1:
        return found[0]
    what = "fits several brackets" if found else "does not fit"
    raise UsageError(
        f"{tree.path} starts {_starts(sizes)}, which {what}: with SMAX {settings.smax} and "
        f"ETA {settings.eta} the brackets start {', '.join(map(str, planned))}. Please {AGAIN}. Nothing was written."
    )


def _starts(sizes: Sequence[int]) -> str:
    """Say how many configurations the brackets start.

    >>> _starts((4, 3, 3)), _starts((1,))
    ('4, 3, 3 configurations', '1 configuration')
    """
    return f"{', '.join(map(str, sizes[:-1]))}{', ' if sizes[1:] else ''}{counted(sizes[-1], 'configuration')}"


def _ways(number: int, chosen: int) -> Iterator[tuple[int, ...]]:
    return combinations(range(number), chosen)


def _last_stage(tree: OldTree, asked: Asked, smax: int, chosen: Sequence[int]) -> tuple[int | None, tuple[str, ...]]:
    """Find where the brackets end, with a note if the tree does not show it."""
    if asked.last_stage is not None:
        return asked.last_stage, ()
    reached, whole = tree.last_stage(0), smax - chosen[0]
    if tree.planned or tree.finished:  # then every stage exists or is named
        for old, b in enumerate(chosen):
            if tree.last_stage(old) != min(reached, smax - b):
                raise UsageError(
                    f"{tree.path} has no stage of bracket-{old} above {tree.last_stage(old)}, but bracket-0 goes up to "
                    f"{reached}. Give the --last-stage it was generated with, or --last-stage {smax} if it had none. "
                    "Nothing was written."
                )
        return (reached if reached < whole else None), ()
    note = "It is unknown whether --last-stage was used; assumed not: each bracket goes up to its largest budget."
    return None, ((note,) if reached < whole else ())


def _guaranteed(
    tree: OldTree, asked: Asked, settings: Settings, chosen: Sequence[int]
) -> tuple[Fraction, tuple[str, ...]]:
    """Work out the guaranteed budget from the budgets in the Snakefile."""
    if asked.guaranteed_budget is not None:
        return asked.guaranteed_budget, ()
    plan = make_plan(settings).select(chosen)
    if tree.budgets is not None:
        theirs = [
            tree.budgets.get((old, stage.index), Fraction(-1)) - stage.budget
            for old, bracket in enumerate(plan.brackets)
            for stage in bracket.stages
        ]
        if len(set(theirs)) == 1 and theirs[0] >= 0:
            return theirs[0], ()
    budgets = ", ".join(number_text(stage.budget) for stage in plan.brackets[0].stages)
    note = (
        f"The budgets are unknown; assumed for bracket {chosen[0]}: {budgets}. If there was a --guaranteed-budget, "
        "adopt the tree again with it."
    )
    return Fraction(0), (note,)


def _check_slots(tree: OldTree, plan: Plan) -> None:
    """Refuse a tree with slots that are not in the plan."""
    for slot in tree.slots:
        stages = plan.brackets[slot.bracket].stages
        if slot.stage >= len(stages) or slot.config >= stages[slot.stage].configurations:
            raise HybandError(
                f"{tree.path / slot.path} is not part of a search with SMAX {plan.settings.smax} and ETA "
                f"{plan.settings.eta}: please {AGAIN}, with --last-stage too. Nothing was written."
            )
