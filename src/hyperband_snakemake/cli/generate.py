"""`hyband generate`: the command that writes a search."""

import secrets
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.disk.processes import available_cores
from ..core.plan import Plan, short_number
from ..core.slurm.request import MODES
from ..core.training.starting import quoted
from ..core.tree import layout
from ..planning.text import plan_text
from ..writing.create import EXAMPLE, NewSearch, Templates, create_search
from ..writing.remarks import remarks
from .common.gpus import PER_GPU, PER_RUN, given_without_slurm, gpus_given
from .common.ineffective import unused_for_slurm, unused_share, without_effect
from .common.options import DIRECTORY, WHOLE, RecordedCommand, is_given, recorded_command, warn
from .common.settings import BRACKETS, SAMPLER, plan_of, plan_options, select
from .limits import limits_given
from .slurm import given_on_slurm, how_to_run, options_of, slurm_options

_MANY_STAGES = 5  # from here on the shortest are some hundred times as short as the longest


@cloup.command(cls=RecordedCommand)
@cloup.option_group(
    "What is written",
    click.option(
        "--output-dir", "-o", type=DIRECTORY, help="Where to write the search; without it, only the plan is shown."
    ),
    click.option(
        "--overwrite", is_flag=True, help="Delete a search that is in the output directory, with its results."
    ),
    BRACKETS,
)
@cloup.option_group(
    "Templates",
    click.option(
        "--template-dir", type=DIRECTORY, help="Your templates; `hyband init` makes a directory to start from."
    ),
    click.option("--config-template", help="Configuration template name.  [default: config]"),
    click.option("--run-template", help="Launch script template name.  [default: run.sh]"),
    click.option("--snakefile-template", help="Snakefile template name.  [default: Snakefile]"),
)
@plan_options
@cloup.option_group(
    "Configurations",
    click.option(
        "--random-seed", type=click.IntRange(min=0), help="Determines all random draws; drawn and stored if not given."
    ),
    SAMPLER,
    click.option(
        "--random-share",
        type=click.FloatRange(0, 1),
        default=0.25,
        show_default=True,
        help="Share of random configurations among those that a sampler proposes.",
    ),
)
@cloup.option_group(
    "Files and failures",
    click.option(
        "--carry",
        multiple=True,
        metavar="PATTERN",
        help="Copy these files of a promoted configuration to its next stage before it trains there; repeatable.",
    ),
    click.option(
        "--discard",
        multiple=True,
        metavar="PATTERN",
        help="Delete these files of configurations that were not promoted; repeatable.",
    ),
    click.option(
        "--retries", type=WHOLE, default=1, show_default=True, help="How often a failed training run is retried."
    ),
)
@cloup.option_group(
    "Limits and Slurm",
    "Without --slurm, --time and --mem limit each training run on this machine.",
    click.option(
        "--slurm", "mode", type=click.Choice(MODES), help="Make it ready for Slurm; see `hyband slurm --help`."
    ),
    PER_GPU,
    PER_RUN,
)
@slurm_options
def generate(
    output_dir: Path | None, *, overwrite: bool, brackets: tuple[int, ...], mode: str | None, **settings: Any
) -> None:
    """Show the plan of a search, and write it with --output-dir.

    A search has SMAX + 1 brackets, which promote one configuration in ETA. The largest budget is ETA to
    the power of SMAX.

    \b
    Example:
        hyband generate 5 3 --repetitions 2 --folds 10 --output-dir my-search
    """
    search = _asked_for(brackets, mode, settings)
    wanted = select(search.plan, brackets)
    if output_dir is None:
        _warn_of_unused(wanted, None, search.sampler, mode or "")
        click.echo(plan_text(wanted))
        click.echo("\nNothing was written. Add --output-dir DIRECTORY to write this search.")
        return
    if search.templates.directory == EXAMPLE and all(Path(name).is_file() for name in (layout.CONFIG, layout.RUN)):
        warn(["Note: config and run.sh in this directory are not used; for that, add --template-dir ."])
    distinct = create_search(search, output_dir, overwrite=overwrite)
    warn(f"Note: {remark}" for remark in remarks(search.templates, output_dir, mode or ""))
    _warn_of_unused(wanted, output_dir, search.sampler, mode or "")
    click.echo(plan_text(wanted))
    _say_what_is_written(search, wanted, output_dir, distinct)
    _say_next(output_dir, mode or "")


def _asked_for(brackets: tuple[int, ...], mode: str | None, settings: dict[str, Any]) -> NewSearch:
    """Give the search that these options ask for; on this machine limits and GPUs are for us to give."""
    if not settings["cost_unit"] and is_given("cost_one_epoch_full_dataset"):
        settings["cost_unit"] = "hours"
    limits, gpus = (None, None) if mode else (limits_given(settings), gpus_given(settings))
    for name in ("per_gpu", "gpus_per_run"):
        settings.pop(name)
    on_slurm = options_of(mode or "", settings)
    templates = _templates(settings)
    seed, sampler, share = (settings.pop(name) for name in ("random_seed", "sampler", "random_share"))
    return NewSearch(
        plan_of(settings).plan,
        secrets.randbelow(2**32) if seed is None else seed,
        frozenset(brackets),
        templates,
        on_slurm if mode else None,
        sampler,
        share,
        recorded_command(),
        limits,
        gpus,
    )


def _say_what_is_written(search: NewSearch, plan: Plan, where: Path, distinct: int | None) -> None:
    drawn = "" if is_given("random_seed") else " (drawn)"
    directory = search.templates.directory
    templates = "the iris example (no --template-dir)" if directory == EXAMPLE else directory
    click.echo(
        f"\nWritten to {where}, random seed {search.seed}{drawn}.{_space_size(distinct, plan)}{_limits_text(where)}\n"
        f"Templates: {templates}\nTraining runs: {plan.trainings}{_at_a_time(search)}{_shortest(plan)}"
    )


def _shortest(plan: Plan) -> str:
    """Say how short the shortest training runs are, where nobody has said it and it may be too short for a score."""
    if not is_given("max_budget") or is_given("min_budget") or plan.settings.smax < _MANY_STAGES:
        return ""
    shortest = short_number(min(bracket.stages[0].budget for bracket in plan.brackets))
    return (
        f"\nThe shortest have budget {shortest}; if that is too little for a score, --min-budget says what is enough."
    )


def _at_a_time(search: NewSearch) -> str:
    """Say how many training runs there are at a time, unless that is up to Slurm."""
    if search.slurm is not None:
        return ""
    if search.gpus:
        return f", as many at a time as there are places on the GPUs ({layout.GPUS})"
    return f", {available_cores()} at a time on this machine (hyband run --cores N for another number)"


def _say_next(search: Path, mode: str) -> None:
    """Give the commands that come next: the last line is one that starts the search."""
    run = "" if mode else f"hyband run {quoted(search)}\n\nor, with Snakemake alone:\n"
    click.echo(
        f"\nTry one training run first:\n\nhyband try {quoted(search)}\n\nThen run the search:\n\n{run}", nl=not mode
    )
    click.echo(how_to_run(search, mode))


def _warn_of_unused(plan: Plan, search: Path | None, sampler: str, mode: str) -> None:
    share = unused_share(sampler) if is_given("random_share") else ()
    beside = [f"Without effect: {name} (Slurm gives the GPUs)." for name in given_without_slurm() if mode]
    warn([*unused_for_slurm(given_on_slurm(), mode), *beside, *share, *without_effect(plan, search)])


def _space_size(distinct: int | None, plan: Plan) -> str:
    if distinct is None:
        return ""
    drawn = sum(bracket.stages[0].configurations for bracket in plan.brackets)
    return f" Its space has {distinct} distinct configurations; all brackets together draw {drawn}."


def _limits_text(search: Path) -> str:
    there = (search / layout.LIMITS).exists() and not (search / layout.SLURM).exists()
    return f" The limits of each training run are in {search / layout.LIMITS}." if there else ""


def _templates(settings: dict[str, Any]) -> Templates:
    """Take the options that say where templates are, and how they are called."""
    directory = settings.pop("template_dir")
    given = {name: settings.pop(f"{name}_template") for name in ("config", "run", "snakefile")}
    return Templates(directory or EXAMPLE, **{key: name for key, name in given.items() if name is not None})
