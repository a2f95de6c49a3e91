"""The short notation for a parameter's space, such as ``log(1e-5, 1e-1)``, and the draw function it stands for."""

import ast
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ..errors import UsageError
from ..space.jinja.foreign_words import advice

_CALL = re.compile(r"~?\s*([A-Za-z_][\w.]*)\s*\((.*)\)\s*", re.DOTALL)
_PLAIN = re.compile(r"[\w./:@%+,-]*")  # a text that needs no quotes in a shell, YAML or Jinja
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_KEYWORD = re.compile(r"\s*([a-z]+)\s*=(?!=)(.*)", re.DOTALL)
_OF_FILES = {"true": True, "True": True, "false": False, "False": False, "null": None}
_SHARES = re.compile(
    r"(?i)drop|momentum|beta|ratio|frac|share|prob|portion|percent|pct|sample|smoothing|mix|(^|[._-])p$"
)
SHORT = "uniform(LOW, HIGH), log(LOW, HIGH), int(LOW, HIGH), logint(LOW, HIGH), choice(A, B, ...) or switch()"
_RANGES = {  # short word -> draw function, further arguments
    "uniform": ("uniform", ""),
    "float": ("uniform", ""),
    "log": ("uniform", "log=true"),
    "loguniform": ("uniform", "log=true"),
    "log_uniform": ("uniform", "log=true"),
    "log_uniform_values": ("uniform", "log=true"),
    "int": ("integer", ""),
    "integer": ("integer", ""),
    "logint": ("integer", "log=true"),
    "normal": ("normal", ""),
}


@dataclass(frozen=True)
class Space:
    """What a parameter is drawn from: a draw function for templates, and the text of its arguments after the name.

    ``texts``: what is drawn may be a text that must be quoted where it is written. ``switch``: true or false, for a
    flag that is there or not.
    """

    function: str
    arguments: str
    texts: bool = False
    switch: bool = False

    @property
    def has_minus(self) -> bool:
        """Whether what is drawn may begin with a minus sign.

        >>> [Space(*each).has_minus for each in (("uniform", "1e-5, 1"), ("uniform", "-1, 1"), ("choice", "['-a']"))]
        [False, True, True]
        """
        return self.function == "normal" or re.search(r"(^|[\[ ])['\"]?-", self.arguments) is not None

    @property
    def only(self) -> str | None:
        """Its only option, if it has no other: a number or a text.

        >>> Space("choice", "[3]").only, Space("choice", "[3, 4]").only, Space("uniform", "0, 1").only
        ('3', None, None)
        """
        try:
            options = ast.literal_eval(self.arguments)
        except (ValueError, SyntaxError):
            return None
        is_one = isinstance(options, list) and len(options) == 1 and isinstance(options[0], str | int | float)
        return str(options[0]) if is_one else None

    def expression(self, name: str) -> str:
        """Write the call that draws it, for a template.

        >>> Space("uniform", "1e-5, 0.1, log=true").expression("lr")
        "uniform('lr', 1e-5, 0.1, log=true)"
        """
        return f"{self.function}({name!r}, {self.arguments})"


SWITCH = Space("choice", "[true, false]", switch=True)


def is_space(text: str) -> bool:
    """Whether a value on the command line or in a file is a space: a tilde, a word and parentheses.

    >>> is_space("~log(1e-5, 1e-1)"), is_space("~/data"), is_space("log(2)")
    (True, False, False)
    """
    return text.startswith("~") and _CALL.fullmatch(text) is not None


def refuse_half_spaces(label: str, value: str, otherwise: str) -> None:
    """Refuse a value that is meant as a space and would not be drawn; ``otherwise`` is the option that keeps it.

    Raises:
        UsageError: it is a space without its tilde, or has one in a part of it.
    """
    words = "|".join([*_RANGES, "choice", "ordinal", "switch"])
    if re.fullmatch(rf"({words})\(.*\)", value, re.DOTALL):
        raise UsageError(f"{label}: for a space, write '~{value}'. If this is the value itself: {otherwise}.")
    if part := re.search(rf"~({words})\(", value):
        raise UsageError(
            f"{label}: {value!r} has a space in a part of it ({part[0]}...); only a whole value can be drawn. Write a "
            f"choice of whole values, or put it together in run.sh. If this is the value itself: {otherwise}."
        )


def parse_space(label: str, text: str, *, typed: bool = False) -> Space:
    """Read the notation for a space, with or without the tilde.

    With ``typed``, options true, false and null are not texts, as in a file format with types.

    Raises:
        UsageError: it is not valid; the text names the parameter.

    >>> [parse_space("--lr", text).arguments for text in ("~log(1e-5, 1e-1)", "choice(relu, 'a, b', 2)")]
    ['1e-5, 1e-1, log=true', "['relu', 'a, b', 2]"]
    """
    match = _CALL.fullmatch(text)
    word = (match[1] if match else text.strip().lstrip("~")).removeprefix("tune.")
    if word == "switch":
        return SWITCH
    if match is None:
        raise UsageError(f"{label}: {text!r} is not a space; expected {SHORT}.")
    parts = _parts(match[2])
    if word in _RANGES:
        function, more = _RANGES[word]
        return Space(function, ", ".join([*map(_argument, parts), *([more] if more else [])]))
    if word in ("choice", "ordinal"):
        keywords = [part for part in parts if _KEYWORD.fullmatch(part)]
        options = [part for part in parts if part not in keywords]
        if len(options) == 1 and options[0].startswith("[") and options[0].endswith("]"):
            options = _parts(options[0][1:-1])
        if not options or "..." in options:
            raise UsageError(f"{label}: {text!r} does not name its options; expected for example choice(adam, sgd).")
        chosen = of_options([_option(option, typed=typed) for option in options], word)
        return Space(word, ", ".join([chosen.arguments, *map(str.strip, keywords)]), texts=chosen.texts)
    hint = advice(word)
    raise UsageError(f"{label}: {word!r} is not a space; expected {SHORT}.{f' {hint}' if hint else ''}")


def of_options(options: Sequence[object], function: str = "choice") -> Space:
    """Give the space with these options: texts, numbers, true, false, None, or lists of them."""
    plain = all(isinstance(option, int | float) and not isinstance(option, bool) for option in options)
    return Space(function, f"[{', '.join(literal(option) for option in options)}]", texts=not plain)


def literal(value: object) -> str:
    """Write a value as a Jinja literal."""
    if isinstance(value, _Typed):
        return str(value)
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(each)}' for key, each in value.items())}}}"
    return repr(value)


class _Typed(float):
    """A number that is written the way it was typed."""

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    text: str


def _option(text: str, *, typed: bool) -> object:
    """Read an option: a number, kept as typed, or a text, which may be quoted."""
    text = text.strip()
    if typed and text in _OF_FILES:
        return _OF_FILES[text]
    if typed and text.startswith("["):
        return [_option(part, typed=True) for part in _parts(text[1:-1])]
    if _NUMBER.fullmatch(text) and not re.match(r"[+-]?0\d", text):  # 007 is a name
        return _Typed(_number(text))
    if text[:1] in ("'", '"') and text[-1:] == text[:1]:
        return text[1:-1]
    return text


def _number(text: str) -> str:
    """Write a number so that Jinja can read it: it requires digits on both sides of a point."""
    text = text.removeprefix("+")
    return text if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", text) else repr(float(text))


def _argument(text: str) -> str:
    text = text.strip()
    if keyword := _KEYWORD.fullmatch(text):
        return f"{keyword[1]}={_argument(keyword[2])}"
    return _number(text) if _NUMBER.fullmatch(text) else text


def _parts(text: str) -> list[str]:
    """Split at commas outside of brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        quote = "" if char == quote else char if not quote and char in "'\"" else quote
        depth += 0 if quote else (char in "([{") - (char in ")]}")
        if char == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def suggestion(value: str | None, name: str = "") -> str:
    """Suggest a space around a parameter's value, in the short notation.

    >>> [suggestion(value) for value in ("0.001", "4", "adam", "true", None)]
    ['log(0.0001, 0.01)', 'int(2, 8)', 'choice(adam, ...)', 'choice(true, false)', 'switch()']

    A share (by its name) stays between 0 and 1, and so does a value close to 1:

    >>> suggestion("0.1", "dropout"), suggestion("0.1", "lr"), suggestion("0.99", "gamma")
    ('uniform(0, 0.5)', 'log(0.01, 1)', 'uniform(0.95, 1)')
    """
    if value is None:
        return "switch()"
    if value.lower() in ("true", "false"):
        both = ("true", "false") if value.islower() else ("True", "False")
        return f"choice({', '.join(both)})"
    if not _NUMBER.fullmatch(value):
        return f"choice({value}, ...)" if _PLAIN.fullmatch(value) else f"choice({shlex.quote(value)}, ...)"
    if re.fullmatch(r"[1-9]\d*", value):
        return f"int({max(1, int(value) // 2)}, {2 * int(value)})"
    return _around(float(value), is_share=_SHARES.search(name) is not None)


def _around(number: float, *, is_share: bool) -> str:
    """Suggest a space around a number that is not a positive integer."""
    if number <= 0:
        return "uniform(0, 1)"
    if 0.5 <= number < 1:  # noqa: PLR2004
        return f"uniform({max(0, round(5 * number - 4, 9)):.6g}, 1)"
    if is_share and number < 1:
        return f"uniform(0, {min(1, 5 * number):.6g})"
    highest = 10 * number if number >= 1 else min(1, 10 * number)
    return f"log({number / 10:.6g}, {highest:.6g})"
