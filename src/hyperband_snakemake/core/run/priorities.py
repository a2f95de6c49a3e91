"""Which training runs start first: whole numbers, as Snakemake wants them."""

from collections.abc import Mapping

from ..plan import Plan
from ..tree.proposals import Learner

MOST = 999  # below the Snakefile's priority of promotions and proposals, which others wait for


def ranks(plan: Plan, learners: Mapping[int, Learner]) -> dict[tuple[int, int], int]:
    """Rank stages, keyed by bracket and stage number, by the cost that is still ahead of their configurations.

    Of brackets that are proposed in parallel, the earlier one comes first: it is waited for first.
    """
    in_order = {b for bracket, one in learners.items() if one.beside for b in (bracket, *one.beside)}
    ways = {
        (bracket.index, stage.index): (bracket.ahead(stage.index), -bracket.index if bracket.index in in_order else 0)
        for bracket in plan.brackets
        for stage in bracket.stages
    }
    rank = {way: place for place, way in enumerate(sorted(set(ways.values())))}
    return {stage: 1 + rank[way] * MOST // max(MOST, len(rank)) for stage, way in ways.items()}
