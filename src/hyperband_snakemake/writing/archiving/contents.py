"""What of a bracket can be packed: its small files. All else stays where it is."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...core.tree import layout
from ...core.tree.layout import Slot
from ...core.tree.patterns import named
from ...core.tree.record import is_held
from ...snapshot.scan import Snapshot

SMALL = 1_000_000  # bytes of the largest file that is packed
_NOT_IN_ROWS = re.compile(r"[\t\n\r]")
_OWN = re.compile(
    rf"({re.escape(layout.ARCHIVE)}|{re.escape(layout.ARCHIVE_INDEX)}|\.archive\..*)"
)  # and unfinished ones
NOTES = ".snakemake/metadata"  # Snakemake's own notes on each file that it has made


@dataclass
class Contents:
    """Paths below the directory of a bracket: files to be packed, all directories, and how many files stay.

    Directories in which something stays are ``in_use``.
    """

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    in_use: set[str] = field(default_factory=set)
    size: int = 0
    staying: int = 0
    staying_size: int = 0


def find_contents(snapshot: Snapshot, bracket: int) -> Contents:
    """Look through the directory of a bracket.

    What stays: files that are large or have several names, links, what ``--carry`` names, directories that the plan
    does not have, other searches, and what cannot be read or removed.

    Raises:
        OSError: a directory cannot be read.
    """
    place, found = snapshot.path / layout.bracket_path(bracket), Contents()
    slots = {str(slot.path.relative_to(slot.path.parts[0])) for slot, *_ in snapshot.slots() if slot.bracket == bracket}
    carried = frozenset(str(path) for path in _carried(snapshot, bracket))
    for top, folders, files in os.walk(place, onerror=_give_up):
        name = os.path.relpath(top, place)
        stays = top in carried or not os.access(top, os.W_OK) or (name != "." and layout.PLAN in files)
        if stays or _stays(name, slots):
            kept = [os.lstat(os.path.join(where, one)) for where, _, names in os.walk(top) for one in names]
            found.staying += len(kept)
            found.staying_size += sum(seen.st_size for seen in kept)
            found.in_use.update(map(str, Path(name).parents))
            folders.clear()
            continue
        if name != ".":
            found.folders.append(name)
        links = [one for one in folders if os.path.islink(os.path.join(top, one))]
        for one in sorted([*files, *links]):
            _look_at(found, top, "" if name == "." else f"{name}/", one, carried)
        folders.sort()
    return found


def _give_up(error: OSError) -> None:
    raise error


def _stays(name: str, slots: set[str]) -> bool:
    """Whether a directory below a bracket stays as it is: it is none of ours, or its name cannot be written down."""
    is_of_another = re.fullmatch(r"stage-\d+/config-\d+", name) is not None and name not in slots
    return is_of_another or not _can_be_written(name)


def _can_be_written(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return _NOT_IN_ROWS.search(name) is None


def _look_at(found: Contents, top: str, above: str, name: str, carried: frozenset[str]) -> None:
    if not above and _OWN.fullmatch(name):
        return
    path = os.path.join(top, name)
    seen = os.lstat(path)
    is_small = stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1 and seen.st_size <= SMALL
    if is_small and path not in carried and _can_be_written(name) and os.access(path, os.R_OK):
        found.files.append(above + name)
        found.size += seen.st_size
    else:
        found.staying += 1
        found.in_use.update(map(str, Path(above + name).parents))
        found.staying_size += seen.st_size


def _carried(snapshot: Snapshot, bracket: int) -> Iterator[Path]:
    """What is named by ``--carry``: the checkpoints of the configurations."""
    patterns = snapshot.plan.settings.carry
    for slot, stage, *_ in snapshot.slots() if patterns else ():
        if slot.bracket == bracket:
            for run in slot.runs(stage.fold_names):
                yield from named(snapshot.path / run.path, patterns)


def count_notes(search: Path) -> int:
    """How many files of notes Snakemake keeps on what it has made."""
    return sum(len(files) for _, _, files in os.walk(search / NOTES))


def slots_in_use(snapshot: Snapshot, bracket: int) -> Iterator[Slot]:
    """Training runs of a bracket that have left something running."""
    for slot, stage, *_ in snapshot.slots():
        if slot.bracket == bracket:
            yield from (run for run in slot.runs(stage.fold_names) if is_held(snapshot.path / run.path))
