"""What the commands have in common: kinds of arguments, and paths that can be pasted."""

import re
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")


class ExactNumber(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A decimal number, kept exact."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Read digits with an optional point and exponent."""
        if isinstance(value, Fraction):
            return value
        if not _DECIMAL.fullmatch(value):
            self.fail(f"{value!r} is not a decimal number.", param, ctx)
        return Fraction(value)


NUMBER = ExactNumber()
DIRECTORY = click.Path(file_okay=False, path_type=Path)


def quoted(path: Path) -> str:
    """Give a path as it can be pasted after an option."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
