"""`hyband extend`, `hyband refine` and `hyband retry`: commands that change an existing search."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.plan import Plan, PlanError, counted
from ..core.training.starting import read_mode
from ..core.tree import layout
from ..core.tree.layout import Slot
from ..errors import HybandError, UsageError
from ..planning.growth import additions, at_full_budget, longer, more_brackets
from ..planning.text import plan_text
from ..samplers.imported import ImportedConfig, best_of, fitted, read_files
from ..samplers.names import MODELS, SAMPLERS, learns
from ..samplers.study import configurations_of, open_study
from ..snapshot.scan import Snapshot, scan
from ..snapshot.snakefile import abilities_in
from ..writing.extend import Extension, extend
from ..writing.retry import carry_out as carry_out_retry
from ..writing.retry import plan_retry, retry_summary
from ..writing.undo import undo
from .common.helping import SlotName
from .common.ineffective import unused_share
from .common.options import DIRECTORY, WHOLE, RecordedCommand, SamplerName, is_given, recorded_command, warn
from .slurm import how_to_run

FILE = click.Path(dir_okay=False, path_type=Path)


@cloup.command("extend", cls=RecordedCommand)
@click.argument("search", type=DIRECTORY)
@click.argument("files", type=FILE, nargs=-1, metavar="[--config FILE...]")
@click.option("--repeat", type=click.IntRange(min=1), help="Add this many iterations of Hyperband.")
@click.option("--bracket", "-b", "brackets", type=WHOLE, multiple=True, help="Add this bracket again; repeatable.")
@click.option(
    "--smax", "more", type=click.Choice(["+1"]), help="Continue to a maximum budget that is ETA times as large."
)
@click.option(
    "--config", "configs", type=FILE, multiple=True, help="Train your own configurations at the maximum budget."
)
@click.option("--from", "source", type=DIRECTORY, help="Train the best configurations of another search.")
@click.option("--optuna", "storage", help="Train the best of an Optuna study: sqlite:///FILE or a journal file.")
@click.option("--study", help="Name of the study, with --optuna.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True, help="How many of the best to train.")
@click.option(
    "--sampler",
    type=SamplerName(SAMPLERS),
    default="random",
    show_default=True,
    help="How the new configurations are chosen.",
)
@click.option(
    "--random-share",
    type=click.FloatRange(0, 1),
    default=0.25,
    show_default=True,
    help="Share of random configurations among those that a sampler proposes.",
)
@click.option("--undo", "takes_back", is_flag=True, help="Undo the last extension or refinement, unless it has begun.")
def extend_command(
    search: Path,
    files: tuple[Path, ...],
    *,
    configs: tuple[Path, ...],
    source: Path | None,
    storage: str | None,
    study: str | None,
    top: int,
    sampler: str,
    random_share: float,
    takes_back: bool,
    **growth: Any,
) -> None:
    """Add brackets, a larger budget or your own configurations to a search.

    Existing parts are not changed or trained again.

    \b
    Example:
        hyband extend my-search --repeat 1 --sampler tpe
        hyband extend my-search --config mine/*.yaml
        hyband extend my-search --from other-search --top 5
        hyband extend my-search --optuna sqlite:///study.db --study mine
        hyband extend my-search --undo
    """
    if takes_back:
        _take_back(search)
        return
    snapshot = scan(search)
    grown = _grown(snapshot.plan, **growth)
    brought = _brought(snapshot, _own(configs, files), source, top)
    given = [*brought, *_best_of_study(snapshot, storage, study, top)]
    plan = at_full_budget(grown, [len(given)] if given else [])
    if plan == snapshot.plan:
        raise UsageError("Nothing to add: give --repeat, --bracket, --smax, --config, --from or --optuna.")
    own = {plan.brackets[-1].index: given} if given else {}
    carry_out(snapshot, Extension(plan, own, sampler, random_share, recorded_command()))
    warn(unused_share(sampler) if is_given("random_share") else ())
    _name_strangers(brought)


def _take_back(search: Path) -> None:
    """Undo the last addition, and say what was removed and what stays."""
    if any(is_given(name) for name in click.get_current_context().params.keys() - {"search", "takes_back"}):
        raise UsageError("--undo adds nothing: give it without other options.")
    done = undo(search)
    brackets = ", ".join(map(str, done.brackets))
    where = f" ({'bracket' if len(done.brackets) == 1 else 'brackets'} {brackets})" if brackets else ""
    click.echo(f"Taken back: {counted(done.runs, 'training run')}{where} of {done.command}.")
    for slot in done.begun:
        click.echo(f"Bracket {slot.bracket} stays, because {slot} was begun.")
    click.echo(f"\nThe best configuration is at the top of {search} again once this has run:\n")
    click.echo(how_to_run(search, read_mode(search)))


def _own(configs: Sequence[Path], more: Sequence[Path]) -> list[Path]:
    """All files given with --config, including further words from a shell pattern."""
    if more and not configs:
        raise UsageError(f"Unexpected argument {more[0]}; expected --config before file names.")
    return [*configs, *more]


def _brought(snapshot: Snapshot, files: Sequence[Path], source: Path | None, top: int) -> list[ImportedConfig]:
    """Read configurations from files or another search, in the form in which this search's template would draw them."""
    found = [*read_files(files), *(best_of(source, top) if source else ())]
    return [fitted(snapshot, one) for one in found]


def _best_of_study(snapshot: Snapshot, storage: str | None, study: str | None, top: int) -> list[ImportedConfig]:
    if storage is None and study is None:
        return []
    if storage is None or study is None:
        raise UsageError("--optuna and --study belong together: the study's place and its name.")
    return configurations_of(snapshot, open_study(storage, study, create=None), top)


def _name_strangers(brought: Sequence[ImportedConfig]) -> None:
    if strange := ", ".join(one.name for one in brought if not one.fits):
        click.echo(f"\nThe template does not draw {strange}: trained as given, but no sampler learns from it.")


def _grown(plan: Plan, *, more: str | None, brackets: Sequence[int], repeat: int | None) -> Plan:
    unknown = [b for b in brackets if not 0 <= b <= plan.settings.smax]
    if unknown:
        raise UsageError(f"--bracket is {unknown[0]}; expected 0 to {plan.settings.smax}.")
    try:
        return more_brackets(plan if more is None else longer(plan), brackets, repeat or 0)
    except PlanError as error:
        raise UsageError(f"The search cannot grow like this: {error}") from None


@cloup.command(cls=RecordedCommand)
@click.argument("search", type=DIRECTORY)
@click.option("--trials", type=click.IntRange(min=1), required=True, help="How many configurations to train.")
@click.option("--parallel", type=click.IntRange(min=1), default=1, show_default=True, help="Training runs at a time.")
@click.option("--sampler", type=SamplerName(MODELS), default="tpe", show_default=True, help="Sampler that proposes.")
def refine(search: Path, *, trials: int, parallel: int, sampler: str) -> None:
    """Search for better configurations, with a model of the results so far.

    Each proposal is trained at the maximum budget, --parallel of them at a time: a proposal learns from all before it
    except the last PARALLEL - 1, which may still be running. `hyband extend SEARCH --undo`
    removes what was not begun.

    \b
    Example:
        hyband refine my-search --trials 50 --parallel 8
    """
    snapshot = scan(search)
    plan = at_full_budget(snapshot.plan, [1] * trials)
    carry_out(snapshot, Extension(plan, {}, sampler, command=recorded_command(), parallel=parallel))


def carry_out(snapshot: Snapshot, extension: Extension) -> None:
    """Extend a search, and say what was added and how to run it."""
    if learns(extension.sampler) and not abilities_in(snapshot.path).proposes:
        raise HybandError(
            f"{snapshot.path / layout.SNAKEFILE} has no rule for proposals, which {extension.sampler} needs. "
            "Take it from a search that the same version generates; plan.json names it as generator."
        )
    extend(snapshot, extension)
    click.echo(plan_text(additions(snapshot.plan, extension.plan)))
    number = extension.plan.trainings - snapshot.plan.trainings
    words = f"{counted(number, 'training run')} {'was' if number == 1 else 'were'}"
    click.echo(f"\n{words} added to {snapshot.path}. To run them:\n")
    click.echo(how_to_run(snapshot.path, read_mode(snapshot.path)))


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.argument("slots", nargs=-1, type=SlotName(failed=True), metavar="[bracket-B/stage-S/config-C]...")
@click.option(
    "--redo-promotions", is_flag=True, help="Also retry where others were promoted and have results, which may change."
)
def retry(search: Path, slots: tuple[str, ...], *, redo_promotions: bool) -> None:
    """Give failed configurations another chance: all, or those that are named.

    If others in the stage were promoted and have results, failures there are only retried with --redo-promotions.

    \b
    Example:
        hyband retry my-search bracket-0/stage-0/config-3
    """
    snapshot = scan(search)
    try:
        wanted = plan_retry(snapshot, [Slot.parse(text) for text in slots], redo_promotions=redo_promotions)
    except ValueError as error:
        raise UsageError(str(error)) from None
    carry_out_retry(snapshot, wanted)
    click.echo(retry_summary(search, wanted))
    if wanted.slots or wanted.promotions:
        click.echo(f"\n{how_to_run(search, read_mode(search))}")
