"""Which packed file had this path? Files that are in an archive are read where they were.

What is on disk comes first: only a path that is not there is looked for in the archive of the directory ``bracket-N``
that it was in. Whether there is one is asked once for each such directory, until `look_again`.
"""

import os
import re
from pathlib import Path

from .archives import Archive, Member, find_archive

_HEAD = "bracket-"
_OWNER = re.compile(rf"(?:^|/){_HEAD}\d+(?=/)")

_known: dict[str, Archive | None] = {}  # by directory
_without: set[str] = set()  # directories that have none, as they are named in paths: most are asked for again and again


def look_again() -> None:
    """Forget which directories have an archive, before a search is read again."""
    _known.clear()
    _without.clear()


def find_within(path: Path | str) -> list[tuple[Archive, str]]:
    """Archives that may hold a path, the innermost first, each with the path in it.

    Raises:
        DamagedArchive: one of them cannot be used.
    """
    text = os.fspath(path)
    start = text.find(_HEAD)
    if start < 0 or (text[: text.find("/", start)] in _without and text.find(_HEAD, start + 1) < 0):
        return []
    found: list[tuple[Archive, str]] = []
    here = "" if text.startswith("/") else f"{os.getcwd()}/"
    for match in _OWNER.finditer(text):
        directory = text[: match.end()]
        key = here + directory
        if key not in _known:
            _known[key] = find_archive(Path(directory))
        if (archive := _known[key]) is None:
            _without.add(directory)
        else:
            found.insert(0, (archive, text[match.end() + 1 :]))
    return found


def is_packed(path: Path | str) -> bool:
    """Whether a file or directory of this path is in an archive."""
    return any(archive.has(name) for archive, name in find_within(path))


def packed_in(directory: Path) -> list[Path]:
    """Paths that the files and directories had which are in the archive of a directory; empty if it has none."""
    archive = find_archive(directory)
    return [] if archive is None else [directory / name for name in archive.rows]


def find_member(path: Path | str) -> tuple[Archive, Member] | None:
    """Find a packed file by the path that it had; None if there is none."""
    for archive, name in find_within(path):
        if member := archive.find(name):
            return archive, member
    return None


def find_names(directory: Path | str) -> set[str] | None:
    """Names of what was in a directory and is packed; None if none was a directory of this name."""
    for archive, name in find_within(directory):
        if (names := archive.names_in(name)) is not None:
            return names
    return None
