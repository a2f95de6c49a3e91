"""Carried files that contain the path of their old directory: a program that writes to that path changes it there."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..tree.layout import Slot
from ..tree.patterns import named

LOOKED_AT = 1 << 20  # bytes read from the start of each file


def find_old_paths(directory: Path, patterns: Sequence[str], origin: Slot) -> list[Path]:
    """Files below ``directory`` that match the patterns and contain the path of ``origin``."""
    path = re.compile(re.escape(str(origin)).encode() + rb"(?![0-9])")
    files = (file for root in named(directory, patterns) for file in _files(root))
    return [file for file in files if path.search(_beginning(file))]


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
    for top, _, names in os.walk(root):
        yield from (Path(top, name) for name in sorted(names))


def _beginning(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LOOKED_AT)
    except OSError:
        return b""
