"""`hyband compare`: searches next to each other."""

from pathlib import Path

import click
import cloup

from ..report.comparison.parts import parts_of
from ..report.comparison.words import compare as compare_parts
from ..report.comparison.words import compare_text
from .common.options import DIRECTORY


@cloup.command()
@click.argument("searches", nargs=-1, required=True, type=DIRECTORY)
def compare(searches: tuple[Path, ...]) -> None:
    """Compare searches: the best at each budget, after the same total budget, and what differs.

    For a single search, its parts are compared: before and after extensions, or random against a sampler. `hyband
    report` with several searches writes a page with charts.

    \b
    Example:
        hyband compare my-search other-search
    """
    click.echo(compare_text(compare_parts(parts_of(searches))))
