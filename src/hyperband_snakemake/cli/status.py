"""`hyband status` and `hyband check`: the state of a search."""

import sys
from pathlib import Path

import click
import cloup
from rich.console import Console

from ..checking.archives import damage_found_text, find_damaged
from ..checking.check import check_search, check_text, repair
from ..checking.results import suspicions
from ..errors import UsageError
from ..snapshot.scan import scan
from ..views.state import whole_line
from ..views.status import status_json, status_text
from .common.options import DIRECTORY
from .common.output import is_read
from .common.packs import packs_text
from .common.watching import watch


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--json", "as_json", is_flag=True, help="Print every slot as JSON.")
@click.option("--all", "everything", is_flag=True, help="Show every stage, even if that fills many screens.")
@click.option("--watch", "watching", is_flag=True, help="Show it live until it has ended.")
@click.option("--every", type=click.FloatRange(min=0.2), default=5, show_default=True, help="Seconds between looks.")
def status(search: Path, *, as_json: bool, everything: bool, watching: bool, every: float) -> None:
    """Show the progress of a search.

    \b
    Example:
        hyband status my-search
    """
    if watching and as_json:
        raise UsageError("--watch and --json cannot be combined.")
    if watching:
        click.echo(whole_line(watch(search, lambda seen: seen.complete or not is_read(), every)))
        return
    snapshot = scan(search)
    if as_json:
        click.echo(status_json(snapshot))
        return
    if not snapshot.complete and (packs := packs_text(search)):
        click.echo(packs)
    doubts = [f"Suspicious - {one.where}: {one.what} See `hyband check`." for one in suspicions(snapshot)]
    Console(highlight=False, soft_wrap=True).print(status_text(snapshot, doubts, everything=everything))


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely, and say what was done.")
def check(search: Path, *, fix: bool) -> None:
    """Look for problems in a search. The exit status is 1 if there are any.

    \b
    Example:
        hyband check my-search
    """
    if damaged := find_damaged(search):
        click.echo(damage_found_text(damaged))
        sys.exit(1)
    snapshot = scan(search)
    findings = check_search(snapshot)
    if fix:
        for done in repair(snapshot, findings):
            click.echo(f"Repaired: {done}")
        snapshot = scan(search)
        findings = check_search(snapshot)
    click.echo(check_text(snapshot, findings))
    if findings or not snapshot.complete:
        sys.exit(1)
