"""`hyband report`: the page of a search, once or again and again."""

import time
from pathlib import Path

import click

from ..errors import UsageError
from ..report.page import write_report
from ..snapshot.scan import scan
from .options import DIRECTORY
from .results import FILE, check_place

EVERY = 30  # seconds between two pages
SHARE = 9  # time between two pages / time that making one takes, at least


@click.command()
@click.argument("search", type=DIRECTORY)
@click.option("--output", "-o", type=FILE, default="report.html", show_default=True, help="The page.")
@click.option("--watch", "watching", is_flag=True, help="Write it again and again until the search is complete.")
@click.option("--every", type=click.FloatRange(min=1), help=f"With --watch: seconds between pages.  [default: {EVERY}]")
def report(search: Path, output: Path, *, watching: bool, every: float | None) -> None:
    """Write a page on the search in the directory SEARCH: one file that opens without network, running or done.

    With --watch, the page in a browser loads itself again and keeps zoom, filter and selection.

    \b
    Example:
        hyband report my-search -o report.html
        hyband report my-search --watch
    """
    if every is not None and not watching:
        raise UsageError("--every says how often --watch writes the page; expected --watch with it.")
    check_place(search, output)
    if watching:
        _keep_up(search, output, every or EVERY)
    else:
        size = write_report(scan(search), output)
        click.echo(f"Written to {output} ({size / 1e6:.1f} MB).")


def _keep_up(search: Path, output: Path, every: float) -> None:
    """Write the page until the search is complete; making it takes a tenth of the time at most."""
    pause, pages = every, 0
    while True:
        start = time.monotonic()
        snapshot = scan(search)
        size = write_report(snapshot, output, None if snapshot.complete else pause)
        if snapshot.complete:
            break
        if not pages:
            click.echo(
                f"Written to {output} ({size / 1e6:.1f} MB), and again until the search is complete. Ctrl-C ends this."
            )
        pages += 1
        pause = max(every, SHARE * (time.monotonic() - start))
        time.sleep(pause)
    click.echo(f"The search is complete. Written to {output} ({size / 1e6:.1f} MB).")
