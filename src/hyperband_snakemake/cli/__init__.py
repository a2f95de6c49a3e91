"""The command line: the only place that prints, exits, or knows click. Commands only translate."""

import os
import sys

import click

from .. import __version__
from ..errors import HybandError
from .adopt import adopt_command
from .change import extend_command, refine, retry
from .common.output import lenient
from .compare import compare
from .generate import generate
from .init import init
from .limits import limits
from .plan import plan
from .results import export, failures, report, show, top
from .run import run
from .slurm import cancel, slurm
from .status import check, status
from .trial import trial


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


COMMANDS = (
    *(plan, generate, init, trial, run, status, check, retry, extend_command, refine, adopt_command),
    *(show, top, failures, export, report, compare, limits, slurm, cancel),
)
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run a command; the one place where errors become messages and exit statuses."""
    sys.stdout, sys.stderr = lenient(sys.stdout), lenient(sys.stderr)
    try:
        cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "hyband"
        click.echo(f"Error: {error.format_message()} See '{command} --help'.", err=True)
        sys.exit(error.exit_code)
    except HybandError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"Error: {error.filename or 'standard output'}: {error.strerror}.", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python tries again at its end
        sys.exit(1)
