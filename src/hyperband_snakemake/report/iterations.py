"""Which brackets of a search belong together: iterations of Hyperband, and what was added beside them.

A plan numbers all brackets in one row; `hyband extend` and `hyband refine` add to it. Their shapes tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..core.plan import Bracket, number_text
from ..snapshot.scan import Snapshot


@dataclass(frozen=True)
class Group:
    """Brackets that belong together, by their numbers: an iteration, or what was added beside them."""

    name: str
    brackets: tuple[int, ...]
    is_iteration: bool


def groups_of(snapshot: Snapshot) -> list[Group]:
    """All brackets in their order.

    In an iteration each bracket starts with a larger budget than the one before. Further ones of a single stage at the
    largest budget were proposed by a model, or brought along.
    """
    groups: list[tuple[str, list[Bracket]]] = []
    for bracket in snapshot.plan.brackets:
        kind = _kind(snapshot, bracket, groups[-1][1] if groups and not groups[-1][0] else [])
        if groups and groups[-1][0] == kind and (kind or _first(groups[-1][1][-1]) < _first(bracket)):
            groups[-1][1].append(bracket)
        else:
            groups.append((kind, [bracket]))
    found, number = list[Group](), 0
    for kind, brackets in groups:
        number += not kind
        found.append(Group(kind or f"Iteration {number}", tuple(b.index for b in brackets), not kind))
    return found


def _first(bracket: Bracket) -> Fraction:
    return bracket.stages[0].budget


def _kind(snapshot: Snapshot, bracket: Bracket, iteration: Sequence[Bracket]) -> str:
    """What a bracket is beside iterations of Hyperband; empty for a bracket of one."""
    largest = max(stage.budget for b in snapshot.plan.brackets for stage in b.stages)
    as_last = bracket.stages[0].configurations == snapshot.plan.settings.smax + 1  # so many has the last of each
    goes_on = as_last and bool(iteration) and _first(iteration[-1]) < _first(bracket)
    if _first(bracket) < largest or bracket is snapshot.plan.brackets[0] or goes_on:
        return ""
    at = f"at budget {number_text(_first(bracket))}"
    sampler = samplers_of(snapshot).get(bracket.index)
    return f"Proposed by {sampler} {at}" if sampler else f"Added {at}"


def samplers_of(snapshot: Snapshot) -> dict[int, str]:
    """Who proposes the configurations of a bracket, for those that have a model."""
    return {b: one.sampler for b, one in snapshot.sampling.learners.items()} if snapshot.sampling else {}
