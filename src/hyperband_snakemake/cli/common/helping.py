"""The look of help texts (commands in groups, with full summaries), and messages about usage mistakes."""

from pathlib import Path
from typing import Any

import click
import cloup

from ...core.disk.packed import packed_in
from ...core.tree import layout
from ...core.tree.layout import Slot
from ...core.tree.outcome import Status, read_outcome

CONTEXT = cloup.Context.settings(
    help_option_names=["-h", "--help"],
    formatter_settings=cloup.HelpFormatter.settings(
        max_width=100, col1_max_width=32, theme=cloup.HelpTheme(heading=cloup.Style(bold=True))
    ),
)
OF_OTHERS = {  # by command: options of other programs -> the equivalent here
    "generate": {
        "--trials": "--fit-configs NUMBER, the largest search with at most that many training runs",
        "--n-trials": "--fit-configs NUMBER, the largest search with at most that many training runs",
        "--seed": "--random-seed",
        "--jobs": "hyband run --cores NUMBER, once the search is written",
        "--cores": "hyband run --cores NUMBER, once the search is written",
    },
    "run": {"--workers": "--cores NUMBER", "--parallel": "--cores NUMBER"},
    "refine": {"--n-trials": "--trials NUMBER"},
}
OF_OTHERS["plan"] = OF_OTHERS["generate"] | {"--jobs": "--workers NUMBER", "--cores": "--workers NUMBER"}


class Group(cloup.Group):
    """Commands in sections, each with the full first sentence of its help."""

    def make_commands_help_section(self, ctx: click.Context, section: cloup.Section) -> cloup.HelpSection | None:
        """Give the rows of a section."""
        rows = [(self.format_subcommand_name(ctx, name, one), summary(one)) for name, one in section.list_commands()]
        return cloup.HelpSection(section.title, rows) if rows else None


def summary(command: click.Command) -> str:
    """Return the first sentence of a command's help, without its full stop."""
    first = " ".join((command.help or "").strip().split("\n\n")[0].split())
    return first.partition(". ")[0].removesuffix(".")


def usage_text(error: click.ClickException) -> str:
    """Say in one line what is wrong on the command line, what was expected, and where to read more.

    >>> usage_text(click.NoSuchOption("--n-trials", ctx=click.Context(click.Command("refine"), info_name="refine")))
    "No such option '--n-trials'. Here it is: --trials NUMBER. See 'refine --help'."
    """
    context = error.ctx if isinstance(error, click.UsageError) else None
    text = _wrong(error, context.info_name or "" if context else "")
    return f"{text} See '{context.command_path if context else 'hyband'} --help'."


def _wrong(error: click.ClickException, command: str) -> str:
    if isinstance(error, click.NoSuchOption) and (same := OF_OTHERS.get(command, {}).get(error.option_name)):
        return f"No such option '{error.option_name}'. Here it is: {same}."
    if isinstance(error, click.MissingParameter) and error.param and isinstance(error.param.type, click.Choice):
        name = error.param.human_readable_name
        return (
            f"Missing {error.param.param_type_name} '{name}'; expected one of: {', '.join(error.param.type.choices)}."
        )
    return error.format_message()


class SlotName(click.ParamType):  # type: ignore[type-arg]
    """The name of a slot in a search; the shell completes existing ones.

    Args:
        best: also complete ``best``.
        failed: complete only failed ones.
    """

    name = "slot"

    def __init__(self, *, best: bool = False, failed: bool = False) -> None:
        self._best = best
        self._failed = failed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return it unchanged."""
        return str(value)

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> "list[click.shell_completion.CompletionItem]":
        """Give the names with this prefix, in numerical order."""
        names = ["best"] if self._best else []
        if search := ctx.params.get("search"):
            names += map(str, slots_in(Path(search), failed=self._failed))
        return [click.shell_completion.CompletionItem(name) for name in names if name.startswith(incomplete)]


def slots_in(search: Path, *, failed: bool) -> list[Slot]:
    """Return the slots of a search that have a configuration, or only failed ones, in numerical order."""
    pattern = f"bracket-*/stage-*/config-*/{layout.CONFIG}"
    packed = (path for place in search.glob("bracket-*") for path in packed_in(place) if path.match(pattern))
    places = {path.parent for path in (*search.glob(pattern), *packed)}
    names = (path.relative_to(search).as_posix() for path in places)
    found = sorted(map(Slot.parse, names), key=lambda slot: (slot.bracket, slot.stage, slot.config))
    return [slot for slot in found if not failed or read_outcome(search / slot.path).status is Status.FAILED]
