"""`hyband optuna`: a search as a study of Optuna, and a study's trials as configurations of a search."""

from pathlib import Path

import click

from hyperband_snakemake.extend import Extension, at_full_budget
from hyperband_snakemake.scan import scan
from hyperband_snakemake.studies import configurations_of, direction_of, export_search, open_study

from .extend import carry_out
from .options import DIRECTORY


@click.group("optuna")
def optuna_group() -> None:
    """Hand a search to Optuna's dashboard, or take configurations from a study."""


@optuna_group.command("export")
@click.argument("search", type=DIRECTORY)
@click.argument("storage")
@click.option("--study", help="Name of the study.  [default: name of the search's directory]")
def export(search: Path, storage: str, study: str | None) -> None:
    """Write the search in the directory SEARCH as a study; again and again while it runs, if you like.

    STORAGE is the address of a database, sqlite:///study.db, or the path of a journal file.

    \b
    Example:
        hyband optuna export my-search sqlite:///study.db
        optuna-dashboard sqlite:///study.db
    """
    snapshot = scan(search)
    name = study or search.resolve().name
    new, updated = export_search(snapshot, open_study(storage, name, create=direction_of(snapshot)))
    click.echo(f"Study {name} in {storage}: {new} trials added, {updated} brought up to date.")


@optuna_group.command("import")
@click.argument("search", type=DIRECTORY)
@click.argument("storage")
@click.option("--study", required=True, help="Name of the study.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True, help="How many of its best trials.")
def import_trials(search: Path, storage: str, study: str, top: int) -> None:
    """Train the best trials of a study at the largest budget of the search in the directory SEARCH.

    \b
    Example:
        hyband optuna import my-search sqlite:///study.db --study old --top 5
    """
    snapshot = scan(search)
    given = configurations_of(snapshot, open_study(storage, study, create=None), top)
    plan = at_full_budget(snapshot.plan, [len(given)])
    carry_out(snapshot, Extension(plan, {plan.brackets[-1].index: given}))
