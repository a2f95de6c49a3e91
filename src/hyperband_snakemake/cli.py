"""The command line: the only place that prints, exits, or knows click."""

import os
import re
import secrets
import shlex
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from . import __version__
from .check import check_search, check_text, repair, suspicions
from .core.layout import Slot
from .core.plan import Plan, PlanError, Settings, make_plan
from .create import EXAMPLE, SHIPPED, Search, Templates, create_search, refuse_if_used
from .errors import HybandError, UsageError
from .plantext import plan_text
from .retry import carry_out, not_promoted, plan_retry, retry_summary
from .scan import scan
from .status import status_json, status_text
from .templatedir import init_templates

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")


class ExactNumber(click.ParamType[Fraction]):
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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hyband")
def cli() -> None:
    """Plan a Hyperband search, write it as a folder tree, run it with Snakemake, and see how it goes.

    \b
    Example:
        hyband generate 3 3 --output-dir my-search
        snakemake --snakefile my-search/Snakefile
        hyband status my-search
    """


@cli.command()
@click.argument("smax", type=int)
@click.argument("eta", type=int)
@click.option(
    "--repetitions", "-r", type=int, default=1, show_default=True, help="Repetitions of the cross-validation."
)
@click.option("--folds", "-k", type=int, default=1, show_default=True, help="Folds of the cross-validation; 1: none.")
@click.option(
    "--cost-one-epoch-full-dataset",
    "-t",
    type=NUMBER,
    default="1",
    show_default=True,
    help="Cost of one epoch on all data, in any unit (hours, say); the plan's costs have the same.",
)
@click.option(
    "--guaranteed-budget",
    type=NUMBER,
    default="0",
    show_default=True,
    help="Budget that is added to that of each stage.",
)
@click.option(
    "--output-dir", "-o", type=DIRECTORY, help="Where to write the search; without it, only the plan is shown."
)
@click.option(
    "--random-seed", type=click.IntRange(min=0), help="Decides all random draws; drawn and stored if not given."
)
@click.option("--overwrite", is_flag=True, help="Delete a search that is in the output directory, with its results.")
@click.option("--template-dir", type=DIRECTORY, help="Your templates; `hyband init` makes a directory to start from.")
@click.option("--config-template", help="Name of the configuration's template.  [default: config]")
@click.option("--run-template", help="Name of the launch script's template.  [default: run.sh]")
@click.option("--snakefile-template", help="Name of the Snakefile's template.  [default: Snakefile]")
@click.option("--bracket", "-b", "brackets", type=int, multiple=True, help="Write only this bracket; may be repeated.")
@click.option("--last-stage", type=int, help="Run no bracket further than this stage.")
@click.option("--retries", type=int, default=1, show_default=True, help="How often a failed training is tried again.")
def generate(
    output_dir: Path | None,
    *,
    random_seed: int | None,
    overwrite: bool,
    brackets: tuple[int, ...],
    template_dir: Path | None,
    config_template: str | None,
    run_template: str | None,
    snakefile_template: str | None,
    **settings: Any,
) -> None:
    """Show the plan of a search with SMAX + 1 brackets that promote one configuration in ETA, and write the search.

    \b
    Example:
        hyband generate 5 3 --repetitions 2 --folds 10 --output-dir my-search
    """
    plan = _plan(settings)
    unknown = [b for b in brackets if not 0 <= b <= plan.settings.smax]
    if unknown:
        raise UsageError(f"bracket is {unknown[0]}; expected 0 to {plan.settings.smax}.")
    wanted = plan.select(brackets)
    if output_dir is None:
        click.echo(plan_text(wanted))
        click.echo("\nNothing was written. Add --output-dir DIRECTORY to write this search.")
        return
    refuse_if_used(output_dir, overwrite=overwrite)
    seed = secrets.randbelow(2**32) if random_seed is None else random_seed
    templates = _templates(template_dir, config_template, run_template, snakefile_template)
    create_search(Search(plan, seed, frozenset(brackets), templates), output_dir, overwrite=overwrite)
    click.echo(plan_text(wanted))
    drawn = " (drawn)" if random_seed is None else ""
    click.echo(f"\nWritten to {output_dir}, random seed {seed}{drawn}. To run it:\n")
    click.echo(f"snakemake --snakefile {shlex.quote(str(output_dir / 'Snakefile'))}")


def _plan(settings: dict[str, Any]) -> Plan:
    try:
        return make_plan(Settings(**settings))
    except PlanError as error:
        raise UsageError(str(error)) from None


def _templates(directory: Path | None, config: str | None, run: str | None, snakefile: str | None) -> Templates:
    given = {"config": config, "run": run, "snakefile": snakefile}
    return Templates(directory or EXAMPLE, **{key: name for key, name in given.items() if name is not None})


@cli.command()
@click.argument("search", type=DIRECTORY)
@click.option("--json", "as_json", is_flag=True, help="Print every slot as data.")
def status(search: Path, *, as_json: bool) -> None:
    """Show how far the search in the directory SEARCH is.

    \b
    Example:
        hyband status my-search
    """
    snapshot = scan(search)
    if as_json:
        click.echo(status_json(snapshot))
        return
    click.echo(status_text(snapshot))
    for finding in suspicions(snapshot):
        click.echo(f"Suspicious - {finding.where}: {finding.what} See `hyband check`.")


@cli.command()
@click.argument("search", type=DIRECTORY)
@click.argument("slots", nargs=-1, metavar="[bracket-B/stage-S/config-C]...")
@click.option("--redo-promotions", is_flag=True, help="Also where the stage was promoted; later trainings may change.")
def retry(search: Path, slots: tuple[str, ...], *, redo_promotions: bool) -> None:
    """Give failed configurations of the search in the directory SEARCH another chance (none named: all of them).

    \b
    Example:
        hyband retry my-search bracket-0/stage-0/config-3
    """
    snapshot = scan(search)
    try:
        wanted = plan_retry(snapshot, [Slot.parse(text.rstrip("/").removeprefix(f"{search}/")) for text in slots])
    except ValueError as error:
        raise UsageError(str(error)) from None
    click.echo(retry_summary(snapshot, wanted, redo_promotions=redo_promotions))
    if not redo_promotions:
        wanted = not_promoted(snapshot, wanted)
    carry_out(snapshot, wanted)
    if wanted.slots:
        click.echo(f"\nsnakemake --snakefile {shlex.quote(str(search / 'Snakefile'))}")


@cli.command()
@click.argument("search", type=DIRECTORY)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely, and say what was done.")
def check(search: Path, *, fix: bool) -> None:
    """Look for what is wrong or suspicious in the search in the directory SEARCH. Exit status 1 if anything is.

    \b
    Example:
        hyband check my-search
    """
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


@cli.command()
@click.argument("directory", type=DIRECTORY)
def init(directory: Path) -> None:
    """Copy the shipped templates and the example's training program into DIRECTORY, for you to adapt.

    \b
    Example:
        hyband init my-templates
        hyband generate 3 3 --template-dir my-templates --output-dir my-search
    """
    init_templates(directory, SHIPPED, EXAMPLE)
    click.echo(f"Written to {directory}. Adapt config, run.sh and train.py there, then:\n")
    click.echo(f"hyband generate 3 3 --template-dir {shlex.quote(str(directory))} --output-dir my-search")


def main() -> None:
    """Run a command; the one place where errors become messages and exit statuses."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except HybandError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader, head for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
