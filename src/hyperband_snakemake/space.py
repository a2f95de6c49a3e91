"""Distinct configurations for all slots of a search, drawn from one template."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from .core.layout import Slot
from .core.plan import Plan
from .errors import SpaceTooSmall
from .sampling import Generator, Replay, Source, every_path

TRIES = 27  # draws of a slot before its space is counted instead; the original tool gives up after as many
MOST_PATHS = 100_000  # beyond this a space is not counted
MOST_TRIES = 10_000  # draws of a slot in a space too large to be counted

Render = Callable[[Slot, Source], str]


def draw_configurations(plan: Plan, render: Render, seed: int) -> Iterator[tuple[Slot, str]]:
    """Draw a configuration for each slot of stage 0, all different.

    The slots are filled in the order of their numbers from one generator. A text that was drawn before is drawn again;
    where that fails `TRIES` times, the rest of the space is listed and one of its texts is drawn, so that a space which
    is exactly as large as the search is filled.

    Args:
        plan: the whole search, all brackets, so that each bracket has the same configurations whatever else is written.
        render: makes the text of a slot from random decisions.
        seed: of the generator.

    Raises:
        SpaceTooSmall: the template cannot yield as many distinct texts.
    """
    generator = Generator(seed)
    seen: set[str] = set()
    rest: list[tuple[int, ...]] | None = None
    total = sum(bracket.stages[0].configurations for bracket in plan.brackets)
    for bracket in plan.brackets:
        for c in range(bracket.stages[0].configurations):
            slot = Slot(bracket.index, 0, c)
            here = partial(render, slot)
            text = _draw(here, generator, seen, TRIES)
            if text is None:
                text, rest = _draw_from_rest(here, generator, seen, rest)
            if text is None:
                raise SpaceTooSmall(
                    f"the configuration's template yields {len(seen)} different texts, but the search needs {total}.\n"
                    "  Draw from more values in it, or make the search smaller: a smaller SMAX, or --bracket. "
                    "Nothing was written."
                )
            seen.add(text)
            yield slot, text


def _draw(render: Callable[[Source], str], source: Source, seen: set[str], tries: int) -> str | None:
    for _ in range(tries):
        if (text := render(source)) not in seen:
            return text
    return None


def _draw_from_rest(
    render: Callable[[Source], str], generator: Generator, seen: set[str], rest: list[tuple[int, ...]] | None
) -> tuple[str | None, list[tuple[int, ...]] | None]:
    """Draw from those decisions that lead to a new text; ``rest`` is what an earlier slot left of them."""
    if rest and (text := _draw_and_remove(render, generator, seen, rest)) is not None:
        return text, rest
    paths = list(islice(every_path(render), MOST_PATHS + 1))
    if len(paths) > MOST_PATHS:
        return _draw(render, generator, seen, MOST_TRIES), None
    new: dict[str, tuple[int, ...]] = {}
    for decisions, text in paths:
        if text not in seen:
            new.setdefault(text, decisions)
    rest = list(new.values())
    return _draw_and_remove(render, generator, seen, rest), rest


def _draw_and_remove(
    render: Callable[[Source], str], generator: Generator, seen: set[str], rest: list[tuple[int, ...]]
) -> str | None:
    while rest:
        at = generator.below(len(rest))
        rest[at], rest[-1] = rest[-1], rest[at]
        if (text := render(Replay(rest.pop()))) not in seen:
            return text
    return None
