"""Putting a new search into its place: completely or not at all, and without losing any of the user's files."""

import errno
import fcntl
import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..core.run.lock import COMMAND, SearchIsRunning, holder_of, release, take
from ..core.tree import layout
from ..core.tree.record import holder_text, is_held
from ..errors import DirectoryInUse
from ..snapshot.original import is_original, words_for
from .template_directory import generated_entries, is_search, remove_tree


def refuse_if_used(output: Path, *, overwrite: bool) -> None:
    """Raise DirectoryInUse unless ``output`` is unused, or a search that may be overwritten."""
    if output.is_symlink() and not output.exists():
        raise DirectoryInUse(f"{output} is a link to {output.readlink()}, which does not exist. Nothing was written.")
    if output.exists() and not output.is_dir():
        raise DirectoryInUse(f"{output} is a file. Choose another directory. Nothing was written.")
    if not output.exists() or all(_is_unfinished_tree(path) for path in output.iterdir()):
        return
    if not is_search(output):
        cut_off = next(output.glob(".*.tmp.old"), None)
        if cut_off is not None:
            raise DirectoryInUse(f"{output}: an overwrite was interrupted. Move the old search back from {cut_off}.")
        raise DirectoryInUse(
            f"{output} is not empty and does not contain a search. Choose another directory. Nothing was written."
        )
    if not overwrite:
        what = words_for(output) if is_original(output) else f"{output} already holds a search."
        raise DirectoryInUse(
            f"{what} Choose another directory, or pass --keep-old to rename that search, or --overwrite to delete it "
            "with all its results. Nothing was written."
        )
    if (holder := _runner_of(output)) is not None:
        raise DirectoryInUse(f"{holder}\n  Nothing was changed. End it, then give this command again.")
    for directory in output.glob("bracket-*/stage-*/config-*/**/"):
        if is_held(directory):
            raise DirectoryInUse(f"{directory} still has something running ({holder_text(directory)}). End it first.")


def _runner_of(search: Path) -> str | None:
    """Name who runs a search, or None. What is at stake is the whole search, so this takes the lock to be certain.

    A look at its time may be wrong if the run is on another host: the clocks of two hosts may differ by minutes.
    """
    if not (search / layout.RUN_LOCK).is_file():
        return None
    try:
        release(take(search, COMMAND))
    except SearchIsRunning as error:
        return str(error)
    except OSError:  # not writable
        return holder_of(search)
    return None


def _is_unfinished_tree(path: Path) -> bool:
    return path.name.startswith(f".{path.parent.name}.") and path.name.endswith(".tmp")


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Make a temporary directory on the file system of ``target``; it is removed unless it was renamed."""
    place = target
    while not place.exists():
        place = place.parent
    tree = place / f".{target.name}.{secrets.token_hex(4)}.tmp"
    tree.mkdir()
    try:
        yield tree
    finally:
        remove_tree(tree)


@contextmanager
def alone_in(target: Path) -> Iterator[bool]:
    """Keep out other processes that write into the same directory; for a new directory, the rename is enough.

    Gives whether it exists, which decides how the search is put into place: it may be created meanwhile.
    """
    if not target.exists():
        yield False
        return
    descriptor = os.open(target, os.O_RDONLY)
    try:
        with suppress(OSError):  # without locks, two at the same time are not kept apart
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield True
    finally:
        os.close(descriptor)


def put_into_place(tree: Path, target: Path, *, there: bool) -> Path | None:
    """Rename. If the directory is ``there``, move the old search out of it, then the new one in, plan.json last.

    Files that are not part of the old search nor in the way of the new one are the user's, and stay. If anything cannot
    be moved, everything is moved back. Returns where the old search is now, if there was one.
    """
    if not there:
        target.parent.mkdir(parents=True, exist_ok=True)
        tree.rename(target)
        return None
    own = _entries_of_search(target)
    new = {path.name for path in tree.iterdir()}
    in_the_way = sorted(name for name in new - own if os.path.lexists(target / name))
    if in_the_way:
        raise FileExistsError(errno.EEXIST, "is in the way and not part of the old search", str(target / in_the_way[0]))
    old = tree.with_name(tree.name + ".old")
    old.mkdir()
    moves = [(target / name, old / name) for name in sorted(own, key=lambda name: name != layout.PLAN)]
    moves += [(tree / name, target / name) for name in sorted(new, key=lambda name: name == layout.PLAN)]
    try:
        _move_all(moves)
    except BaseException:
        old.rmdir()
        raise
    if not own:
        old.rmdir()
        return None
    return old


def keep_beside(old: Path, target: Path) -> Path:
    """Give a search that was moved out of ``target`` its final name, next to it. Return its path.

    If that is impossible (another file system, a read-only directory), it stays where it is.
    """
    numbers = (target.with_name(f"{target.name}.replaced-{number}") for number in itertools.count(1))
    place = next(place for place in numbers if not os.path.lexists(place))
    try:
        old.rename(place)
    except OSError:
        return old
    return place


def _move_all(moves: list[tuple[Path, Path]]) -> None:
    """Rename all or none: after a failure, rename back what was renamed."""
    for number, (source, place) in enumerate(moves):
        try:
            source.rename(place)
        except BaseException:
            for before, after in reversed(moves[:number]):
                after.rename(before)
            raise


def _entries_of_search(target: Path) -> set[str]:
    """Top-level names in an old search that belong to it: what was generated, and what its runs have added."""
    ran = {*layout.OF_THE_BEST, layout.BEST_LOG, layout.RUN_LOCK, ".snakemake"}
    ran |= {layout.LIMITS, layout.GPUS, layout.PACKS, layout.PLACES}
    slurm = {layout.SLURM, layout.SLURM_OFF}
    if any((target / name).exists() for name in slurm):
        ran |= slurm | {layout.SLURM_DIR, layout.JOB_SCRIPT, layout.SUBMIT_SCRIPT}
    brackets = {path.name for path in target.glob("bracket-*")}
    return {name for name in generated_entries(target) | ran | brackets if os.path.lexists(target / name)}


def is_own(search: Path, file: Path) -> bool:
    """Whether a file belongs to a search, or is in a directory that does."""
    real, top = Path(os.path.realpath(file)), Path(os.path.realpath(search))
    return real.is_relative_to(top) and real != top and real.relative_to(top).parts[0] in _entries_of_search(top)
