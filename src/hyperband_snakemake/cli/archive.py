"""`hyband archive`: few files instead of many."""

from collections.abc import Iterator
from pathlib import Path

import click
import cloup

from ..core.plan import bytes_text, counted
from ..core.training.starting import quoted
from ..errors import UsageError
from ..writing.archiving.contents import NOTES, count_notes
from ..writing.archiving.pack import Packed, Packing
from ..writing.archiving.pack import archive as pack
from ..writing.archiving.unpack import unarchive
from .common.options import DIRECTORY


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.option("--dry-run", "is_dry", is_flag=True, help="Say how many files and bytes would be packed.")
@click.option("--undo", "takes_back", is_flag=True, help="Bring all files back, byte for byte.")
def archive(search: Path, *, is_dry: bool, takes_back: bool) -> None:
    """Pack the small files of each bracket that has ended, where the number of files is limited.

    All commands read an archived search as before, and a run trains only what is new. Files over 1 MB, links, and what
    --carry names stay where they are.

    \b
    Example:
        hyband archive my-search --dry-run
        hyband archive my-search
        hyband archive my-search --undo
    """
    if takes_back and is_dry:
        raise UsageError("--dry-run and --undo cannot be combined.")
    lines = _brought_back(search) if takes_back else _packed(search, pack(search, is_dry=is_dry), is_dry=is_dry)
    for line in lines:
        click.echo(line)


def _packed(search: Path, done: Packing, *, is_dry: bool) -> Iterator[str]:
    """What was packed, or would be: a line for each bracket, and for all of them."""
    for bracket in done.before:
        yield f"Bracket {bracket} is archived."
    yield from (f"Bracket {bracket} stays as it is: {why}." for bracket, why in done.left.items())
    yield from map(_of_bracket, done.packed)
    if not done.packed:
        yield "Nothing was packed."
        return
    before, after = sum(one.files + one.folders for one in done.packed), 2 * len(done.packed)
    yield f"{before} files and directories {'would become' if is_dry else 'have become'} {after} files."
    if notes := count_notes(search):
        yield f"Snakemake has {counted(notes, 'file')} in {search / NOTES}, which may be deleted while nothing runs."
    yield "Nothing was changed." if is_dry else f"To bring them back: hyband archive {quoted(search)} --undo"


def _of_bracket(one: Packed) -> str:
    stays = f". {counted(one.staying, 'file')} ({bytes_text(one.staying_size)}) not packed" if one.staying else ""
    size = bytes_text(one.size)
    return f"Bracket {one.bracket}: {counted(one.files, 'file')} ({size}){stays}."


def _brought_back(search: Path) -> Iterator[str]:
    done = unarchive(search)
    if not done.brackets:
        yield "No bracket is archived. Nothing was changed."
        return
    where = f"{'bracket' if len(done.brackets) == 1 else 'brackets'} {', '.join(map(str, done.brackets))}"
    yield f"{counted(done.files, 'file')} of {where} {'is' if done.files == 1 else 'are'} back."
    for path in done.beside:
        yield f"{path}: what was packed, since there is another file under its name."
