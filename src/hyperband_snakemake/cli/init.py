"""`hyband init`: templates to start from, copied from an example or written for a working command."""

import sys
from pathlib import Path
from typing import Any

import click
import cloup

from ..core.training.starting import quoted
from ..errors import UsageError
from ..starting.begin import Told, check_start, read_start
from ..starting.score import parse_score
from ..starting.telling import ask, direction, next_commands, reading
from ..starting.write import write_templates
from ..writing.create import EXAMPLES, SHIPPED
from ..writing.template_directory import init_templates
from .common.options import DIRECTORY, is_given

FIRST_PLAN = {  # for each example, a small plan in its unit of budget
    "digits": "--max-budget 270 --min-budget 10 --resume --carry checkpoint --discard checkpoint",
    "iris": "3 3",
    "slurm-folds": "3 3",
}
_OF_COMMAND = (
    "spaces",
    "space_file",
    "budget",
    "folder",
    "constants",
    "config_file",
    "result",
    "maximize",
    "in_directory",
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class WithCommand(cloup.Command):
    """A command that takes another one after ``--``, with a hint if the dashes are missing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what comes before ``--``."""
        is_forgotten = "--" not in args and len([word for word in args if not word.startswith("-")]) > 1
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if is_forgotten:
                raise click.UsageError(f"{error.message} Write -- before your command.", ctx) from None
            raise


@cloup.command(cls=WithCommand)
@click.argument("directory", type=DIRECTORY)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@cloup.option_group(
    "For a command",
    click.option(
        "--result",
        metavar="WHERE",
        help="Where the score is: metrics.json:KEY, metrics.csv:COLUMN, 'log:/REGEX/', last-line.",
    ),
    click.option(
        "--space",
        "spaces",
        multiple=True,
        metavar="NAME=SPACE",
        help="What a parameter is drawn from, such as 'lr=log(1e-5, 1e-1)'; repeatable.",
    ),
    click.option(
        "--space-file", type=FILE, help="Spaces from a W&B sweep, ConfigSpace, Optuna, NNI or Ray Tune (YAML or JSON)."
    ),
    click.option("--budget", metavar="NAME", default="", help="Which value is the budget; guessed if not given."),
    click.option(
        "--directory",
        "folder",
        metavar="NAME",
        default="",
        help="Which value says where the program writes; guessed if not given.",
    ),
    click.option(
        "--constant",
        "constants",
        metavar="NAME",
        multiple=True,
        help="A value that does not change, such as a seed; repeatable.",
    ),
    click.option(
        "--config-file",
        type=FILE,
        help="The file with the parameters, if the program finds it by its name, or the guess is wrong.",
    ),
    click.option("--in-directory", is_flag=True, help="Start the program in the directory of its training run."),
    click.option(
        "--maximize/--minimize", default=None, help="Whether higher results are better; guessed by name if not given."
    ),
)
@click.option("--example", type=click.Choice(sorted(EXAMPLES)), help="Copy this example.  [default: iris]")
@click.option(
    "--with-snakefile",
    is_flag=True,
    help="Copy the Snakefile and Snakemake's options, too; by default each search gets those of the installed version.",
)
def init(directory: Path, command: tuple[str, ...], *, example: str | None, with_snakefile: bool, **told: Any) -> None:
    """Write templates for a working command, or copy those of an example.

    Give the command that trains once after --. A value to search over is written as a space with a tilde before it:
    uniform(0, 1), log(1e-5, 1e-1), int(1, 8), logint(16, 1024) or choice(adam, sgd). Values named epochs, steps,
    iterations, rounds or n_estimators are the budget, those named out, output-dir, logdir and the like the directory,
    and a seed is drawn; options name others. Parameters may be flags, key=value, variables before the program, or in
    a YAML, JSON or TOML file.

    Without a command, an example is copied:

    \b
    digits       trains a neural network, which resumes from its checkpoint
    iris         cross-validates a classifier, one process each
    slurm-folds  the same on Slurm, each fold a task of a job array

    \b
    Example:
        hyband init my-templates --result metrics.json:val_acc -- \\
            python train.py --lr '~log(1e-5, 1e-1)' --layers '~int(1, 8)' --epochs 27 --out DIR
        hyband init my-templates --example digits
    """
    if command:
        if example:
            raise UsageError("--example and a command after -- cannot be combined.")
        _for_command(directory, command, with_snakefile=with_snakefile, **told)
        return
    if useless := [name for name in _OF_COMMAND if is_given(name)]:
        option = {"spaces": "space", "folder": "directory", "constants": "constant"}.get(useless[0], useless[0])
        raise UsageError(f"--{option.replace('_', '-')} is for a command; write -- and the command that trains once.")
    name = example or "iris"
    init_templates(directory, *([SHIPPED] if with_snakefile else []), EXAMPLES[name])
    click.echo(f"Written to {directory}. Adapt config and run.sh there, then:\n")
    click.echo(f"hyband generate {FIRST_PLAN[name]} --template-dir {quoted(directory)} --output-dir my-search")


def _for_command(
    directory: Path, command: tuple[str, ...], *, with_snakefile: bool, maximize: bool | None, **said: Any
) -> None:
    result = said.pop("result")
    spaces = [_named_space(text) for text in said.pop("spaces")]
    told = Told(spaces, score=parse_score(result) if result else None, **said)
    start = read_start(command, told)
    if sys.stdin.isatty() and sys.stdout.isatty():
        told = ask(start, told, lambda text: click.prompt(text, default="", show_default=False).strip())
        start = read_start(command, told)
    check_start(start, told)
    write_templates(directory, start, *([SHIPPED] if with_snakefile else []))
    click.echo("\n".join(reading(start)))
    if why := direction(start, said=maximize):
        click.echo(f"\n{why}")
    click.echo(f"\nWritten to {directory}: config and run.sh, for you to read and adapt. Next:\n")
    higher = start.score.is_higher_better if maximize is None else maximize
    click.echo("\n".join(next_commands(start, directory, maximize=higher)))


def _named_space(text: str) -> tuple[str, str]:
    name, equals, space = text.partition("=")
    if not equals or not name or not space:
        raise UsageError(f"--space is {text!r}; expected NAME=SPACE, such as 'lr=log(1e-5, 1e-1)'.")
    return name.lstrip("-"), space
