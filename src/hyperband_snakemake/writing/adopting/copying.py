"""Copying parts of an old tree so that the copy needs nothing of it: links, rights, and what cannot be copied."""

import os
import re
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ...core.tree import layout
from ..template_directory import is_special
from .old_tree import OldTree

ENTRIES_SHOWN = 4
_EXPECTED = frozenset({layout.SNAKEFILE, layout.BEST_CONFIG, ".snakemake", "__pycache__"})  # never in the new search
_BRACKET = re.compile(r"bracket-\d+")


def copy_directory(source: Path, target: Path) -> None:
    """Copy a directory with everything that can be copied: no pipes, no sockets."""
    shutil.copytree(
        source,
        target,
        symlinks=True,
        ignore=lambda folder, names: {name for name in names if is_special(Path(folder, name))},
    )


def make_whole(tree: Path, places: Mapping[Path, Path]) -> None:
    """Let everything copied into ``tree`` be writable, and let its links lead to the copies.

    ``places`` says where each copied directory is now. A link to what was not copied keeps leading to where it did.
    """
    moved = {Path(os.path.realpath(old)): new for old, new in places.items()}
    for given, new in places.items():
        old = Path(os.path.realpath(given))
        for folder, folders, files in os.walk(new):
            here = Path(folder)
            if here == tree:
                folders[:] = [
                    name for name in folders if not _BRACKET.fullmatch(name)
                ]  # these have places of their own
            here.chmod(here.stat().st_mode | stat.S_IRWXU)
            for path in (here / name for name in folders + files):
                if path.is_symlink():
                    _lead(path, old / here.relative_to(new), moved)
                elif path.is_file():
                    path.chmod(path.stat().st_mode | stat.S_IRUSR | stat.S_IWUSR)


def _lead(link: Path, folder: Path, moved: Mapping[Path, Path]) -> None:
    """Let a link lead to the copy of what it led to from its old ``folder``, if there is one."""
    text = os.readlink(link)
    above, name = os.path.split(folder / text)
    was = Path(os.path.realpath(above), name)
    now = next((moved[one] / was.relative_to(one) for one in (was, *was.parents) if one in moved), None)
    if now is not None and os.path.lexists(now):
        wanted = os.path.relpath(now, link.parent)
    else:
        wanted = text if os.path.isabs(text) or not was.exists() else str(was)
    if wanted != text:
        link.unlink()
        link.symlink_to(wanted)


def notes_of_leftovers(old: OldTree, tree: Path) -> list[str]:
    """Name what the copy of the old tree does not have."""
    left = sorted(path.relative_to(old.path).as_posix() for path in _left_behind(old, tree))
    if not left:
        return []
    more = f" and {len(left) - ENTRIES_SHOWN} more" if len(left) > ENTRIES_SHOWN else ""
    what = "has no place in a search of this version, or has a name that it uses itself"
    return [f"Not taken over, because it {what}: {', '.join(left[:ENTRIES_SHOWN])}{more}. It is still in {old.path}."]


def _left_behind(old: OldTree, tree: Path) -> Iterator[Path]:
    slots = {old.path / slot.path for slot in old.slots}
    stages = {slot.parent for slot in slots}
    brackets = {stage.parent for stage in stages}
    yield from (path for path in _in(old.path, brackets) if not os.path.lexists(tree / path.name))
    for bracket in sorted(brackets):
        yield from _in(bracket, stages)
    for stage in sorted(stages):
        yield from _in(stage, slots)


def _in(directory: Path, known: Collection[Path]) -> Iterator[Path]:
    """Yield what is in a directory, without ``known``, empty directories, and what is never taken over."""
    for path in directory.iterdir():
        if path in known or path.name in _EXPECTED or is_special(path):
            continue
        if not path.is_dir() or any(path.iterdir()):
            yield path


def notes_of_run(old: Path, run: str) -> list[str]:
    """Say so if run.sh (its text) names the old tree, which must then stay where it is."""
    real = os.path.realpath(old)
    names = "|".join(map(re.escape, sorted({str(old), real} - {"."})))
    if not re.search(rf"(?<![\w./-])(?:(?:{names})(?![\w.-])|{re.escape(os.path.basename(real))}/)", run):
        return []
    return [f"run.sh names {old}, so it still needs that directory. Correct its copy before you move or delete {old}."]
