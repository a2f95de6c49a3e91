"""`hyband compare`: searches next to each other."""

from pathlib import Path

import click

from ..report.comparison.parts import parts_of
from ..report.comparison.words import compare as compare_parts
from ..report.comparison.words import compare_text
from .common.options import DIRECTORY


@click.command()
@click.argument("searches", nargs=-1, required=True, type=DIRECTORY)
def compare(searches: tuple[Path, ...]) -> None:
    """Compare searches: what was found at which budget, after the same budget in all, and in what they differ.

    Of a single search its parts are compared: before and after extensions, or random against a sampler. `hyband report`
    with several searches writes a page with charts.

    \b
    Example:
        hyband compare my-search other-search
    """
    click.echo(compare_text(compare_parts(parts_of(searches))))
