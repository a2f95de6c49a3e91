"""`hyband adopt`: make a search of ours from one of the original tool."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import click
import cloup

from ..core.plan import counted
from ..core.tree import layout
from ..writing.adopting.account import Adopted
from ..writing.adopting.adopt import Adoption, adopt
from ..writing.adopting.plan_of_old import Asked
from .common.options import DIRECTORY, NUMBER, WHOLE, RecordedCommand, recorded_command, warn
from .slurm import how_to_run


@cloup.command("adopt", cls=RecordedCommand)
@click.argument("old", type=DIRECTORY)
@click.argument("smax", type=WHOLE, required=False)
@click.argument("eta", type=WHOLE, required=False)
@click.option("--output-dir", "-o", type=DIRECTORY, help="Where to write the new search.  [default: OLD-adopted]")
@click.option("--random-seed", type=click.IntRange(min=0), help="The seed that OLD was generated with, if you know it.")
@click.option("--template-dir", type=DIRECTORY, help="The templates of OLD, so that more can be drawn later.")
@click.option("--config-template", default=layout.CONFIG, help="Configuration template name.  [default: config]")
@click.option("--bracket", "-b", "brackets", type=WHOLE, multiple=True, help="OLD has only this bracket; repeatable.")
@click.option("--last-stage", type=WHOLE, help="The brackets of OLD go no further than this stage.")
@click.option("--guaranteed-budget", type=NUMBER, help="Budget added to that of each stage.")
@click.option(
    "--folds", "-k", type=click.IntRange(min=1), help="Cross-validation folds of the old search.  [default: 5]"
)
@click.option(
    "--repetitions",
    "-r",
    type=click.IntRange(min=1),
    help="Cross-validation repetitions of the old search.  [default: 1]",
)
@click.option("--cost-one-epoch-full-dataset", "-t", type=NUMBER, default="1", show_default=True, help="For the costs.")
def adopt_command(
    old: Path,
    *,
    smax: int | None,
    eta: int | None,
    output_dir: Path | None,
    random_seed: int | None,
    template_dir: Path | None,
    config_template: str,
    brackets: tuple[int, ...],
    last_stage: int | None,
    guaranteed_budget: Fraction | None,
    folds: int | None,
    repetitions: int | None,
    cost_one_epoch_full_dataset: Fraction,
) -> None:
    """Make a search of this version from OLD, a search of the original hyperband-snakemake, complete or not.

    Configurations, results and promotions are taken over; nothing is trained again, and OLD is not changed. SMAX, ETA
    and the budgets are inferred from OLD if possible; otherwise give the numbers that OLD was generated with.

    \b
    Example:
        hyband adopt old-search
        hyband adopt old-search 5 3 --repetitions 2 --folds 10 --guaranteed-budget 3 --template-dir my-templates
    """
    named = old if old.name not in ("", "..") else old.resolve()
    place = output_dir or named.with_name(f"{named.name}-adopted")
    asked = Asked(smax, eta, brackets, last_stage, guaranteed_budget, folds, repetitions, cost_one_epoch_full_dataset)
    wanted = Adoption(old, asked, random_seed, template_dir, config_template, command=recorded_command())
    adopted = adopt(wanted, place)
    warn(f"Note: {note}" for note in adopted.notes)
    click.echo("\n".join(_told(adopted)))
    click.echo(f"Written to {place}; {old} was not changed.")
    if not adopted.complete:
        click.echo(f"\nTo continue the search:\n\n{how_to_run(place, '')}")


def _told(adopted: Adopted) -> Iterator[str]:
    plan = adopted.plan
    numbers = ", ".join(f"bracket-{n} is {b.index}" for n, b in enumerate(plan.brackets) if n != b.index)
    yield (
        f"Adopted: SMAX {plan.settings.smax}, ETA {plan.settings.eta}, {counted(len(plan.brackets), 'bracket')}"
        f"{f' ({numbers} here)' if numbers else ''}, {counted(plan.slots, 'training run')}."
    )
    more = f", {adopted.failed} failed" if adopted.failed else ""
    yield (
        f"Taken over: {counted(adopted.completed, 'result')}{more}, {counted(adopted.promotions, 'promotion')}. "
        f"Still to be trained: {'at most ' if adopted.loose else ''}{adopted.left}."
    )
