"""`hyband export`, `show`, `top` and `failures`: commands about individual training runs."""

import shutil
import sys
from pathlib import Path

import click
import cloup

from ..core.plan import counted
from ..errors import UsageError
from ..samplers.study import direction_of, open_study
from ..samplers.study_export import export_search
from ..snapshot.rows import make_rows
from ..snapshot.scan import Snapshot, scan
from ..views.export import best_config, csv_text, left_out_text, write_rows
from ..views.failures import failures_text
from ..views.show import find_slot, show_text, top_text
from ..writing.place import is_own
from .common.helping import SlotName
from .common.options import DIRECTORY

FILE = click.Path(dir_okay=False, path_type=Path)


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--output", "-o", type=FILE, help="A file .csv, .json, .jsonl or .parquet; without it, CSV is printed.")
@click.option("--best", is_flag=True, help="Print only the best configuration.")
@click.option("--optuna", "storage", help="Write to this Optuna study, sqlite:///FILE or a journal file.")
@click.option("--study", help="Name of the study.  [default: name of the search's directory]")
def export(search: Path, output: Path | None, *, best: bool, storage: str | None, study: str | None) -> None:
    """Write a table: one row for each training run, one column for each parameter.

    With --optuna, write one trial for each configuration; repeat it while the search runs to update the study.

    \b
    Example:
        hyband export my-search -o results.csv
        hyband export my-search --optuna sqlite:///study.db
    """
    if best and output:
        raise UsageError("--best prints the best configuration; expected no --output with it. Redirect it: > FILE")
    if storage is not None and (best or output):
        raise UsageError("--optuna writes a study; expected neither --output nor --best with it.")
    if study is not None and storage is None:
        raise UsageError("--study names an Optuna study; expected --optuna with it.")
    check_place(search, output)
    snapshot = scan(search)
    if storage is not None:
        _write_study(snapshot, storage, study or search.resolve().name)
        return
    if best:
        click.echo(best_config(snapshot), nl=False)
        return
    rows = make_rows(snapshot)
    if output is None:
        click.echo(csv_text(rows), nl=False)
    else:
        write_rows(rows, output)
        click.echo(f"Written to {output}: {counted(len(rows), 'training run')}.")
    if left_out := left_out_text(rows):
        click.echo(left_out, err=True)


def _write_study(snapshot: Snapshot, storage: str, name: str) -> None:
    done = export_search(snapshot, open_study(storage, name, create=direction_of(snapshot)))
    click.echo(f"Study {name} in {storage}: {counted(done.added, 'trial')} added, {done.updated} updated.")
    if done.closed:
        click.echo(
            f"{done.closed} of its trials had ended before their configurations were promoted, and Optuna cannot "
            "change those: a new study has all, with --study or in another file."
        )


def check_place(search: Path, output: Path | None) -> None:
    """Refuse a file in a missing directory (before minutes of work), and a file of the search itself."""
    if output is not None and is_own(search, output):
        raise UsageError(f"--output is {output}, which is a file of the search. Choose another name.")
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"--output is {output}; there is no directory {output.parent}.")


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.argument("slot", type=SlotName(best=True), metavar="bracket-B/stage-S/config-C|best")
def show(search: Path, slot: str) -> None:
    """Show one configuration: its text, its stages, attempts, log and files.

    \b
    Example:
        hyband show my-search best
    """
    snapshot = scan(search)
    click.echo(show_text(snapshot, make_rows(snapshot), find_slot(snapshot, slot)))


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--number", "-n", type=click.IntRange(min=1), default=10, show_default=True, help="How many to list.")
@click.option("--stage", "-s", type=click.IntRange(min=0), help="Only from this stage of each bracket.")
def top(search: Path, number: int, stage: int | None) -> None:
    """List the best configurations, those with the largest budget first.

    \b
    Example:
        hyband top my-search -n 20
    """
    snapshot = scan(search)
    rows = make_rows(snapshot)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None  # lines are not cut in a file
    click.echo(top_text(rows, number, stage, maximize=snapshot.plan.settings.maximize, width=width))
    if left_out := left_out_text(rows):
        click.echo(left_out, err=True)


@cloup.command()
@click.argument("search", type=DIRECTORY)
def failures(search: Path) -> None:
    """List failures by cause, with the end of a log for each.

    \b
    Example:
        hyband failures my-search
    """
    snapshot = scan(search)
    click.echo(failures_text(snapshot, make_rows(snapshot)))
