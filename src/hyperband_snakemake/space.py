"""Distinct configurations for all slots of a search, drawn from one template."""

from collections.abc import Callable, Iterator
from functools import partial
from math import prod

from .core.layout import Slot
from .core.plan import Plan
from .draws import Drawn
from .errors import SpaceTooSmall
from .sampling import Endless, Generator, Replay, Source, every_path

TRIES = 27  # draws of a slot before its space is counted instead; the original tool gives up after as many
MOST_PATHS = 100_000  # beyond this a space is not counted
MOST_TRIES = 10_000  # draws of a slot in a space too large to be counted
MOST_COUNTED = 10_000  # a space beyond this is large enough for anybody who only wants to know

Render = Callable[[Slot, Source], Drawn]


class Seen:
    """The configurations so far. One is new if neither what it drew nor its text was there before."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: set[tuple[bool, str]] = set()
        self.number = 0
        self.rejected = ""  # why the template did not want the last one that it rejected

    def is_new(self, drawn: Drawn) -> bool:
        """Whether it is none of those seen, and not rejected."""
        self.rejected = drawn.rejected or self.rejected
        return not drawn.rejected and self._known.isdisjoint(_marks(drawn))

    def add(self, drawn: Drawn) -> None:
        """See it."""
        self._known.update(_marks(drawn))
        self.number += 1


def _marks(drawn: Drawn) -> tuple[tuple[bool, str], ...]:
    text = (True, drawn.text)
    return (text,) if drawn.identity is None else (text, (False, drawn.identity))


def count_configurations(render: Callable[[Source], Drawn]) -> int | None:
    """Count the distinct configurations of a template; None if there are more than `MOST_COUNTED` or no end."""
    seen = Seen()
    try:
        first = Replay([])
        render(first)
        if prod(options for _, options in first.taken) > MOST_COUNTED:
            return None
        for number, (_, drawn) in enumerate(every_path(render, MOST_COUNTED)):
            if number > MOST_COUNTED:
                return None
            if seen.is_new(drawn):
                seen.add(drawn)
    except Endless:
        return None
    return seen.number


def draw_configurations(plan: Plan, render: Render, seed: int) -> Iterator[tuple[Slot, Drawn]]:
    """Draw a configuration for each slot of stage 0, all different.

    The slots are filled in the order of their numbers from one generator. What was drawn before is drawn again; where
    that fails `TRIES` times, the rest of the space is listed and one of it is drawn, so that a space which is exactly
    as large as the search is filled.

    Args:
        plan: the whole search, all brackets, so that each bracket has the same configurations whatever else is written.
        render: makes the configuration of a slot from random decisions.
        seed: of the generator.

    Raises:
        SpaceTooSmall: the template cannot yield as many distinct configurations.
    """
    generator = Generator(seed)
    seen = Seen()
    rest: list[tuple[int, ...]] | None = None
    total = sum(bracket.stages[0].configurations for bracket in plan.brackets)
    for bracket in plan.brackets:
        for c in range(bracket.stages[0].configurations):
            slot = Slot(bracket.index, 0, c)
            here = partial(render, slot)
            drawn = _draw(here, generator, seen, TRIES)
            if drawn is None:
                drawn, rest = _draw_from_rest(here, generator, seen, rest)
            if drawn is None:
                raise _too_small(seen, total)
            seen.add(drawn)
            yield slot, drawn


def _too_small(seen: Seen, total: int) -> SpaceTooSmall:
    rejected = f"\n  Others were rejected: {seen.rejected}" if seen.rejected else ""
    return SpaceTooSmall(
        f"the configuration's template yields {seen.number} different configurations, but the search needs {total}."
        f"{rejected}\n  Draw from more values in it, or make the search smaller: a smaller SMAX, or --bracket. "
        "Nothing was written."
    )


def _draw(render: Callable[[Source], Drawn], source: Source, seen: Seen, tries: int) -> Drawn | None:
    for _ in range(tries):
        if seen.is_new(drawn := render(source)):
            return drawn
    return None


def _draw_from_rest(
    render: Callable[[Source], Drawn], generator: Generator, seen: Seen, rest: list[tuple[int, ...]] | None
) -> tuple[Drawn | None, list[tuple[int, ...]] | None]:
    """Draw from those decisions that lead to something new; ``rest`` is what an earlier slot left of them."""
    if rest and (drawn := _draw_and_remove(render, generator, seen, rest)) is not None:
        return drawn, rest
    rest = _paths_to_new(render, seen)
    if rest is None:
        return _draw(render, generator, seen, MOST_TRIES), None
    return _draw_and_remove(render, generator, seen, rest), rest


def _paths_to_new(render: Callable[[Source], Drawn], seen: Seen) -> list[tuple[int, ...]] | None:
    """List one path to each configuration that was not seen; None if there are too many paths."""
    new: dict[str, tuple[int, ...]] = {}
    try:
        for number, (decisions, drawn) in enumerate(every_path(render, MOST_PATHS)):
            if number >= MOST_PATHS:
                return None
            if seen.is_new(drawn):
                new.setdefault(drawn.identity or drawn.text, decisions)
    except Endless:
        return None
    return list(new.values())


def _draw_and_remove(
    render: Callable[[Source], Drawn], generator: Generator, seen: Seen, rest: list[tuple[int, ...]]
) -> Drawn | None:
    while rest:
        at = generator.below(len(rest))
        rest[at], rest[-1] = rest[-1], rest[at]
        if seen.is_new(drawn := render(Replay(rest.pop(), generator))):
            return drawn
    return None
