"""Fitting a view into a terminal: what the terminal can show, and blocks that share its lines."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

MOST_LINES, NARROWEST = 50, 20
TIGHT = 30  # in terminals with up to this many lines, blocks that are cut have no empty lines between them


@dataclass(frozen=True)
class Look:
    """What a terminal can show: its size, and whether it has letters beyond ASCII."""

    width: int = 80
    height: int = 24
    ascii: bool = False

    @property
    def dots(self) -> str:
        """What marks the place where a text was cut."""
        return "..." if self.ascii else "…"

    def text(self, words: str, style: str = "") -> Text:
        """One line, cut to fit."""
        return Text(cut(words, self.width, self.dots), style, no_wrap=True, overflow="crop")

    def bar(self, share: float, width: int) -> Text:
        """A bar that is readable without colours."""
        full, rest = ("#", ".") if self.ascii else ("━", "┄")
        done = width if share >= 1 else min(width - 1, int(share * width))
        return Text.assemble(full * done, (rest * (width - done), "dim"), no_wrap=True)


def look_of(console: Console) -> Look:
    """What the terminal can show at present."""
    size = console.size
    return Look(max(NARROWEST, size.width), max(8, size.height), console.options.ascii_only)


def is_live(console: Console) -> bool:
    """Whether a view can be redrawn in place, which needs a terminal with cursor movements."""
    return console.is_terminal and not console.is_dumb_terminal and os.environ.get("TERM") != "unknown"


def cut(words: str, width: int, dots: str = "…") -> str:
    """Cut a text to a width in characters, and mark the cut.

    >>> cut("bracket-0/stage-0", 10), cut("bracket", 10)
    ('bracket-0…', 'bracket')
    """
    return words if len(words) <= width else words[: max(0, width - len(dots))] + dots


@dataclass(frozen=True)
class Block:
    """A part of a view: a ``heading`` and ``rows``, at least ``least`` of them, with ``more`` in place of hidden ones.

    ``more`` gets the number of rows that are shown.
    """

    heading: tuple[Text, ...]
    rows: Sequence[Sequence[RenderableType]]
    least: int = 1
    more: Callable[[int], Text | None] = lambda _: None

    def lines(self, room: int) -> int:
        """Number of lines it takes if it may use ``room`` lines."""
        return min(room, len(self.heading) + len(self.rows) + (self.more(len(self.rows)) is not None))

    @property
    def fewest(self) -> int:
        """Fewest lines it needs; if rows are hidden, one line says so."""
        return self.lines(len(self.heading) + self.least)

    def drawn(self, room: int) -> list[RenderableType]:
        """Its drawing in ``room`` lines."""
        shown = min(len(self.rows), room - len(self.heading))
        if len(self.heading) + shown + (self.more(shown) is not None) > room:
            shown = max(0, room - len(self.heading) - 1)
        grid = Table.grid(padding=(0, 2 if self.heading else 1, 0, 0))
        for row in self.rows[:shown]:
            grid.add_row(*row)
        for column in grid.columns:
            column.no_wrap = True
        rest = self.more(shown)
        lines: list[RenderableType] = [*self.heading]
        lines += [grid] if shown else []
        return lines + ([rest] if rest is not None else [])


def fit(blocks: Sequence[Block], room: int) -> RenderableType:
    """Draw blocks below each other in ``room`` lines: each gets its fewest lines, then the first ones get more.

    If there is no room for some, the last ones are left out. Empty lines separate them if there is room.
    """
    kept = list(blocks)
    while len(kept) > 1 and sum(block.fewest for block in kept) > room:
        kept.pop()
    given = [block.fewest for block in kept]
    for place, block in enumerate(kept):
        given[place] += min(block.lines(room) - given[place], room - sum(given))
    spare = room - sum(given) >= len(kept) - 1
    parts: list[RenderableType] = []
    for place, (block, lines) in enumerate(zip(kept, given, strict=True)):
        parts += [Text()] * (spare and place > 0)
        parts += block.drawn(lines)
    return Group(*parts)
