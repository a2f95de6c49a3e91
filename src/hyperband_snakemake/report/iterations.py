"""Which brackets of a search belong together: iterations of Hyperband, and additions.

A plan numbers all brackets consecutively; `hyband extend` and `hyband refine` add more. Their shapes tell them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..core.plan import Bracket, number_text
from ..snapshot.scan import Snapshot


@dataclass(frozen=True)
class Group:
    """Brackets that belong together, by number: an iteration, or an addition."""

    name: str
    brackets: tuple[int, ...]
    is_iteration: bool


def groups_of(snapshot: Snapshot) -> list[Group]:
    """All brackets in groups, in order.

    In an iteration, each bracket starts with a larger budget than the one before. Further brackets with a single stage
    at the largest budget were proposed by a model or given by the user.
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
    """What an added bracket is; empty for a bracket in an iteration of Hyperband."""
    largest = max(stage.budget for b in snapshot.plan.brackets for stage in b.stages)
    as_last = bracket.stages[0].configurations == snapshot.plan.settings.smax + 1  # as the last bracket of each has
    goes_on = as_last and bool(iteration) and _first(iteration[-1]) < _first(bracket)
    if _first(bracket) < largest or bracket is snapshot.plan.brackets[0] or goes_on:
        return ""
    at = f"at budget {number_text(_first(bracket))}"
    sampler = samplers_of(snapshot).get(bracket.index)
    return f"Proposed by {sampler} {at}" if sampler else f"Added {at}"


def samplers_of(snapshot: Snapshot) -> dict[int, str]:
    """The samplers of brackets whose configurations are proposed by a model."""
    return {b: one.sampler for b, one in snapshot.sampling.learners.items()} if snapshot.sampling else {}
