"""`hyband report`: a page about one search or several, once or repeatedly; `hyband compare`: several as text."""

import time
from pathlib import Path

import click
import cloup

from ..errors import UsageError
from ..report.comparison.page import write_comparison
from ..report.comparison.parts import parts_of
from ..report.comparison.words import compare as compare_parts
from ..report.comparison.words import compare_text
from ..report.page import write_report
from ..snapshot.scan import scan
from .common.options import DIRECTORY
from .results import FILE, check_place

EVERY = 30  # seconds between two pages
SHARE = 9  # least ratio of the time between two pages to the time of making one


@cloup.command()
@click.argument("searches", nargs=-1, required=True, type=DIRECTORY)
@click.option(
    "--output", "-o", type=FILE, help="The page.  [default: report.html; for several searches comparison.html]"
)
@click.option("--watch", "watching", is_flag=True, help="Write it repeatedly until the search is complete.")
@click.option("--every", type=click.FloatRange(min=1), help=f"With --watch: seconds between pages.  [default: {EVERY}]")
def report(searches: tuple[Path, ...], output: Path | None, *, watching: bool, every: float | None) -> None:
    """Write a page about a search, running or done: one file that opens without a network.

    With --watch, the page in a browser reloads itself and keeps zoom, filter and selection. For several searches, write
    a page that compares them.

    \b
    Example:
        hyband report my-search -o report.html
        hyband report my-search --watch
        hyband report my-search other-search -o comparison.html
    """
    if every is not None and not watching:
        raise UsageError("--every says how often --watch writes the page; expected --watch with it.")
    if watching and len(searches) > 1:
        raise UsageError(f"--watch keeps the page of one search up to date; expected one search, not {len(searches)}.")
    path = output or Path("report.html" if len(searches) == 1 else "comparison.html")
    for search in searches:
        check_place(search, path)
    if watching:
        _keep_up(searches[0], path, every or EVERY)
        return
    size = write_report(scan(searches[0]), path) if len(searches) == 1 else write_comparison(parts_of(searches), path)
    click.echo(f"Written to {path} ({size / 1e6:.1f} MB).")


def _keep_up(search: Path, output: Path, every: float) -> None:
    """Write the page until the search is complete; making it takes at most a tenth of the time."""
    pause, pages = every, 0
    while True:
        start = time.monotonic()
        snapshot = scan(search)
        size = write_report(snapshot, output, None if snapshot.complete else pause)
        if snapshot.complete:
            break
        if not pages:
            click.echo(
                f"Written to {output} ({size / 1e6:.1f} MB). Updated until the search is complete; Ctrl-C stops this."
            )
        pages += 1
        pause = max(every, SHARE * (time.monotonic() - start))
        time.sleep(pause)
    click.echo(f"The search is complete. Written to {output} ({size / 1e6:.1f} MB).")


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
