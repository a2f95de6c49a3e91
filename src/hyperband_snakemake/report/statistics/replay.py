"""Replaying a smaller plan on random parts of a search's results."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

DRAWS, WORK, LEAST_DRAWS = 400, 300_000, 40  # random parts; configurations to process; least number of parts

Life = Sequence[
    float | None
]  # for a configuration: how bad it was at each stage, infinite if it failed, None if unknown


@dataclass(frozen=True)
class Replay:
    """In how many of the ``draws`` a smaller plan certainly finds an equally good result, and in how many it may."""

    draws: int
    surely: int
    perhaps: int


def replay(lives: Mapping[int, Sequence[Life]], plan: Mapping[int, Sequence[int]], target: float) -> Replay:
    """Replay a plan on random parts of what a search has trained.

    A smaller plan promotes some configurations that the search did not, whose results at larger budgets are unknown. It
    certainly reaches the target if it does so even when all of those displace others.

    Args:
        lives: all configurations of each bracket, by the bracket's number of stages.
        plan: the numbers of configurations in the stages of the smaller plan's brackets, by number of stages.
        target: a result at the last stage that is good enough (in terms of badness).

    >>> lives = {2: [[0.1, 0.5], [0.2, 0.4], [0.3, None]], 1: [[0.6], [0.7]]}
    >>> replay(lives, {2: [3, 1]}, 0.5)
    Replay(draws=400, surely=400, perhaps=400)
    >>> replay(lives, {1: [2]}, 0.5)
    Replay(draws=400, surely=0, perhaps=0)
    """
    rng = random.Random(0)  # noqa: S311 (reproducible words)
    draws = max(LEAST_DRAWS, min(DRAWS, WORK // max(1, sum(counts[0] for counts in plan.values()))))
    surely = perhaps = 0
    for _ in range(draws):
        found = []
        for stages, counts in plan.items():
            own = lives[stages]
            some = sorted(rng.sample(range(len(own)), min(counts[0], len(own))))
            found.append(_bracket([own[place] for place in some], counts, target))
        surely += any(sure for sure, _ in found)
        perhaps += any(sure or unknown for sure, unknown in found)
    return Replay(draws, surely, perhaps)


def _bracket(lives: Sequence[Life], counts: Sequence[int], target: float) -> tuple[bool, bool]:
    """Whether a bracket certainly reaches the target, and whether it trains anything with an unknown result."""
    unknown, known = 0, list(lives)
    for stage, room in enumerate([*counts[1:], 0]):
        lost = [life for life in known if life[stage] is None]
        unknown, known = unknown + len(lost), [life for life in known if life[stage] is not None]
        if stage == len(counts) - 1:
            return any(_at(life, stage) <= target for life in known), unknown > 0
        better = sorted((life for life in known if _at(life, stage) < inf), key=lambda life: _at(life, stage))
        unknown, known = min(unknown, room), better[: max(0, room - unknown)]
    return False, False


def _at(life: Life, stage: int) -> float:
    value = life[stage]
    return inf if value is None else value
