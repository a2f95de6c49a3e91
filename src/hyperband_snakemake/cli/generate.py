"""`hyband generate`: the command that writes a search."""

import secrets
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.plan import Plan
from ..core.slurm.request import MODES
from ..core.training.starting import quoted
from ..core.tree import layout
from ..errors import UsageError
from ..planning.recipe import Recipe
from ..samplers.names import SAMPLERS
from ..writing.create import EXAMPLE, Created, NewSearch, Templates, create_search
from ..writing.remarks import remarks
from .common.by_recipe import AUTO, asked_recipe, at_a_time, create_by_recipe, recipe_text
from .common.gpus import PER_GPU, PER_RUN, given_without_slurm, gpus_given
from .common.ineffective import unused_for_slurm, unused_share, without_effect
from .common.options import DIRECTORY, WHOLE, RecordedCommand, SamplerName, is_given, recorded_command, warn
from .common.packs import PACK
from .common.settings import BRACKETS, plan_of, plan_options, select
from .common.written import plan_of_recipe, written_text
from .limits import limits_given
from .slurm import given_on_slurm, how_to_run, options_of, slurm_options


@cloup.command(cls=RecordedCommand)
@cloup.option_group(
    "What is written",
    click.option(
        "--output-dir", "-o", type=DIRECTORY, help="Where to write the search; without it, only the plan is shown."
    ),
    click.option(
        "--overwrite", is_flag=True, help="Delete an existing search in the output directory, with its results."
    ),
    click.option(
        "--keep-old", is_flag=True, help="Rename an existing search in the output directory to DIRECTORY.replaced-1."
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
        "--random-seed",
        type=click.IntRange(min=0),
        help="Determines all random draws; chosen at random and stored if not given.",
    ),
    click.option(
        "--sampler",
        type=SamplerName((*SAMPLERS, AUTO)),
        default="random",
        show_default=True,
        help="How configurations are chosen; auto plans a whole search that learns. All but random need the "
        "`optuna` extra, see docs/samplers.md.",
    ),
    click.option(
        "--parallel", type=click.IntRange(min=1), help="Training runs at a time while a model refines, with auto."
    ),
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
        "--slurm", "mode", type=click.Choice(MODES), help="Prepare the search for Slurm; see `hyband slurm --help`."
    ),
    PER_GPU,
    PER_RUN,
    PACK,
)
@slurm_options
def generate(
    output_dir: Path | None,
    *,
    overwrite: bool,
    keep_old: bool,
    brackets: tuple[int, ...],
    mode: str | None,
    **settings: Any,
) -> None:
    """Show the plan of a search, and write it with --output-dir.

    A search has SMAX + 1 brackets, which promote one configuration in ETA. The largest budget is ETA to
    the power of SMAX.

    \b
    Example:
        hyband generate 5 3 --repetitions 2 --folds 10 --output-dir my-search
    """
    parallel = settings.pop("parallel")
    _refuse_contradictions(settings["sampler"], parallel, overwrite=overwrite, keep_old=keep_old)
    search, recipe = _asked_for(brackets, mode, settings)
    wanted = select(search.plan, brackets)
    if output_dir is None:
        _warn_of_unused(wanted, None, search.sampler, mode or "")
        click.echo(plan_of_recipe(wanted, recipe))
        click.echo("\nNothing was written. Add --output-dir DIRECTORY to write this search.")
        return
    if search.templates.directory == EXAMPLE and all(Path(name).is_file() for name in (layout.CONFIG, layout.RUN)):
        warn(["Note: config and run.sh in this directory are not used; for that, add --template-dir ."])
    runs = at_a_time(parallel, mode or "")
    created, chosen = _create(search, recipe, output_dir, runs, overwrite=overwrite, keep_old=keep_old)
    warn(f"Note: {remark}" for remark in remarks(search.templates, output_dir, mode or ""))
    _warn_of_unused(wanted, output_dir, search.sampler, mode or "")
    click.echo(plan_of_recipe(wanted, recipe))
    click.echo(chosen, nl=bool(chosen))
    click.echo(written_text(search, wanted, output_dir, created))
    _say_next(output_dir, mode or "")


def _refuse_contradictions(sampler: str, parallel: int | None, *, overwrite: bool, keep_old: bool) -> None:
    if overwrite and keep_old:
        raise UsageError("--overwrite deletes the old search and --keep-old keeps it; expected one of the two.")
    if parallel and sampler != AUTO:
        raise UsageError("--parallel needs --sampler auto; later, hyband refine has it.")


def _create(
    search: NewSearch, recipe: Recipe | None, output: Path, parallel: int, *, overwrite: bool, keep_old: bool
) -> tuple[Created, str]:
    """Write the search. With a recipe, also return its choices in words."""
    if recipe is None:
        return create_search(search, output, overwrite=overwrite, keep_old=keep_old), ""
    created = create_by_recipe(search, recipe, output, parallel, overwrite=overwrite, keep_old=keep_old)
    return created, "\n" + "\n".join(recipe_text(recipe, parallel))


def _asked_for(
    brackets: tuple[int, ...], mode: str | None, settings: dict[str, Any]
) -> tuple[NewSearch, Recipe | None]:
    """Give the search that these options describe, and its recipe if it has one.

    On this machine, limits and GPUs are handled by the search itself.
    """
    if not settings["cost_unit"] and is_given("cost_one_epoch_full_dataset"):
        settings["cost_unit"] = "hours"
    limits, gpus = (None, None) if mode else (limits_given(settings), gpus_given(settings))
    for name in ("per_gpu", "gpus_per_run"):
        settings.pop(name)
    pack, on_slurm = settings.pop("pack"), options_of(mode or "", settings)
    templates = _templates(settings)
    seed, sampler, share = (settings.pop(name) for name in ("random_seed", "sampler", "random_share"))
    recipe = asked_recipe(settings) if sampler == AUTO else None
    search = NewSearch(
        plan_of(settings).plan if recipe is None else recipe.whole,
        secrets.randbelow(2**32) if seed is None else seed,
        frozenset(brackets),
        templates,
        on_slurm if mode else None,
        sampler,
        share,
        recorded_command(),
        limits,
        gpus,
        "" if mode else pack,
    )
    return search, recipe


def _say_next(search: Path, mode: str) -> None:
    """Print the next commands; the last line starts the search."""
    run = "" if mode else f"hyband run {quoted(search)}\n\nor, with Snakemake alone:\n"
    click.echo(
        f"\nTry one training run first:\n\nhyband try {quoted(search)}\n\nThen run the search:\n\n{run}", nl=not mode
    )
    click.echo(how_to_run(search, mode))


def _warn_of_unused(plan: Plan, search: Path | None, sampler: str, mode: str) -> None:
    share = unused_share(sampler) if is_given("random_share") else ()
    beside = [f"Without effect: {name} (Slurm gives the GPUs)." for name in given_without_slurm() if mode]
    if mode and is_given("pack"):
        beside.append("Without effect: --pack (on Slurm, --min-job-time and --array pack).")
    warn([*unused_for_slurm(given_on_slurm(), mode), *beside, *share, *without_effect(plan, search)])


def _templates(settings: dict[str, Any]) -> Templates:
    """Take the options that name the templates and their directory."""
    directory = settings.pop("template_dir")
    given = {name: settings.pop(f"{name}_template") for name in ("config", "run", "snakefile")}
    return Templates(directory or EXAMPLE, **{key: name for key, name in given.items() if name is not None})
