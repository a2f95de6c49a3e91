"""Writing files atomically, and reading paths that may turn out not to be regular files."""

import errno
import os
import stat
from contextlib import suppress
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

from .packed import find_member, find_names, is_packed

_ROOM = 65536
_PASSING = frozenset(  # what a file system says that has a problem now: the file may well be there
    getattr(errno, name)
    for name in ("EIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "EREMOTEIO")
    if hasattr(errno, name)
)


class NotAFile(OSError):
    """A path that should be a file is a directory, a pipe or a device."""


def copy(source: Path, path: Path) -> None:
    """Copy the bytes of a file, as `write` writes."""
    with open_file(source) as file:
        write_bytes(path, file.read())


def write(path: Path, text: str) -> None:
    """Write a text (UTF-8, line ends as given), as `write_bytes` writes."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write next to ``path`` under a temporary name, then rename into place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None  # the temporary name means nothing to the user
        raise


def try_room(directory: Path) -> None:
    """Write a file of 64 KiB in a directory, and remove it again.

    Raises:
        OSError: the disk is full, or a quota is exceeded. Any other failure to write is ignored.
    """
    path = directory / f".room.{os.getpid()}.tmp"
    try:
        with path.open("wb", buffering=0) as file:
            file.write(bytes(_ROOM))
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            error.filename = str(directory)
            raise
    finally:
        with suppress(OSError):
            path.unlink()


def open_file(path: Path) -> BinaryIO:
    """Open a regular file for reading, on disk or in an archive.

    Use this for every file that a training run could have changed.

    Raises:
        NotAFile: it is something else (reading a pipe would block, and a device may never end).
        OSError: it does not exist or cannot be read.
        DamagedArchive: it is in an archive that is damaged.
    """
    try:
        return open_on_disk(path)
    except FileNotFoundError:
        if (found := find_member(path)) is None:
            raise
    archive, member = found
    return BytesIO(archive.read(member))


def open_on_disk(path: Path) -> BinaryIO:
    """Open a regular file that is on disk, as `open_file` does."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(file).st_mode
        if stat.S_ISREG(mode):
            return os.fdopen(file, "rb")
        what = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "it is not a regular file"
        raise NotAFile(errno.EINVAL, what, str(path))  # noqa: TRY301
    except BaseException:
        os.close(file)
        raise


def refuse_unreadable(*paths: Path) -> None:
    """Raise OSError if one of these files cannot be read now because its file system has a problem.

    To most readers it seems to be missing. So call this before deciding for good because something was not found.
    """
    for path in paths:
        try:
            with open_file(path) as file:
                file.read(1)
        except OSError as error:
            if error.errno in _PASSING:
                error.filename = str(path)
                raise


def read_bytes(path: Path) -> bytes | None:
    """Bytes of a file, or None if it cannot be read."""
    try:
        with open_file(path) as file:
            return file.read()
    except OSError:
        return None


def read(path: Path) -> str | None:
    """Text of a file as it is, or None if it cannot be read; bytes that are not UTF-8 become U+FFFD."""
    data = read_bytes(path)
    return None if data is None else data.decode("utf-8", errors="replace")


def version_of(path: Path) -> tuple[int, int, int] | None:
    """A value that changes whenever the file is rewritten, for caching what was read; None if there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        packed = find_member(path)
        return None if packed is None else (packed[1].offset, packed[1].mtime, packed[1].size)
    return found.st_ino, found.st_mtime_ns, found.st_size


def exists(path: Path | str) -> bool:
    """Whether there is something of this name, on disk or in an archive."""
    return os.path.exists(path) or is_packed(path)


def is_file(path: Path) -> bool:
    """Whether there is a regular file of this name, on disk or in an archive."""
    return os.path.isfile(path) or (find_member(path) is not None and not os.path.lexists(path))


def is_dir(path: Path | str) -> bool:
    """Whether there is a directory of this name, on disk or in an archive."""
    return os.path.isdir(path) or (find_names(path) is not None and not os.path.lexists(path))


def find_entries(directory: Path) -> dict[str, bool]:
    """What is in a directory, on disk or in an archive, and whether it is a directory.

    Raises:
        OSError: it does not exist or cannot be read.
    """
    packed = find_names(directory)
    found = {name: find_names(directory / name) is not None for name in packed or ()}
    try:
        with os.scandir(directory) as entries:
            return found | {entry.name: entry.is_dir() for entry in entries}
    except FileNotFoundError:
        if packed is None:
            raise
        return found


def names_in(directory: Path) -> list[str]:
    """Names of what is in a directory, on disk or in an archive, sorted.

    Raises:
        OSError: it does not exist or cannot be read.
    """
    packed = find_names(directory)
    try:
        names = set(os.listdir(directory))
    except FileNotFoundError:
        if packed is None:
            raise
        names = set()
    return sorted(names | (packed or set()))


def tail(path: Path, size: int) -> str | None:
    """Text of the last ``size`` bytes of a file, or None if it cannot be read; what is not UTF-8 becomes U+FFFD."""
    try:
        with open_file(path) as file:
            file.seek(-min(size, file.seek(0, os.SEEK_END)), os.SEEK_END)
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return None


def free_name(path: Path, separator: str, *, numbered: bool = False) -> Path:
    """The first unused name: ``path``, then ``path`` with 2, 3, ... after the separator.

    With ``numbered``, the first one has a number as well: 1.
    """
    later = (path.with_name(f"{path.name}{separator}{number}") for number in count(1 if numbered else 2))
    names = later if numbered else chain([path], later)
    return next(name for name in names if not os.path.lexists(name))


def disk_usage(path: Path) -> int:
    """Bytes on disk of a file, or of all files below a directory; 0 if it does not exist."""
    try:
        found = os.lstat(path)
    except OSError:
        return 0
    size = found.st_blocks * 512
    if stat.S_ISDIR(found.st_mode):
        try:
            with os.scandir(path) as entries:
                size += sum(disk_usage(Path(entry.path)) for entry in entries)
        except OSError:
            pass  # we may not read it
    return size
