"""Code common to all commands: argument types, recorded command lines, warnings."""

import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import cloup
from click.core import ParameterSource

from ...core.plan.units import OptionError, parse_time_limit, slurm_time

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kKMGT]?B?)")
_WORDS = "hyperband_snakemake.words"  # key in click's context
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?|[0-9]+/[0-9]*[1-9][0-9]*")


class ExactNumber(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A decimal number, or a fraction such as 1/81, kept exact."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Read digits with an optional point and exponent."""
        if isinstance(value, Fraction):
            return value
        if not _DECIMAL.fullmatch(value):
            self.fail(f"{value!r} is not a decimal number or a fraction.", param, ctx)
        return Fraction(value)


class Whole(click.ParamType):  # type: ignore[type-arg]
    """A whole number in plain digits: Python alone would read 1_0 as 10."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read digits with an optional sign."""
        if isinstance(value, int):
            return value
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            self.fail(f"{value!r} is not a valid integer.", param, ctx)
        return int(value)


class Bytes(click.ParamType):  # type: ignore[type-arg]
    """An amount of disk space, written with a decimal unit."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number with B, kB, MB, GB or TB."""
        if isinstance(value, int):
            return value
        if not (match := _SIZE.fullmatch(value)):
            self.fail(f"{value!r} is not a valid amount of disk space; expected for example 200MB.", param, ctx)
        return int(Fraction(match[1]) * 1000 ** "BKMGT".index((match[2] or "B").upper()[0]))


class TimeLimit(click.ParamType):  # type: ignore[type-arg]
    """A time as `parse_time_limit` reads it, converted to sbatch's form; empty: none."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a time and round it up to minutes."""
        try:
            return slurm_time(parse_time_limit(value)) if value else ""
        except OptionError as error:
            self.fail(f"{error}.", param, ctx)


class SamplerName(click.Choice):  # type: ignore[type-arg]
    """A sampler: one of ours by name, any other by its import path."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Accept anything of the form package.module.Class."""
        parts = str(value).split(".")
        if len(parts) > 1 and all(map(str.isidentifier, parts)):
            return str(value)
        if value not in self.choices:
            names = ", ".join(self.choices)
            place = "an import path such as optuna.samplers.NSGAIISampler"
            self.fail(f"{value!r} is not one of {names}, nor {place}.", param, ctx)
        return str(value)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        """List the accepted values; before 8.2, click passes no context."""
        return f"[{'|'.join(map(str, self.choices))}|PACKAGE.SAMPLER]"


class RecordedCommand(cloup.Command):
    """A command whose words are recorded in plan.json, so that a search can be reproduced."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words as typed; `recorded_command` returns them."""
        words = [self.name or "", *args]
        # a file name may contain bytes that are not UTF-8, unlike a text file
        ctx.meta[_WORDS] = tuple(word.encode("utf-8", "backslashreplace").decode() for word in words)
        return super().parse_args(ctx, args)


def recorded_command() -> tuple[str, ...]:
    """Give the words of the running command, its name first: ("generate", "3", "3", "--output-dir", "my-search")."""
    words: tuple[str, ...] = click.get_current_context().meta[_WORDS]
    return words


NUMBER = ExactNumber()
WHOLE = Whole()
BYTES = Bytes()
TIME_LIMIT = TimeLimit()
DIRECTORY = click.Path(file_okay=False, path_type=Path)


def is_given(parameter: str) -> bool:
    """Whether a parameter of the running command is on its command line."""
    return click.get_current_context().get_parameter_source(parameter) is not ParameterSource.DEFAULT


def warn(lines: Iterable[str]) -> None:
    """Print lines on standard error."""
    for line in lines:
        click.echo(line, err=True)
