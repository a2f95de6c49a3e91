"""Finding what a template drew for a text: from a configuration back to its named values.

The template is rendered repeatedly with candidates for each named value: what the text has under that name, the numbers
in it, or everything that can be drawn if that is little. The output must agree with the text, however the template
transforms a value on the way.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import TemplateError
from ..distributions import Distribution
from ..draws import Choose, RenderedConfig, record_text
from ..generator import Generator, Source
from ..parameters import read_texts
from ..selections import Choice
from ..values import Spelled
from .agreement import Place, agreement_of, numbers_by_place, pairs_of, tokens_of
from .candidates import Clues, ends_of, nearest

MOST_RENDERINGS = 1500  # before giving up on a text
FOR_A_BETTER_ONE = 100  # renderings after one is found with the same numbers in other spellings
BISECTIONS = 60
MORE = 2  # options that are tried although they match less of the text than others

Render = Callable[[Choose, Source], RenderedConfig]


def recognize(render: Render, text: str, names: Mapping[str, Any] | None = None) -> RenderedConfig | None:
    """Find the values for which a template prints this text; None if none are found.

    Args:
        render: renders the template, given a function that decides each named value and a source for other draws.
        text: the configuration's text.
        names: known values by name; by default, those in the text.

    Returns:
        The configuration with its record, in which seeds are those in the text.
    """
    return _Search(render, text, names).find()


@dataclass(frozen=True)
class _Draw:
    name: str
    distribution: Distribution


class _Picked(Generator):
    """Lets unnamed draws of the filter ``random`` be chosen, too."""

    def __init__(self, choose: Choose) -> None:
        super().__init__(0)
        self._choose = choose

    def below(self, n: int) -> int:
        """Choose from 0 to n - 1."""
        return int(self._choose("", Choice(tuple(map(str, range(n))))))

    def aside(self, n: int) -> int:
        """Draw from 0 to n - 1; this is not a choice."""
        return super().below(n)


class _Search:
    """One search: depth first, always continuing with what is most like the text."""

    def __init__(self, render: Render, text: str, names: Mapping[str, Any] | None) -> None:
        self._render, self._text, self._left = render, text, MOST_RENDERINGS
        self._names: Mapping[str, Any] = read_texts([text])[0].values if names is None else names
        self._tokens = tokens_of(text)
        self._clues = Clues(text, self._names)
        self._pairs = pairs_of(self._tokens)
        self._places = numbers_by_place(self._tokens)
        self._near: RenderedConfig | None = None
        self._tried: dict[str, tuple[RenderedConfig | None, list[_Draw]]] = {}

    def find(self) -> RenderedConfig | None:
        """Search for the exact spelling, or else for the same numbers."""
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
        for option in self._options(decided, draws[len(decided)]):
            deeper = self._from((*decided, option)) if self._left > 0 else None
            if deeper is not None:
                return deeper
        return None

    def _options(self, decided: tuple[Any, ...], draw: _Draw) -> list[Any]:
        """Return what to try for a draw, best first: all that match most of the text, and a few others."""
        distances = [(self._distance((*decided, option)), option) for option in self._candidates(draw)]
        if min(distances, key=_distance_of)[0] >= distances[-1][0]:  # none matches better than an arbitrary number
            distances += [(self._distance((*decided, option)), option) for option in self._solved(decided, draw)]
        ranked = sorted(distances, key=_distance_of)
        alike = sum(distance == ranked[0][0] for distance, _ in ranked)
        return [option for _, option in ranked[: alike + MORE]]

    def _try(self, decided: Sequence[Any]) -> tuple[RenderedConfig | None, list[_Draw]]:
        """Render with these decisions, and the first candidates for later ones."""
        draws: list[_Draw] = []

        def choose(name: str, distribution: Distribution) -> Any:
            draw = _Draw(name, distribution)
            value = decided[len(draws)] if len(draws) < len(decided) else next(self._candidates(draw))
            draws.append(draw)
            return value

        known = repr(decided)
        if known not in self._tried:
            self._left -= 1
            try:
                rendered = self._render(choose, _Picked(choose))
                self._tried[known] = (None if rendered.rejected else rendered), draws
            except TemplateError:
                self._tried[known] = None, draws
        return self._tried[known]

    def _distance(self, decided: tuple[Any, ...]) -> int:
        rendered, draws = self._try(decided)
        if rendered is None and len(draws) <= len(decided):
            return 10**9
        other = Counter() if rendered is None else pairs_of(tokens_of(rendered.text))
        return sum((self._pairs - other).values()) + sum((other - self._pairs).values())

    def _candidates(self, draw: _Draw) -> Iterator[Any]:
        return self._clues.candidates(draw.name, draw.distribution)

    def _solved(self, decided: tuple[Any, ...], draw: _Draw) -> Iterator[Any]:
        """Find by bisection the number that the template turns into the one in the text, such as by ``10 ** x``."""
        ends = ends_of(draw.distribution)
        if ends is None:
            return
        lower, higher = (self._printed((*decided, nearest(draw.distribution, end))) for end in ends)
        for place, target in self._places.items():
            if place in lower and place in higher:
                first, last = lower[place], higher[place]
                if first != last and min(first, last) <= target <= max(first, last):
                    yield self._bisected(decided, draw, ends, place, rises=first < last)

    def _bisected(
        self, decided: tuple[Any, ...], draw: _Draw, ends: tuple[float, float], place: Place, *, rises: bool
    ) -> Any:
        low, high = ends
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            number = self._printed((*decided, nearest(draw.distribution, middle))).get(place)
            if number is None or number == self._places[place]:
                return nearest(draw.distribution, middle)
            low, high = (middle, high) if (number < self._places[place]) == rises else (low, middle)
        return nearest(draw.distribution, (low + high) / 2)

    def _printed(self, decided: tuple[Any, ...]) -> dict[Place, float]:
        rendered, _ = self._try(decided)
        return {} if rendered is None else numbers_by_place(tokens_of(rendered.text))

    def _agreement(self, rendered: RenderedConfig, *, exactly: bool) -> dict[str, Any] | None:
        """Return the seeds in the text if it agrees with what was rendered, otherwise None."""
        seeds: Mapping[str, int] = rendered.data.get("seeds", {})
        ours, theirs = read_texts([rendered.text, self._text])
        if ours.values and theirs.values and not ours.unclear and not theirs.unclear:
            found = agreement_of(ours.values, theirs.values, seeds, exactly=exactly)
        else:
            printed, given = (dict(enumerate(map(Spelled, one))) for one in (tokens_of(rendered.text), self._tokens))
            found = agreement_of(printed, given, seeds, exactly=exactly) if len(printed) == len(given) else None
        return found


def _distance_of(one: tuple[int, Any]) -> int:
    return one[0]


def _with_seeds(rendered: RenderedConfig, seeds: Mapping[str, Any]) -> str | None:
    return None if rendered.record is None else record_text(rendered.data | {"seeds": seeds})
