"""The command line: the only code that prints, exits, or uses click. Commands only translate."""

import os
import sys

import click
import cloup

from .. import __version__
from ..core.disk.archives import DamagedArchive
from ..errors import HybandError
from .adopt import adopt_command
from .archive import archive
from .change import extend_command, refine, retry
from .common.helping import CONTEXT, Group, usage_text
from .common.output import lenient
from .common.topics import all_topics, contents, find_page
from .generate import generate
from .init import init
from .limits import limits
from .plan import plan
from .report import compare, report
from .results import export, failures, show, top
from .run import run
from .slurm import cancel, slurm
from .status import check, status
from .trial import trial


@cloup.group(cls=Group, context_settings=CONTEXT, invoke_without_command=True)
@click.version_option(__version__, prog_name="hyband")
@click.pass_context
def cli(context: click.Context) -> None:
    """Plan a Hyperband search, write it as a folder tree, run it with Snakemake, and show its progress.

    \b
    Example:
        hyband generate 3 3 --output-dir my-search
        hyband run my-search
        hyband top my-search

    `hyband COMMAND --help` explains a command. SEARCH is the directory that `hyband generate` wrote.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cloup.command("help")
@click.argument(
    "topic", default="", shell_complete=lambda _c, _p, begun: [t for t in all_topics() if t.startswith(begun)]
)
def help_command(topic: str) -> None:
    """Say where to read about a topic or a command. Without TOPIC, list all topics.

    \b
    Example:
        hyband help checkpoints
    """
    if not topic:
        click.echo(f"hyband help TOPIC says where to read about it. The topics, by page:\n\n{contents()}")
        return
    page, address = find_page(topic)
    click.echo(f"{click.wrap_text(page.text, 100)}\n\nRead more: {address}, in the source")
    if command := cli.commands.get(topic.lower()):
        click.echo(f"Options: hyband {command.name} --help")


SECTIONS = {
    "Plan and write": (init, plan, generate),
    "Run and watch": (trial, run, status),
    "Look at results": (top, show, failures, check, compare, report, export),
    "Change a search": (retry, extend_command, refine, limits, archive, adopt_command),
    "Cluster": (slurm, cancel),
    "Documentation": (help_command,),
}
COMMANDS = tuple(command for commands in SECTIONS.values() for command in commands)
for title, commands in SECTIONS.items():
    cli.section(title, *commands)


def main() -> None:
    """Run a command; errors become messages and exit statuses here."""
    sys.stdout, sys.stderr = lenient(sys.stdout), lenient(sys.stderr)
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"Error: {usage_text(error)}", err=True)
        sys.exit(error.exit_code)
    except HybandError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except DamagedArchive as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"Error: {error.filename or 'standard output'}: {error.strerror}.", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try again when it exits
        sys.exit(1)
