"""Finding what a template has drawn for a text: the way back from a configuration to its named values.

The template is rendered again and again, with candidates for each named value: those that the text has under the name,
the numbers in it, or all that can be drawn if they are few. What is printed must be what the text says, whatever else
the template makes of a value on the way.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ...errors import TemplateError
from ..distributions import Distribution
from ..draws import Choose, RenderedConfig, record_text
from ..parameters import read_texts
from ..values import Spelled, number_of
from .agreement import agreement_of, pairs_of, tokens_of
from .candidates import Clues, ends_of, nearest

MOST_RENDERINGS = 1500  # before a text is given up
FOR_A_BETTER_ONE = 100  # renderings, once one is found with the same numbers in other spellings
BISECTIONS = 60

Render = Callable[[Choose], RenderedConfig]


def recognize(render: Render, text: str, names: Mapping[str, Any] | None = None) -> RenderedConfig | None:
    """Find the values with which a template prints this text; None if it cannot be found to print it.

    Args:
        render: renders the template, with what decides on each named value.
        text: of the configuration.
        names: values that are known, by name; without them, those that the text shows.

    Returns:
        The configuration with its record, in which a seed is the one that the text has.
    """
    return _Search(render, text, names).find()


@dataclass(frozen=True)
class _Draw:
    name: str
    distribution: Distribution


class _Search:
    """One search: depth first, always with what is most like the text."""

    def __init__(self, render: Render, text: str, names: Mapping[str, Any] | None) -> None:
        self._render, self._text, self._left = render, text, MOST_RENDERINGS
        self._names: Mapping[str, Any] = read_texts([text])[0].values if names is None else names
        self._tokens = tokens_of(text)
        self._clues = Clues(text, self._names)
        self._pairs = pairs_of(self._tokens)
        self._near: RenderedConfig | None = None

    def find(self) -> RenderedConfig | None:
        """Search for the very spelling, or else for the same numbers."""
        return self._from(()) or self._near

    def _from(self, decided: tuple[Any, ...]) -> RenderedConfig | None:
        rendered, draws = self._try(decided)
        if rendered is not None:
            for exactly in (True, False):
                seeds = self._agreement(rendered, exactly=exactly)
                if seeds is not None:
                    found = RenderedConfig(self._text, rendered.identity, _with_seeds(rendered, seeds))
                    if exactly:
                        return found
                    self._left = min(self._left, FOR_A_BETTER_ONE)
                    self._near = self._near or found
        if len(decided) >= len(draws):
            return None
        draw = draws[len(decided)]
        options = list(self._candidates(draw))
        ranked = sorted(options, key=lambda option: self._distance((*decided, option))) if len(options) > 1 else options
        for option in chain(ranked, self._solved(decided, draw)):
            deeper = self._from((*decided, option)) if self._left > 0 else None
            if deeper is not None:
                return deeper
        return None

    def _try(self, decided: Sequence[Any]) -> tuple[RenderedConfig | None, list[_Draw]]:
        """Render with these decisions, and the first candidates for what comes after them."""
        draws: list[_Draw] = []

        def choose(name: str, distribution: Distribution) -> Any:
            draw = _Draw(name, distribution)
            value = decided[len(draws)] if len(draws) < len(decided) else next(self._candidates(draw))
            draws.append(draw)
            return value

        self._left -= 1
        try:
            rendered = self._render(choose)
        except TemplateError:
            return None, draws
        return (None if rendered.rejected else rendered), draws

    def _distance(self, decided: tuple[Any, ...]) -> int:
        rendered, draws = self._try(decided)
        if rendered is None and len(draws) <= len(decided):
            return 10**9
        other = Counter() if rendered is None else pairs_of(tokens_of(rendered.text))
        return sum((self._pairs - other).values()) + sum((other - self._pairs).values())

    def _candidates(self, draw: _Draw) -> Iterator[Any]:
        return self._clues.candidates(draw.name, draw.distribution)

    def _solved(self, decided: tuple[Any, ...], draw: _Draw) -> Iterator[Any]:
        """Find the number of which the text has what the template makes of it, such as ``10 ** x``, by bisection."""
        ends = ends_of(draw.distribution)
        if ends is None:
            return
        low, high = ends
        lower, higher = (self._printed((*decided, nearest(draw.distribution, end))) for end in ends)
        if not len(lower) == len(higher) == len(self._tokens):
            return
        for place, (one, other, target) in enumerate(zip(lower, higher, map(number_of, self._tokens), strict=True)):
            first, last = number_of(one), number_of(other)
            if target is None or first is None or last is None or not min(first, last) <= target <= max(first, last):
                continue
            if first != last:
                yield self._bisected(decided, draw, (low, high), (place, target, first < last))

    def _bisected(
        self, decided: tuple[Any, ...], draw: _Draw, ends: tuple[float, float], aim: tuple[int, float, bool]
    ) -> Any:
        (low, high), (place, target, rises) = ends, aim
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            printed = self._printed((*decided, nearest(draw.distribution, middle)))
            number = number_of(printed[place]) if place < len(printed) else None
            if number is None or number == target:
                return nearest(draw.distribution, middle)
            low, high = (middle, high) if (number < target) == rises else (low, middle)
        return nearest(draw.distribution, (low + high) / 2)

    def _printed(self, decided: tuple[Any, ...]) -> list[str]:
        rendered, _ = self._try(decided)
        return [] if rendered is None else tokens_of(rendered.text)

    def _agreement(self, rendered: RenderedConfig, *, exactly: bool) -> dict[str, Any] | None:
        """Return the seeds of the text if it agrees with what was rendered, else None."""
        seeds: Mapping[str, int] = rendered.data.get("seeds", {})
        ours, theirs = read_texts([rendered.text, self._text])
        if ours.values and theirs.values and not ours.unclear and not theirs.unclear:
            found = agreement_of(ours.values, theirs.values, seeds, exactly=exactly)
        else:
            printed, given = (dict(enumerate(map(Spelled, one))) for one in (tokens_of(rendered.text), self._tokens))
            found = agreement_of(printed, given, seeds, exactly=exactly) if len(printed) == len(given) else None
        return found


def _with_seeds(rendered: RenderedConfig, seeds: Mapping[str, Any]) -> str | None:
    return None if rendered.record is None else record_text(rendered.data | {"seeds": seeds})
