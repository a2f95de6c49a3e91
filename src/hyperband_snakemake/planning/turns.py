"""Which brackets a proposal learns from. The plan decides it, not timing, so the number of workers does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """What a proposed bracket has to wait for.

    Args:
        learns: brackets whose results it learns from; all of them must have ended when it is proposed.
        beside: brackets that are proposed before it and may still be running: their configurations are known.
    """

    learns: tuple[int, ...]
    beside: tuple[int, ...] = ()


def turns(new: Sequence[int], known: Sequence[int] = (), parallel: int = 1) -> dict[int, Turn]:
    """Let each new bracket learn from all before it, except those that may still run when it starts.

    Args:
        new: numbers of the proposed brackets, in order.
        known: numbers of the brackets before them, all of which they learn from.
        parallel: how many of the new ones may run at a time: the k-th learns from those up to the (k - parallel)-th.

    >>> turns([5, 6, 7], [0, 1], parallel=2)[7]
    Turn(learns=(0, 1, 5), beside=(6,))
    """
    order = (*known, *new)
    found: dict[int, Turn] = {}
    for at, bracket in enumerate(new, len(known)):
        ended = max(len(known), at - parallel + 1)
        found[bracket] = Turn(order[:ended], order[ended:at])
    return found
