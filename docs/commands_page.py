"""The page of commands, made from their own help while the site is built."""

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from hyperband_snakemake.cli import COMMANDS

HEAD = """# Commands

`hyband COMMAND --help` prints the same. SEARCH is the directory that `hyband generate` wrote. The exit status
is 0 if the command did what it was asked for, 2 if it was called wrongly, and 1 otherwise.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to those that were found on disk."""
    files.append(File.generated(config, "commands.md", content=commands_page()))
    return files


def commands_page() -> str:
    """Return the page: a section for each command, with its help.

    >>> "## hyband generate" in commands_page()
    True
    """
    sections = [f"## hyband {command.name}\n\n```text\n{help_of(command)}\n```\n" for command in COMMANDS]
    return "\n".join([HEAD, *sections])


def help_of(command: click.Command) -> str:
    """Return what `hyband COMMAND --help` prints, 100 columns wide."""
    context = command.context_class(
        command, info_name=f"hyband {command.name}", terminal_width=100, max_content_width=100
    )
    with context:
        return command.get_help(context)
