"""Random draws for templates: one generator for the whole search, and a count of all that a template can draw."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol


class Source(Protocol):
    """Something that answers: which of n?"""

    def below(self, n: int) -> int:
        """Return an integer from 0 to n - 1."""


class Generator:
    """Draws by a Mersenne twister; the same numbers for a seed on every machine and Python version.

    >>> source = Generator(123456)
    >>> [source.below(1000000) for _ in range(3)]
    [844761, 884805, 832631]
    """

    def __init__(self, seed: int) -> None:
        """Start at a seed, 0 or larger."""
        self._twister = random.Random(seed)  # noqa: S311 (nothing secret)

    def below(self, n: int) -> int:
        """Draw from 0 to n - 1, all equally likely (as `random.choice` does, which may change between versions)."""
        bits = n.bit_length()
        value = self._twister.getrandbits(bits)
        while value >= n:
            value = self._twister.getrandbits(bits)
        return value


class Replay:
    """Gives decisions noted beforehand, then 0; notes how many options each decision had."""

    def __init__(self, decisions: Sequence[int]) -> None:
        """Prepare to answer with these."""
        self._decisions = decisions
        self.taken: list[tuple[int, int]] = []  # (decision, options)

    def below(self, n: int) -> int:
        """Answer with the next decision."""
        at = len(self.taken)
        decision = self._decisions[at] if at < len(self._decisions) else 0
        self.taken.append((decision, n))
        return decision


def every_path(render: Callable[[Source], str]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Walk through all decisions that a template can take: (decisions, text) for each, in order.

    >>> [text for _, text in every_path(lambda s: f"{s.below(2)}{s.below(2)}")]
    ['00', '01', '10', '11']
    """
    decisions: list[int] = []
    while True:
        replay = Replay(decisions)
        text = render(replay)
        taken = replay.taken
        yield tuple(decision for decision, _ in taken), text
        while taken and taken[-1][0] + 1 >= taken[-1][1]:
            taken.pop()
        if not taken:
            return
        decisions = [decision for decision, _ in taken[:-1]] + [taken[-1][0] + 1]


def pick(source: Source, options: Any) -> Any:
    """Draw one of a sequence, as the filter ``random`` does.

    Raises:
        ValueError: there is nothing to draw from.
    """
    try:
        options[0:0], len(options)
    except TypeError:
        options = list(options)
    if len(options) == 0:
        raise ValueError("the filter 'random' got an empty list")
    return options[source.below(len(options))]
