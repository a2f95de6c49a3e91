"""What the two commands share: the format of plan.json, what an interrupted one has left, and lasting writes."""

import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from shlex import quote

from ...core.disk.archives import Member, is_archived, read_index
from ...core.disk.files import write
from ...core.tree import layout
from ...core.tree.planfile import ARCHIVED, FORMAT, read_plan_data
from ...errors import HybandError
from ...snapshot.scan import read_settings

UNPACKING = ".archive.tmp"  # in a bracket: what is being brought back
PACKING = ".archive.tar.tmp"  # an archive that is being written


def mark(search: Path) -> None:
    """Give plan.json the format that its archives ask for: a version that knows none must not take files for missing.

    Raises:
        HybandError: the file is written in a way that no program of ours writes it.
    """
    wanted = ARCHIVED if any(map(is_archived, bracket_places(search).values())) else FORMAT
    give_format(search, wanted)


def give_format(search: Path, wanted: int) -> None:
    """Write the number of its format into plan.json and leave all else in it, byte for byte."""
    if read_plan_data(search)["format"] == wanted:
        return
    path = search / layout.PLAN
    text = path.read_bytes().decode()
    new = re.sub(r'("format":\s*)\d+', rf"\g<1>{wanted}", text, count=1)
    if json.loads(new) != json.loads(text) | {"format": wanted}:
        raise HybandError(f"{path} was edited so that its format cannot be found. Nothing was changed.")
    write(path, new)


def bracket_places(search: Path) -> dict[int, Path]:
    """Directories of the brackets that a search has by its plan, by their numbers.

    Raises:
        NotASearch: there is none.
    """
    plan, _ = read_settings(search)
    return {bracket.index: search / layout.bracket_path(bracket.index) for bracket in plan.brackets}


def refuse_archived(search: Path, brackets: Iterable[int], what: str) -> None:
    """Refuse to change something in a bracket that is archived; ``what`` says why it is needed.

    Raises:
        HybandError: one of these brackets is archived.
    """
    for bracket in sorted(brackets):
        if is_archived(search / layout.bracket_path(bracket)):
            raise HybandError(
                f"Bracket {bracket} is archived, and {what}. Bring its files back first: "
                f"hyband archive {quote(str(search))} --undo\n  Nothing was changed."
            )


def clear_interrupted(place: Path) -> None:
    """Remove what an interrupted command has left in a bracket: none of it is the only copy of anything."""
    for path in (place / PACKING, *place.glob(f".{layout.ARCHIVE_INDEX}.*.tmp")):
        path.unlink(missing_ok=True)
    shutil.rmtree(place / UNPACKING, ignore_errors=True)
    index, tar = place / layout.ARCHIVE_INDEX, place / layout.ARCHIVE
    if index.exists():
        files = read_index(place).files
        if not files or (not tar.exists() and all(is_there(place, member) for member in files)):
            tar.unlink(missing_ok=True)
            index.unlink()


def is_there(place: Path, member: Member) -> bool:
    """Whether a file is on disk as it was when it was packed."""
    try:
        seen = os.lstat(place / member.name)
    except OSError:
        return False
    return (seen.st_size, seen.st_mtime_ns) == (member.size, member.mtime)


def sync_directory(path: Path) -> None:
    """Let the names in a directory last, also when the power is cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
