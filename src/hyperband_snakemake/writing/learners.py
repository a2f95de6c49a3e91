"""Which brackets a proposal learns from, decided when it is planned."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..core.plan import Plan
from ..core.tree.configurations import read_proposal
from ..core.tree.proposals import Learner
from ..planning.growth import added
from ..planning.simulate import PROPOSED, Waits
from ..planning.turns import turns
from ..samplers.names import JOINT
from ..samplers.observations import budget_to_learn_at
from ..samplers.priors import share_after
from ..space.configurations import read_record


def learners_of(
    plan: Plan, new: Sequence[int], by: Learner, parameters: int, *, parallel: int = 1
) -> dict[int, Learner]:
    """Say for each new bracket which others it learns from, and up to which budget.

    Args:
        plan: all brackets.
        new: numbers of the proposed brackets, in order.
        by: how they are proposed (sampler, random share, share that follows priors as long as there are no results);
            its ``learns`` are the earlier brackets.
        parameters: the most parameters that a configuration has.
        parallel: how many of the new brackets may run at a time.
    """
    early = parallel // 2  # of `joint`: more than that would find no worker free before the others can begin
    return {
        bracket: replace(
            by,
            learns=turn.learns,
            beside=turn.beside,
            until=_until(plan, bracket, turn.learns, parameters, waits_for_all=by.sampler == JOINT and number >= early),
            prior_share=share_after(by.prior_share, _at_the_top(plan, turn.learns)),
        )
        for number, (bracket, turn) in enumerate(turns(new, by.learns, parallel).items())
    }


def waits_of(plan: Plan, learners: Mapping[int, Learner]) -> Waits:
    """Say what brackets wait for: stages, and all earlier proposals, so that they propose something else."""
    return {
        bracket: [
            *((other, PROPOSED) for other in (*one.learns, *one.beside)),
            *((other, stage.index) for other, stage in one.awaited(plan)),
        ]
        for bracket, one in learners.items()
    }


def waits_while_growing(plan: Plan, grown: Plan, parallel: int, parameters: int | None, sampler: str = "") -> Waits:
    """Say what brackets wait for, in a plan and in what `hyband refine` adds.

    Args:
        plan: the generated plan.
        grown: the same with the additions, one bracket for each trial.
        parallel: how many of the added brackets may run at a time.
        parameters: how many a configuration has, if the brackets of ``plan`` learn from each other; otherwise None.
        sampler: who proposes what is added.
    """
    numbers = [bracket.index for bracket in plan.brackets]
    learners = {}
    if parameters is not None:
        learners = learners_of(plan, numbers[1:], Learner("", 0.0, tuple(numbers[:1])), parameters)
    new = [bracket.index for bracket in added(plan, grown)]
    learners |= learners_of(grown, new, Learner(sampler, 0.0, tuple(numbers)), parameters or 0, parallel=parallel)
    return waits_of(grown, learners)


def _until(plan: Plan, bracket: int, learns: Collection[int], parameters: int, *, waits_for_all: bool) -> Fraction:
    """Give the largest budget whose results a proposal needs: it need not wait for larger ones.

    It is the one that the model would choose if nothing failed. It may be smaller than the proposal's own budget: the
    first trials of a refinement then run next to the last stages of the brackets before them. ``joint`` learns from all
    budgets, so it waits for all up to its own; the first trials of a refinement in parallel do with fewer.
    """
    stages = [stage for b in learns for stage in plan.bracket(b).stages]
    results: Counter[Fraction] = Counter()
    for stage in stages:
        results[stage.budget] += stage.configurations
    own = plan.stage(bracket, 0).budget
    found = budget_to_learn_at(results, parameters, own if own == plan.top else None)
    return max(found, own) if waits_for_all else found


def _at_the_top(plan: Plan, brackets: Collection[int]) -> int:
    """Count the training runs at the largest budget in these brackets, whether they have ended or not."""
    return sum(s.configurations for b in brackets for s in plan.bracket(b).stages if s.budget == plan.top)


def spaces_of(search: Path, brackets: Iterable[int]) -> list[Mapping[str, Any]]:
    """List what each configuration of these brackets was drawn from: parameters and their distributions."""
    proposals = filter(None, (read_proposal(bracket, search) for bracket in brackets))
    records = (read_record(drawn.record) for proposal in proposals for drawn in proposal.configurations)
    return [record["space"] for record in records if record is not None]


def most_parameters(spaces: Iterable[Mapping[str, Any]]) -> int:
    """Count the parameters of the configuration that has most of them."""
    return max(map(len, spaces), default=0)
