"""What a promoted configuration takes along: copies of files of the stage below, there before its training starts.

Copies, and never hard links: a training run that writes into its checkpoint must not change that of the stage
below. Where the file system can, they share their blocks until one is changed (reflinks), and cost no space.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..tree import layout
from ..tree.patterns import named

_MOST_AT_ONCE = 1 << 30  # bytes
_COPY = "copy"


def carry(origin: Path, directory: Path, patterns: Sequence[str], *, tried: bool) -> None:
    """Copy what the patterns name in ``origin`` to the same places in ``directory``; what is there stays.

    ``tried``: an attempt has been in ``directory`` before. If it has left anything that the patterns name, a checkpoint
    of its own, then nothing is copied. What a turn of copying that was cut off has left is no such thing: its staging
    directory tells.

    Raises:
        OSError: something cannot be read or written, or there is no space. No half of a file or directory is left.
    """
    staging = directory / layout.CARRYING
    if tried and not staging.exists() and named(directory, patterns):
        return
    _remove(staging / _COPY)
    roots = tuple(Path(os.path.realpath(root.parent), root.name) for root in named(origin, patterns))
    copy = _Copy(Path(os.path.realpath(origin)), Path(os.path.realpath(directory)), roots)
    try:
        for root in copy.roots:
            place = root.relative_to(copy.top)
            if os.path.lexists(directory / place):
                continue
            staging.mkdir(exist_ok=True)
            copy.of(root, staging / _COPY, place)
            if os.path.lexists(staging / _COPY):
                (directory / place).parent.mkdir(parents=True, exist_ok=True)
                (staging / _COPY).rename(directory / place)
    except BaseException:
        _remove(staging / _COPY)
        raise
    shutil.rmtree(staging, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a file, link or directory, if it is there."""
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Copy:
    """One turn of copying from the directory ``top`` to ``new``; ``roots`` are copied, each as a whole."""

    top: Path
    new: Path
    roots: tuple[Path, ...]

    def of(self, source: Path, target: Path, place: Path, within: tuple[Path, ...] = ()) -> None:
        """Copy a file, link or directory to ``target``, which will be renamed to ``place`` below the new directory.

        ``within`` are the directories that are being copied now. Pipes and sockets are left out.
        """
        if source.is_symlink():
            self._of_link(source, target, place, within)
        elif source.is_dir():
            target.mkdir()
            for entry in sorted(source.iterdir()):
                self.of(entry, target / entry.name, place / entry.name, (*within, source))
            shutil.copystat(source, target)
            target.chmod(target.stat().st_mode | 0o700)  # or it could not be renamed
        elif source.is_file():
            _copy_file(source, target)

    def _of_link(self, link: Path, target: Path, place: Path, within: tuple[Path, ...]) -> None:
        """Let a link to something that is copied lead to the copy, and one that leads out of ``top`` to the same place.

        What else is in ``top`` is copied in place of the link, through which the new training run would change it.
        """
        real = Path(os.path.realpath(link))
        if any(real.is_relative_to(root) for root in self.roots if not root.is_symlink()):
            target.symlink_to(os.path.relpath(real.relative_to(self.top), place.parent))
        elif not real.is_relative_to(self.top):
            text = link.readlink()
            target.symlink_to(text if text.is_absolute() else os.path.relpath(real, self.new / place.parent))
        elif real.exists() and real not in (self.top, *within):
            self.of(real, target, place, within)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("xb") as new:
        if not _clone(old, new):
            old.seek(0)
            new.seek(0)
            new.truncate()
            shutil.copyfileobj(old, new, 1 << 20)
        new.flush()
        os.fsync(new.fileno())
    shutil.copystat(source, target)


def _clone(old: IO[bytes], new: IO[bytes]) -> bool:
    """Let the system copy: it shares blocks, or has the file server copy, where it can. False if it does not."""
    if not hasattr(os, "copy_file_range"):
        return False
    try:
        while os.copy_file_range(old.fileno(), new.fileno(), _MOST_AT_ONCE):
            pass
    except OSError:  # not on this file system, or a real fault, which the plain copy will meet again
        return False
    return os.fstat(old.fileno()).st_size == os.fstat(new.fileno()).st_size
