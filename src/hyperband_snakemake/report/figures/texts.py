"""Texts and numbers from a search in charts.

Plotly interprets markup in every text: tags, entities, formulas between dollar signs. So everything from a search (a
name, a value, a reason) goes through `plain`, once, where it becomes part of a figure; `labels` does that.
"""

import math
from collections.abc import Sequence

from ...snapshot.durations import duration
from ...space.values import Value
from ...space.values import value_text as as_text

SMALL = 1e-3  # below this, zeros are hard to count
LONGEST = 18  # characters of a name in a chart
MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "%": "&#37;"}
MOST_EXACT = 10**15  # integers up to this are written with all digits


def plain(text: str) -> str:
    r"""Escape a text so that it is shown literally: nothing in it is markup, and invisible characters are spelled out.

    Two dashes at the start would mean a colour of the page.

    >>> plain("<s> & $x$"), plain("two" + chr(10) + "lines"), plain("--fast")
    ('&lt;s&gt; &amp; &#36;x&#36;', 'two\\nlines', '&#45;-fast')
    """
    shown = seen(text)
    if shown.startswith("--"):
        return f"&#45;{plain(shown[1:])}"
    return "".join(MARKUP.get(letter, letter) for letter in shown) if MARKUP.keys() & set(shown) else shown


def seen(text: str) -> str:
    r"""Return a text in one line, with control characters as Python writes them."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def labels(texts: Sequence[str], longest: int = LONGEST) -> list[str]:
    """Return a label for each text: limited in length, different for different texts, and without markup.

    >>> labels(["meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B", "gpt2"], 14)
    ['meta-l…a-3.1-8B', 'meta-l…-3.1-70B', 'gpt2']
    >>> labels(["a" * 30 + "x" + "b" * 30, "a" * 30 + "y" + "b" * 30], 12)
    ['…aaaaaxbbbbb…', '…aaaaaybbbbb…']
    """
    shown = [seen(text) for text in texts]
    different = len(set(texts))
    ways = [[_cut(text, longest, share) for text in shown] for share in (0.45, 0.25, 0.75, 0.0, 1.0)]
    ways.append([_around(text, shown, longest) for text in shown])
    found = next((way for way in ways if len(set(way)) == different), None)
    if found is None:
        places = {text: place for place, text in enumerate(dict.fromkeys(texts), 1)}
        found = [f"{_cut(one, longest - 4, 1.0)} #{places[text]}" for one, text in zip(shown, texts, strict=True)]
    return [plain(label) for label in found]


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return one name, shortened, without markup."""
    return plain(_cut(seen(text), longest, 0.45))


def _cut(text: str, longest: int, share: float) -> str:
    """Cut out the middle; this ``share`` of the rest is the beginning."""
    if len(text) <= longest:
        return text
    head = round(share * longest)
    return f"{text[:head]}…{text[len(text) - (longest - head) :]}"


def _around(text: str, others: Sequence[str], longest: int) -> str:
    """Keep what is around the last position at which a text differs from any other."""
    if len(text) <= longest:
        return text
    at = max((_common(text, other) for other in others if other != text), default=0)
    begin = max(0, min(at - longest // 2 + 1, len(text) - longest))
    end = begin + longest - 1
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def level_texts(levels: Sequence[Value]) -> list[str]:
    """Return the text of each level; a text level is quoted if it looks like a level that is not a text.

    >>> level_texts([None, "null", "None", "a", 1, 1e-05])
    ['null', '"null"', 'None', 'a', '1', '1e-5']
    """
    others = {level_text(level) for level in levels if not isinstance(level, str)}
    return [f'"{level}"' if isinstance(level, str) and level in others else level_text(level) for level in levels]


def level_text(level: Value) -> str:
    """Return the text of a value of a parameter with one type, so that texts need no quotes."""
    return level if isinstance(level, str) else value_text(level)


def value_text(value: Value) -> str:
    """Return a value as all charts write it: numbers are short, everything else is as in tables.

    >>> value_text(1e-05), value_text(None), value_text("1.10"), value_text([8, None])
    ('1e-5', 'null', '"1.10"', '[8, null]')
    """
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else as_text(value)


def number(value: float) -> str:
    """Return a number as all charts write it: at most six digits, but integers with all digits.

    >>> number(0.032402911406457804), number(1594323), number(1000.0), number(1e-05), number(float("inf"))
    ('0.0324029', '1594323', '1000', '1e-5', 'inf')
    """
    if math.isfinite(value) if isinstance(value, float) else abs(value) < MOST_EXACT:
        return str(int(value)) if value == int(value) and abs(value) < MOST_EXACT else brief(value, 6)
    return shortened(str(value))


def brief(value: float, digits: int = 3) -> str:
    """A number with few digits and no padding, in the shorter of two notations, for the end of an axis.

    >>> brief(0.00001, 2), brief(993764000.0), brief(0.004), brief(0.00046, 2)
    ('1e-5', '9.94e8', '0.004', '4.6e-4')
    """
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    powers, text = f"{mantissa}e{int(exponent)}", f"{value:.{digits}g}"
    return powers if "e" in text or (abs(value) < SMALL and len(powers) < len(text)) else text


def counted(number_of: int, word: str) -> str:
    """Return a number with its noun, with commas.

    >>> counted(1, "run"), counted(1200, "run")
    ('1 run', '1,200 runs')
    """
    return f"{number_of:,} {word}{'' if number_of == 1 else 's'}"


def lasted(seconds: float) -> str:
    """Return an elapsed time, with two digits if it is short.

    >>> lasted(0.0456), lasted(7.25), lasted(75)
    ('0.046 s', '7.2 s', '1 min 15 s')
    """
    return f"{seconds:.2g} s" if 0 < seconds < 9.95 else duration(seconds)  # noqa: PLR2004


def percent(share: float) -> str:
    """Return a share for people.

    >>> percent(0.0084), percent(0.31), percent(1.0)
    ('0.84 %', '31 %', '100 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.2g} %"  # noqa: PLR2004
