"""Bring the small files of archived brackets back. An archive is removed only once all of it was read back."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from ... import __version__
from ...core.disk.archives import Archive, DamagedArchive, Member, damage_text, find_archive, index_text
from ...core.disk.files import free_name, read_bytes, write
from ...core.disk.packed import look_again
from ...core.plan import counted
from ...core.tree import layout
from ...errors import HybandError
from ..lock import held
from .marks import UNPACKING, bracket_places, clear_interrupted, mark, sync_directory

BESIDE = "archived"  # NAME.archived: what was packed, where something else has its name by now


@dataclass(frozen=True)
class Unpacked:
    """What was brought back: brackets and the number of files. ``beside`` have another name, since theirs was taken."""

    brackets: tuple[int, ...]
    files: int
    beside: tuple[Path, ...]


def unarchive(search: Path) -> Unpacked:
    """Bring back everything that was packed, byte for byte.

    Raises:
        NotASearch: there is none.
        HybandError: it is running, or a file could not be written.
        DamagedArchive: an archive is not what was written; its bracket stays as it is.
    """
    places = bracket_places(search)
    brackets: list[int] = []
    beside: list[Path] = []
    files = 0
    with held(search):
        for number, place in places.items():
            clear_interrupted(place)
            if (archive := find_archive(place)) is None:
                continue
            targets = _unpack(place, archive)
            brackets.append(number)
            files += len(targets)
            beside += [target for member, target in targets.items() if target != place / member.name]
        mark(search)
        look_again()
    return Unpacked(tuple(brackets), files, tuple(beside))


def refuse_damaged(archive: Archive) -> None:
    """Compare a tar file with the checksum in its index.

    Raises:
        DamagedArchive: they do not agree.
    """
    with (archive.directory / layout.ARCHIVE).open("rb") as file:
        if file_digest(file, "sha256").hexdigest() == archive.digest:
            return
    files = archive.files
    bad = sum(not _is_whole(archive, member) for member in files)
    what = f"is damaged: its checksum is wrong, and {bad} of the {counted(len(files), 'file')} in it cannot be read"
    raise DamagedArchive(damage_text(archive.directory, what))


def _is_whole(archive: Archive, member: Member) -> bool:
    try:
        archive.read(member)
    except DamagedArchive:
        return False
    return True


def _unpack(place: Path, archive: Archive) -> Mapping[Member, Path]:
    """Write all files under other names, let them last, give them theirs, and then remove the archive."""
    refuse_damaged(archive)
    beside = place / UNPACKING
    beside.mkdir()
    targets = {member: _free_place(place, member, archive) for member in archive.files}
    written = {}
    for number, (member, target) in enumerate(targets.items()):
        if target is not None:
            written[member] = beside / str(number), target
            _write(beside / str(number), member, archive.read(member))
    os.sync()
    for member, (path, _) in written.items():
        if sha256(path.read_bytes()).hexdigest() != member.digest:
            raise HybandError(f"{path} could not be read back as it was written. The archive stays.")
    new = _make_directories(place, archive)
    for path, target in written.values():
        path.rename(target)
    _give_times(place, archive, new)
    os.sync()
    _forget(place, archive)
    return {member: target or place / member.name for member, target in targets.items()}


def _free_place(place: Path, member: Member, archive: Archive) -> Path | None:
    """Where a file is to be written; None if it is there already."""
    path = place / member.name
    if not os.path.lexists(path):
        return path
    if not path.is_symlink() and read_bytes(path) == archive.read(member):
        return None
    kept = path.with_name(f"{path.name}.{BESIDE}")
    return None if read_bytes(kept) == archive.read(member) else free_name(kept, "-")


def _write(path: Path, member: Member, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(member.mode)
    os.utime(path, ns=(member.mtime, member.mtime))


def _make_directories(place: Path, archive: Archive) -> list[Member]:
    """Make those that are gone, each after the one that it is in; give the new ones."""
    new = []
    for member in archive.members():
        if member.is_directory and not (place / member.name).is_dir():
            (place / member.name).mkdir()
            new.append(member)
    return new


def _give_times(place: Path, archive: Archive, new: list[Member]) -> None:
    for member in reversed(new):
        (place / member.name).chmod(member.mode)
    for member in archive.members():
        if member.is_directory:
            with suppress(OSError):  # somebody else's
                os.utime(place / member.name, ns=(member.mtime, member.mtime))


def _forget(place: Path, archive: Archive) -> None:
    """Remove an archive whose files are all there; an index without rows says so if this is interrupted."""
    text = index_text(f"hyperband-snakemake {__version__}", archive.size, archive.digest, [])
    write(place / layout.ARCHIVE_INDEX, text)
    sync_directory(place)
    (place / layout.ARCHIVE).unlink()
    (place / layout.ARCHIVE_INDEX).unlink()
    shutil.rmtree(place / UNPACKING, ignore_errors=True)
    sync_directory(place)
