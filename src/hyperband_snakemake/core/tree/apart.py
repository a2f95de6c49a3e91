"""Files about a slot that its training run must not touch: they are in the stage's directory, not in the slot's.

In searches made by 0.1.0 they are in the slot's directory, where they are found too. The same holds for a slot that was
put aside, where nothing runs any more.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..disk.files import exists, free_name, is_file, names_in, write
from . import layout

NAMES = (layout.JOBS, layout.ATTEMPTS)  # moved in this order: the record comes last and shows that all were moved


def path_apart(directory: Path, name: str) -> Path:
    """Where such a file for the slot in ``directory`` belongs.

    >>> path_apart(layout.Slot(0, 1, 3).path, "attempts").as_posix()
    'bracket-0/stage-1/attempts/config-3'
    >>> path_apart(layout.Slot(0, 1, 3, "0-1").path, "jobs").as_posix()
    'bracket-0/stage-1/jobs/config-3-fold-0-1'
    """
    if layout.FOLD.fullmatch(directory.name):
        return directory.parents[1] / name / f"{directory.parent.name}-{directory.name}"
    return directory.parent / name / directory.name


def find_path(directory: Path, name: str) -> Path:
    """Give the place of such a file, or where it will be written if it does not exist yet.

    Once the record is in the stage's directory, files with these names in the slot's directory are the training run's.
    """
    if exists(path_apart(directory, name)) or exists(path_apart(directory, layout.ATTEMPTS)):
        return path_apart(directory, name)
    inside = any(is_file(directory / one) for one in NAMES)
    return directory / name if inside else path_apart(directory, name)


def move_inside(directory: Path) -> None:
    """Move the files about a slot and its folds into its directory, which is about to be renamed."""
    for place, name in _places(directory):
        if path_apart(place, name).exists():
            make_way(place / name)
            path_apart(place, name).rename(place / name)


def move_apart(directory: Path) -> None:
    """Move the files about a slot and its folds out of its directory before something is trained there."""
    for place, name in _places(directory):
        if (place / name).is_file() and not path_apart(place, layout.ATTEMPTS).exists():
            path_apart(place, name).parent.mkdir(exist_ok=True)
            (place / name).rename(path_apart(place, name))


def _places(directory: Path) -> Iterator[tuple[Path, str]]:
    return ((place, name) for place in (directory, *fold_directories(directory)) for name in NAMES)


def fold_directories(directory: Path) -> list[Path]:
    """Directories of the folds of a slot that are training runs of their own, as they are on disk or in an archive."""
    try:
        names = names_in(directory)
    except OSError:
        return []
    return [directory / name for name in names if layout.FOLD.fullmatch(name)]


def make_way(path: Path) -> None:
    """Rename a user's file that is where a file of ours belongs; it is kept under another name."""
    with suppress(FileNotFoundError):  # another process was faster
        path.rename(free_name(path.with_name(f"{path.name}.{layout.REPLACED}"), "-", numbered=True))


def clear_way(path: Path) -> None:
    """Do so only if it is not a regular file but, for instance, a directory or a pipe."""
    if os.path.lexists(path) and not path.is_file():
        make_way(path)


def put(path: Path, text: str) -> None:
    """Write a file of ours in a place where a training run may have put something else."""
    clear_way(path)
    write(path, text)
