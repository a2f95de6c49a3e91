"""Distinct configurations for all slots of a search, drawn from one template."""

from collections.abc import Callable, Iterator
from functools import partial

from ..core.plan import Plan, counted
from ..core.tree.layout import Slot
from ..errors import SpaceTooSmall
from .draws import RenderedConfig
from .generator import Endless, Generator, Replay, Source, every_path

TRIES = 27  # draws for a slot before its space is listed instead; the original tool gives up after this many
MOST_PATHS = 100_000  # larger spaces are not listed
MOST_TRIES = 10_000  # draws for a slot in a space that is too large to list

Render = Callable[[Slot, Source], RenderedConfig]


class Seen:
    """The configurations so far. A new one differs from all of them both in what it drew and in its text."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: set[tuple[bool, str]] = set()
        self.number = 0
        self.rejected = ""  # why the template rejected a configuration last

    def is_new(self, drawn: RenderedConfig) -> bool:
        """Whether it has not been seen before and is not rejected."""
        self.rejected = drawn.rejected or self.rejected
        return not drawn.rejected and self._known.isdisjoint(_marks(drawn))

    def add(self, drawn: RenderedConfig) -> None:
        """Mark it as seen."""
        self._known.update(_marks(drawn))
        self.number += 1


def _marks(drawn: RenderedConfig) -> tuple[tuple[bool, str], ...]:
    text = (True, drawn.text)
    return (text,) if drawn.identity is None else (text, (False, drawn.identity))


class Drawer:
    """Draws one configuration after the other, all different.

    If the configuration was drawn before or is rejected, it draws again. After `TRIES` failures, the rest of the space
    is listed and one of it drawn, so that even a space exactly as large as the search suffices.
    """

    def __init__(self, render: Render, generator: Generator, seen: Seen | None = None) -> None:
        """Draw from this generator what has not been seen yet."""
        self._render = render
        self._generator = generator
        self._rest: list[tuple[int, ...]] | None = None
        self.seen = seen or Seen()

    def draw(self, slot: Slot, first: Render | None = None) -> RenderedConfig | None:
        """Draw for this slot, with ``first_of`` first if given; None if nothing is left."""
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
        """Draw from the paths that lead to something new, starting with those that an earlier slot left over."""
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
    """List one path to each configuration that was not seen yet; None if there are too many paths."""
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
    """Draw distinct configurations for all slots of stage 0, in numerical order.

    Args:
        plan: the whole search with all brackets, so that a bracket's configurations do not depend on which are written.
        render: makes the configuration of a slot from random decisions.
        seed: the generator's seed.
        first_of: another way to make a bracket's configurations, used as long as it yields new ones.
        needed: how many the search needs in total, if others are drawn later; for the message.

    Raises:
        SpaceTooSmall: the template cannot yield that many distinct configurations.
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
    """Build the error; ``rejected`` is why the template rejected others.

    ``is_fixed``: nothing is drawn in the template.
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
