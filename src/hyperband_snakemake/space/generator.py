"""Random draws for templates: one generator for the whole search, and a way to list all that a template can draw."""

import random
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, Protocol, TypeVar


class Source(Protocol):
    """Decides: which of n?"""

    def below(self, n: int) -> int:
        """Return an integer from 0 to n - 1."""

    def index(self, n: int, from_unit: Callable[[float], int] | None = None) -> int:
        """Return an integer from 0 to n - 1; ``from_unit`` makes it from a real number if not equally likely."""

    def unit(self) -> float:
        """Return a real number from 0 up to but excluding 1."""

    def aside(self, n: int) -> int:
        """Return an integer from 0 to n - 1 that does not make the configuration a different one."""


def derived_seed(*words: object) -> int:
    """Make a seed from words, the same on every machine.

    >>> derived_seed(123456, "sobol", 0) == derived_seed(123456, "sobol", 0) != derived_seed(123456, "sobol", 1)
    True
    """
    return int.from_bytes(sha256("/".join(map(str, words)).encode()).digest()[:4])  # samplers take 32 bits


class Endless(Exception):
    """A template draws from too many values to list them."""


class Generator:
    """Draws with a Mersenne twister; a seed gives the same numbers on every machine and Python version.

    >>> source = Generator(123456)
    >>> [source.below(1000000) for _ in range(3)]
    [844761, 884805, 832631]
    """

    def __init__(self, seed: int) -> None:
        """Start from a seed, 0 or larger."""
        self._twister = random.Random(seed)  # noqa: S311 (nothing secret)

    def below(self, n: int) -> int:
        """Draw from 0 to n - 1, all equally likely (as `random.choice` does, which may change between versions)."""
        bits = n.bit_length()
        value = self._twister.getrandbits(bits)
        while value >= n:
            value = self._twister.getrandbits(bits)
        return value

    def index(self, n: int, from_unit: Callable[[float], int] | None = None) -> int:
        """Draw from 0 to n - 1."""
        return self.below(n) if from_unit is None else from_unit(self.unit())

    def unit(self) -> float:
        """Draw one of 2**53 equidistant numbers from 0 up to but excluding 1."""
        return self.below(2**53) / 2**53

    def aside(self, n: int) -> int:
        """Draw from 0 to n - 1."""
        return self.below(n)


class Replay:
    """Repeats given decisions, then answers 0; records how many options each decision had."""

    def __init__(self, decisions: Sequence[int], generator: Generator | None = None) -> None:
        """Prepare to answer with these decisions; draws that make no difference come from the generator."""
        self._decisions = decisions
        self._generator = generator
        self.taken: list[tuple[int, int]] = []  # (decision, options)

    def below(self, n: int) -> int:
        """Answer with the next decision."""
        at = len(self.taken)
        decision = self._decisions[at] if at < len(self._decisions) else 0
        self.taken.append((decision, n))
        return decision

    def index(self, n: int, from_unit: Callable[[float], int] | None = None) -> int:  # noqa: ARG002
        """Answer with the next decision, whatever its probability."""
        return self.below(n)

    def unit(self) -> float:
        """Give up: there are too many of them.

        Raises:
            Endless: always.
        """
        raise Endless

    def aside(self, n: int) -> int:
        """Draw from 0 to n - 1; this is not a decision."""
        return self._generator.below(n) if self._generator else 0


Made = TypeVar("Made")


def every_path(render: Callable[[Source], Made], most: int | None = None) -> Iterator[tuple[tuple[int, ...], Made]]:
    """Walk through all paths of decisions in a template, in order, and yield (decisions, result) for each.

    >>> [text for _, text in every_path(lambda s: f"{s.below(2)}{s.below(2)}")]
    ['00', '01', '10', '11']

    Raises:
        Endless: a real number is drawn, or a single decision has more than ``most`` options.
    """
    decisions: list[int] = []
    asides = Generator(0)  # not the search's generator: listing a space must not change what is drawn later
    while True:
        replay = Replay(decisions, asides)
        text = render(replay)
        taken = replay.taken
        if most is not None and any(options > most for _, options in taken):
            raise Endless
        yield tuple(decision for decision, _ in taken), text
        while taken and taken[-1][0] + 1 >= taken[-1][1]:
            taken.pop()
        if not taken:
            return
        decisions = [decision for decision, _ in taken[:-1]] + [taken[-1][0] + 1]


def pick(source: Source, options: Any) -> Any:
    """Draw one item of a sequence, for the filter ``random``.

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
