"""Pack the small files of brackets that have ended. A file is removed only once its copy was read back."""

import io
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from ... import __version__
from ...core.disk.archives import Member, find_archive, index_text
from ...core.disk.files import write
from ...core.disk.packed import look_again
from ...core.tree import layout
from ...core.tree.planfile import ARCHIVED
from ...errors import HybandError
from ...snapshot.scan import Snapshot, scan
from ...snapshot.stages import BracketView
from ..lock import held
from .contents import Contents, find_contents, slots_in_use
from .marks import PACKING, bracket_places, clear_interrupted, give_format, is_there, sync_directory

BLOCK = 512  # bytes: in a tar file, everything begins at a multiple
FEW = 2  # files for which an archive is not worth it: it has as many itself


@dataclass(frozen=True)
class Packed:
    """What was packed of a bracket, or would be: files and their bytes, directories that go, and files that stay."""

    bracket: int
    files: int
    folders: int
    size: int
    staying: int
    staying_size: int


@dataclass(frozen=True)
class Packing:
    """What became of the brackets: packed now, packed before, and left as they are, each of these with the reason."""

    packed: tuple[Packed, ...]
    before: tuple[int, ...]
    left: Mapping[int, str]


def archive(search: Path, *, is_dry: bool = False) -> Packing:
    """Pack each bracket in which all has ended; ``is_dry``: say what would be packed, and change nothing.

    Raises:
        NotASearch: there is none.
        HybandError: it is running, or its programs know no archives.
        DamagedArchive: a bracket has an archive that cannot be read.
    """
    places = bracket_places(search)
    if not (search / layout.CORE / "disk" / "archives.py").is_file():
        raise HybandError(
            f"The programs in {search / layout.CORE} know no archives: an earlier version generated this search, and "
            "they would refuse to run it. Pack the whole directory instead, and unpack it to use it again: "
            f"tar -czf NAME.tar.gz {search}"
        )
    if is_dry:
        return _packing(scan(search), is_dry=True)
    with held(search):
        for place in places.values():
            clear_interrupted(place)
        packing = _packing(scan(search), is_dry=False)
        look_again()
    return packing


def _packing(snapshot: Snapshot, *, is_dry: bool) -> Packing:
    packed, left = [], {}
    for view in snapshot.brackets:
        bracket = view.bracket.index
        if bracket in snapshot.archived:
            if not is_dry:
                _remove(snapshot.path / layout.bracket_path(bracket))  # the rest, if that was interrupted
            continue
        if why := _why_not(snapshot, view):
            left[bracket] = why
            continue
        contents = find_contents(snapshot, bracket)
        if len(contents.files) <= FEW:
            left[bracket] = "it has few files"
            continue
        if not is_dry:
            _pack(snapshot.path, bracket, contents)
        folders = len(set(contents.folders) - contents.in_use)
        numbers = len(contents.files), folders, contents.size, contents.staying, contents.staying_size
        packed.append(Packed(bracket, *numbers))
    return Packing(tuple(packed), snapshot.archived, left)


def _why_not(snapshot: Snapshot, view: BracketView) -> str:
    """Say why a bracket is not packed; empty if it is."""
    if view.stages_completed < len(view.stages):
        return "it has not ended"
    used = next(slots_in_use(snapshot, view.bracket.index), None)
    return "" if used is None else f"{used} has left something running"


def _pack(search: Path, bracket: int, contents: Contents) -> None:
    """Write the archive of a bracket, read it back, and only then remove what is in it."""
    place = search / layout.bracket_path(bracket)
    beside = place / PACKING
    try:
        with beside.open("wb") as file:
            members = list(_written(file, place, contents))
            file.flush()
            os.fsync(file.fileno())
        size, digest = _read_back(beside, members)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    give_format(search, ARCHIVED)
    write(place / layout.ARCHIVE_INDEX, index_text(f"hyperband-snakemake {__version__}", size, digest, members))
    beside.replace(place / layout.ARCHIVE)
    sync_directory(place)
    _remove(place)


def _written(file: io.BufferedWriter, place: Path, contents: Contents) -> Iterator[Member]:
    """Write a tar file of directories and files; give what is where in it."""
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar:
        for name in contents.folders:
            seen = os.stat(place / name)
            tar.addfile(_header(name, seen, tarfile.DIRTYPE))
            yield Member(name, seen.st_mtime_ns, seen.st_mode & 0o7777)
        for name in contents.files:
            with (place / name).open("rb") as source:
                seen, data = os.fstat(source.fileno()), source.read()
            header = _header(name, seen, tarfile.REGTYPE)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
            tar.members.clear()  # type: ignore[attr-defined]  # or it keeps all of them
            offset = tar.offset - -(-len(data) // BLOCK) * BLOCK
            digest = sha256(data).hexdigest()
            yield Member(name, seen.st_mtime_ns, seen.st_mode & 0o7777, offset, len(data), digest)


def _header(name: str, seen: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.type, header.mode, header.mtime = kind, seen.st_mode & 0o7777, int(seen.st_mtime)
    header.uid, header.gid = seen.st_uid, seen.st_gid
    return header


def _read_back(path: Path, members: Sequence[Member]) -> tuple[int, str]:
    """Read an archive as `tar` would, and compare; give its size and checksum.

    Raises:
        HybandError: it is not what was written.
    """
    expected = {(one.name, max(one.offset, 0), one.size, one.digest) for one in members}
    found = set()
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:", encoding="utf-8") as tar:
        while (header := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined]  # or it keeps all of them
            content = tar.extractfile(header)
            data = b"" if content is None else content.read()
            digest = "" if content is None else sha256(data).hexdigest()
            found.add((header.name, header.offset_data if content else 0, len(data), digest))
    if found != expected:
        raise HybandError(f"{path} could not be read back as it was written. Nothing was removed.")
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, file_digest(file, "sha256").hexdigest()


def _remove(place: Path) -> None:
    """Remove what is packed: files that are still as they were, and directories that are then empty."""
    found = find_archive(place)
    if found is None:
        return
    for member in found.files:
        if is_there(place, member):
            (place / member.name).unlink()
    folders = [member.name for member in found.members() if member.is_directory]
    for name in sorted(folders, key=lambda name: name.count("/"), reverse=True):
        with suppress(OSError):  # something stays in it, or it is gone
            (place / name).rmdir()
