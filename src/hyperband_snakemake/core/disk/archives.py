"""Small files that were packed into one, and how they are read.

The archive of a directory ``bracket-N`` is a plain tar file in it, ``archive.tar``; ``archive.index`` says what is
where. Who looks for a file that is not there any more finds it by `packed`.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from shlex import quote

TAR, INDEX = "archive.tar", "archive.index"
FORMAT = 1
NONE = "-"  # of a directory: it has neither a place in the tar file, nor a size, nor a checksum


class DamagedArchive(ValueError):
    """An archive cannot be read as it was written; says what to do. Not an OSError: nothing takes it for absence."""


@dataclass(frozen=True)
class Member:
    """A packed file: where it is in the tar file, its size, and what else a copy of it needs. Or a directory."""

    name: str
    mtime: int  # in nanoseconds
    mode: int
    offset: int = -1
    size: int = 0
    digest: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return self.offset < 0

    @property
    def row(self) -> str:
        r"""Its line in the index.

        >>> Member("stage-0/config-1/result", 17, 0o644, 512, 5, "ab12").row
        '512\t5\t17\t644\tab12\tstage-0/config-1/result\n'
        """
        place = (NONE, NONE) if self.is_directory else (str(self.offset), str(self.size))
        return "\t".join([*place, str(self.mtime), f"{self.mode:o}", self.digest or NONE, self.name]) + "\n"

    @classmethod
    def read(cls, name: str, rest: str) -> "Member":
        """Read what `row` writes; ``rest`` is all before the name."""
        offset, size, mtime, mode, digest = rest.split("\t")
        if offset == NONE:
            return cls(name, int(mtime), int(mode, 8))
        return cls(name, int(mtime), int(mode, 8), int(offset), int(size), digest)


@dataclass(frozen=True)
class Archive:
    """The archive of a directory, as its index says; ``rows`` are what it says of each name."""

    directory: Path
    size: int
    digest: str
    rows: dict[str, str]

    def __len__(self) -> int:
        """How many names it has."""
        return len(self.rows)

    def members(self) -> Iterator[Member]:
        """All that it has, in the order in which they were packed."""
        return (Member.read(name, rest) for name, rest in self.rows.items())

    def has(self, name: str) -> bool:
        """Whether it has a file or a directory of this name."""
        return name in self.rows or name in self._folders

    @cached_property
    def files(self) -> tuple[Member, ...]:
        """The files that it has."""
        return tuple(member for member in self.members() if not member.is_directory)

    def find(self, name: str) -> Member | None:
        """Find a packed file by its path below the directory; None if it has none of this name."""
        rest = self.rows.get(name)
        member = None if rest is None else Member.read(name, rest)
        return None if member is None or member.is_directory else member

    def read(self, member: Member) -> bytes:
        """Bytes of a packed file.

        Raises:
            DamagedArchive: they are not those that were packed.
        """
        try:
            file = os.open(self.directory / TAR, os.O_RDONLY | os.O_CLOEXEC)
            try:
                data = os.pread(file, member.size, member.offset)
            finally:
                os.close(file)
        except OSError as error:
            raise DamagedArchive(damage_text(self.directory, f"cannot be read: {error.strerror}")) from None
        import hashlib  # noqa: PLC0415 (slow, and only archives need it)

        if hashlib.sha256(data).hexdigest() != member.digest:
            raise DamagedArchive(damage_text(self.directory, f"is damaged, in {member.name}"))
        return data

    def names_in(self, directory: str) -> set[str] | None:
        """Names of what was in one of its directories; None if it knows none of this name."""
        return self._folders.get(directory)

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name, rest in self.rows.items():
            above, _, own = name.rpartition("/")
            found[above].add(own)
            if rest.startswith(NONE):
                found[name]
        return dict(found)


def damage_text(directory: Path, what: str) -> str:
    """Say that the archive of a directory is damaged, and what to do."""
    tar, place = quote(str(directory / TAR)), quote(str(directory))
    return (
        f"{directory / TAR} {what}. Put {TAR} and {INDEX} back from a copy of the search. If there is none, bring back "
        f"what is left, and then move both files elsewhere: tar -xf {tar} -C {place}"
    )


def is_archived(directory: Path) -> bool:
    """Whether a directory has an archive, a damaged one, too: what is not there is not to be made again."""
    return os.path.exists(directory / INDEX) or os.path.exists(directory / TAR)


def find_archive(directory: Path) -> Archive | None:
    """Read the index of the archive of a directory; None if it has none.

    Raises:
        DamagedArchive: it is there and cannot be used.
    """
    index, tar = _stat(directory / INDEX), _stat(directory / TAR)
    if index is None and tar is None:
        return None
    if index is None:
        raise DamagedArchive(damage_text(directory, f"cannot be used: {INDEX} is missing"))
    version = os.path.abspath(directory), index.st_ino, index.st_mtime_ns, index.st_size
    archive = _read_index(directory, version)
    if tar is None:
        raise DamagedArchive(
            f"{directory / TAR} is missing. If `hyband archive` was interrupted, give the same command again; else put "
            "the file back from a copy of the search."
        )
    if tar.st_size != archive.size:
        raise DamagedArchive(damage_text(directory, f"is damaged: it has {tar.st_size} bytes of {archive.size}"))
    return archive


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


@lru_cache(maxsize=1024)  # as many as a search has brackets
def _read_index(directory: Path, version: object) -> Archive:
    del version
    return read_index(directory)


def read_index(directory: Path) -> Archive:
    """Read what the index of an archive says, whether or not the tar file is as it says.

    Raises:
        DamagedArchive: it cannot be read.
    """
    try:
        head, _, rest = (directory / INDEX).read_bytes().decode("utf-8", "surrogateescape").partition("\n")
        data = json.loads(head)
        kind, size, digest, number = data["format"], int(data["size"]), str(data["sha256"]), int(data["members"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedArchive(damage_text(directory, f"cannot be used: {INDEX} is damaged ({error})")) from None
    if kind != FORMAT:
        what = f"has format {kind} (written by {data.get('generator', '?')}); this version reads format {FORMAT}."
        raise DamagedArchive(f"{directory / INDEX} {what}")
    rows = {name: row for row, _, name in (line.rpartition("\t") for line in rest.split("\n")) if name}
    if len(rows) != number:
        raise DamagedArchive(damage_text(directory, f"cannot be used: {INDEX} is damaged, it has not all rows"))
    return Archive(directory, size, digest, rows)


def index_text(generator: str, size: int, digest: str, members: Sequence[Member]) -> str:
    """Text of an index: a line of JSON on the tar file, and a row for each member."""
    head = {"format": FORMAT, "generator": generator, "size": size, "sha256": digest, "members": len(members)}
    return json.dumps(head) + "\n" + "".join(member.row for member in members)
