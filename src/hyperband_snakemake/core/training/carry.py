"""Files that a promoted configuration brings along: copied from the stage below before its training run starts.

They are copies, never hard links: a training run that writes into its checkpoint must not change the one in the stage
below. If the file system supports it, the copies share their blocks until one is changed (reflinks) and take no space.
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
    """Copy matching files in ``origin`` to the same places in ``directory``; existing files are kept.

    ``tried``: there was an attempt in ``directory`` before. If it has left anything that matches (its own checkpoint),
    nothing is copied. Leftovers of interrupted copying do not count as such: its staging directory shows what they are.

    Raises:
        OSError: something cannot be read or written, or the disk is full. No partial file or directory is left.
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
    """Remove a file, link or directory, if it exists."""
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Copy:
    """One round of copying from the directory ``top`` to ``new``; ``roots`` are copied, each as a whole."""

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
            target.chmod(target.stat().st_mode | 0o700)  # otherwise it could not be renamed
        elif source.is_file():
            _copy_file(source, target)

    def _of_link(self, link: Path, target: Path, place: Path, within: tuple[Path, ...]) -> None:
        """Copy a link: to the copy if its target is copied too, to the same target if that is outside of ``top``.

        Any other target in ``top`` is copied in place of the link, so that the new training run cannot change it.
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
    """Let the kernel copy; if possible it shares blocks or lets the file server copy. False if it cannot."""
    if not hasattr(os, "copy_file_range"):
        return False
    try:
        while os.copy_file_range(old.fileno(), new.fileno(), _MOST_AT_ONCE):
            pass
    except OSError:  # not supported here, or a real error, which the plain copy will hit again
        return False
    return os.fstat(old.fileno()).st_size == os.fstat(new.fileno()).st_size
