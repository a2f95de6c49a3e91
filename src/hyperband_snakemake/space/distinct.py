"""Distinct configurations for all slots of a search, drawn from one template."""

from collections.abc import Callable, Iterator
from functools import partial

from ..core.plan import Plan, counted
from ..core.tree.layout import Slot
from ..errors import SpaceTooSmall
from .draws import RenderedConfig
from .generator import Endless, Generator, Replay, Source, every_path

TRIES = 27  # draws of a slot before its space is counted instead; the original tool gives up after as many
MOST_PATHS = 100_000  # beyond this a space is not counted
MOST_TRIES = 10_000  # draws of a slot in a space too large to be counted

Render = Callable[[Slot, Source], RenderedConfig]


class Seen:
    """The configurations so far. One is new if neither what it drew nor its text was there before."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: set[tuple[bool, str]] = set()
        self.number = 0
        self.rejected = ""  # why the template did not want the last one that it rejected

    def is_new(self, drawn: RenderedConfig) -> bool:
        """Whether it is none of those seen, and not rejected."""
        self.rejected = drawn.rejected or self.rejected
        return not drawn.rejected and self._known.isdisjoint(_marks(drawn))

    def add(self, drawn: RenderedConfig) -> None:
        """See it."""
        self._known.update(_marks(drawn))
        self.number += 1


def _marks(drawn: RenderedConfig) -> tuple[tuple[bool, str], ...]:
    text = (True, drawn.text)
    return (text,) if drawn.identity is None else (text, (False, drawn.identity))


class Drawer:
    """Draws one configuration after the other, all different.

    What was drawn before, or is rejected, is drawn again; where that fails `TRIES` times, the rest of the space is
    listed and one of it is drawn, so that a space which is exactly as large as the search is filled.
    """

    def __init__(self, render: Render, generator: Generator, seen: Seen | None = None) -> None:
        """Draw from this generator what was not seen yet."""
        self._render = render
        self._generator = generator
        self._rest: list[tuple[int, ...]] | None = None
        self.seen = seen or Seen()

    def draw(self, slot: Slot, first: Render | None = None) -> RenderedConfig | None:
        """Draw for this slot, at first in another way if there is one; None if nothing is left."""
        here = partial(self._render, slot)
        drawn = self._some_of(partial(first or self._render, slot), TRIES) or self._from_rest(here)
        if drawn is not None:
            self.seen.add(drawn)
        return drawn

    def _some_of(self, render: Callable[[Source], RenderedConfig], tries: int) -> RenderedConfig | None:
        for _ in range(tries):
            if self.seen.is_new(drawn := render(self._generator)):
                return drawn
        return None

    def _from_rest(self, render: Callable[[Source], RenderedConfig]) -> RenderedConfig | None:
        """Draw from those decisions that lead to something new; first from what an earlier slot left of them."""
        if self._rest and (drawn := self._remove_one(render, self._rest)) is not None:
            return drawn
        self._rest = _paths_to_new(render, self.seen)
        if self._rest is None:
            return self._some_of(render, MOST_TRIES)
        return self._remove_one(render, self._rest)

    def _remove_one(
        self, render: Callable[[Source], RenderedConfig], rest: list[tuple[int, ...]]
    ) -> RenderedConfig | None:
        while rest:
            at = self._generator.below(len(rest))
            rest[at], rest[-1] = rest[-1], rest[at]
            if self.seen.is_new(drawn := render(Replay(rest.pop(), self._generator))):
                return drawn
        return None


def _paths_to_new(render: Callable[[Source], RenderedConfig], seen: Seen) -> list[tuple[int, ...]] | None:
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


def draw_configurations(
    plan: Plan,
    render: Render,
    seed: int,
    first_of: Callable[[int], Render | None] = lambda _: None,
    needed: int | None = None,
) -> Iterator[tuple[Slot, RenderedConfig]]:
    """Draw a configuration for each slot of stage 0, all different, in the order of their numbers.

    Args:
        plan: the whole search, all brackets, so that each bracket has the same configurations whatever else is written.
        render: makes the configuration of a slot from random decisions.
        seed: of the generator.
        first_of: how a bracket's configurations are made instead, as long as that yields new ones.
        needed: how many the search needs, if others are drawn later; for the message.

    Raises:
        SpaceTooSmall: the template cannot yield as many distinct configurations.
    """
    drawer = Drawer(render, Generator(seed))
    total = needed or sum(bracket.stages[0].configurations for bracket in plan.brackets)
    for bracket in plan.brackets:
        first = first_of(bracket.index)
        for c in range(bracket.stages[0].configurations):
            slot = Slot(bracket.index, 0, c)
            drawn = drawer.draw(slot, first)
            if drawn is None:
                raise too_small(
                    drawer.seen.number, total, drawer.seen.rejected, is_fixed=draws_nothing(partial(render, slot))
                )
            yield slot, drawn


def draws_nothing(render: Callable[[Source], RenderedConfig]) -> bool:
    """Whether a template yields the same text whatever is drawn."""
    first = Replay([])
    try:
        render(first)
    except Endless:
        return False
    return not first.taken


def too_small(found: int, needed: int, rejected: str = "", *, is_fixed: bool = False) -> SpaceTooSmall:
    """Build the error that says so; ``rejected`` is why the template did not want others.

    ``is_fixed`` is whether nothing is drawn in it.
    """
    if is_fixed and not rejected:
        return SpaceTooSmall(
            f"nothing in the configuration template is drawn, but the search needs {needed} different configurations.\n"
            "  Use {{ ... }} for what varies, such as {{ uniform('lr', 0, 1) }} or {{ [16, 32, 64] | random }}. "
            "Nothing was written."
        )
    others = f"\n  Others were rejected: {rejected}" if rejected else ""
    return SpaceTooSmall(
        f"the configuration template yields {counted(found, 'different configuration')}, but the search needs {needed}."
        f"{others}\n  Draw from more values in it, or make the search smaller: a larger --min-budget or "
        "a smaller SMAX, or --bracket. "
        "Nothing was written."
    )
