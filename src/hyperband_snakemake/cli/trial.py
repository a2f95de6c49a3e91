"""`hyband try`: one training run outside of a search, before the search starts."""

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import click
import cloup

from ..core.disk.processes import available_cores
from ..core.plan import Settings, bytes_text, make_plan, number_text
from ..core.training.starting import quoted, read_mode
from ..core.tree import layout
from ..core.tree.outcome import Status
from ..errors import HybandError
from ..starting.pace import crowding_text, pace_text
from ..starting.trial import Trial, Tried, find_trial, remarks_before, train
from ..writing.create import NewSearch, Templates, create_search
from ..writing.template_directory import is_search
from .common.options import DIRECTORY, NUMBER, warn

_MOST = 8  # files listed by name


@cloup.command("try")
@click.argument("search", type=DIRECTORY)
@click.option("--budget", type=NUMBER, help="Train with this budget.  [default: the smallest of the search; 1]")
@click.option(
    "--workers",
    "-j",
    type=click.IntRange(1, 100_000),
    help="Training runs at a time, for the time of the whole search.  [default: cores of this machine]",
)
@click.option("--keep", is_flag=True, help="Keep the directory of the training run even if nothing is wrong.")
def trial(search: Path, *, budget: Fraction | None, workers: int | None, keep: bool) -> None:
    """Train one configuration outside of the search, to see whether everything works.

    SEARCH is a search or a template directory; nothing in it changes. The command, its output, the result, and how long
    the whole search will take are shown.

    \b
    Example:
        hyband try my-search
    """
    text = None if budget is None else number_text(budget)
    with _as_search(search, text or "1") as found:
        one = find_trial(found, text, search)
        if mode := read_mode(found):
            warn([f"The search is for Slurm ({mode}); this training run starts here, on this machine."])
        warn(f"Note: {remark}" for remark in remarks_before(one))
        _show(one)
        try:
            tried = train(one, _print)
        except KeyboardInterrupt:
            raise HybandError(f"stopped. What it has left is in {one.directory}.") from None
        click.echo("----")
        if tried.outcome.status is not Status.COMPLETED:
            raise HybandError(_failure(one, tried, search))
        warn(f"Note: {finding}" for finding in tried.findings)
        click.echo(f"Result {tried.outcome.text}, after {tried.seconds:.3g} s with budget {one.budget}.")
        _say_files(one, keep=keep)
        if found == search:
            click.echo(pace_text(one, tried.seconds, workers or available_cores()))
            warn(filter(None, [crowding_text(tried.cores, workers or available_cores(), available_cores())]))
            click.echo(f"\nTo run the search:\n\nhyband run {quoted(search)}")


@contextmanager
def _as_search(directory: Path, budget: str) -> Iterator[Path]:
    """Give the search; for templates, a temporary one with a single configuration."""
    if is_search(directory) or not (directory / layout.RUN).exists():
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="hyband-try-") as place:
        plan = make_plan(Settings(0, 2, max_budget=Fraction(budget)))
        target = Path(place, "search")
        create_search(NewSearch(plan, 1, templates=Templates(directory)), target)
        yield target


def _show(one: Trial) -> None:
    click.echo(f"{layout.CONFIG}:")
    click.echo("".join(f"  {line}\n" for line in one.drawn.text.splitlines()), nl=False)
    click.echo(f"command: {shlex.join(one.command)}\n----")


def _print(printed: bytes) -> None:
    sys.stdout.write(printed.decode("utf-8", "replace"))
    sys.stdout.flush()


def _failure(one: Trial, tried: Tried, search: Path) -> str:
    """Say why it failed, what was noticed, and what to do."""
    lines = [f"{tried.outcome.reason}.", *(f"  {finding}" for finding in tried.findings)]
    lines.append(f"  What it left is in {one.directory}. Fix {one.run}, then: hyband try {quoted(search)}")
    return "\n".join(lines)


def _say_files(one: Trial, *, keep: bool) -> None:
    """List the files of the training run, and delete them unless they should be kept."""
    files = sorted(path for path in one.directory.rglob("*") if path.is_file() and not layout.is_ours(path.name))
    size = sum(path.stat().st_size for path in one.directory.rglob("*") if path.is_file())
    names = [path.relative_to(one.directory).as_posix() for path in files]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    kept = f"They are in {one.directory}." if keep else "They were deleted; --keep keeps them."
    if names:
        click.echo(f"It wrote {', '.join(names[:_MOST])}{more}, {bytes_text(size)} in all. {kept}")
    if not keep:
        shutil.rmtree(one.directory, ignore_errors=True)
