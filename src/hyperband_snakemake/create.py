"""The only writer of a new search: everything is written beside its place and renamed into it."""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from pathlib import Path

from . import __version__
from .core import layout
from .core.layout import Slot
from .core.plan import Plan
from .core.planfile import plan_to_json
from .core.record import holder_text, is_held
from .core.runlock import holder_of
from .errors import DirectoryInUse, HybandError, TemplateError
from .rendering import Renderer
from .sampling import Source
from .space import draw_configurations
from .templatedir import copy_others, generated_entries, is_search, remove_tree

PACKAGE = Path(str(resources.files("hyperband_snakemake")))
SHIPPED = PACKAGE / "templates"
EXAMPLE = PACKAGE / "examples" / "iris"


@dataclass(frozen=True)
class Templates:
    """Where the templates of a search are, and their names there."""

    directory: Path = EXAMPLE
    config: str = layout.CONFIG
    run: str = layout.RUN
    snakefile: str = layout.SNAKEFILE

    @property
    def names(self) -> tuple[str, str, str]:
        """The files that are rendered."""
        return self.config, self.run, self.snakefile


@dataclass(frozen=True)
class Search:
    """What `create_search` writes: the plan of all brackets, the numbers of those to write (none: all), the seed."""

    plan: Plan
    seed: int
    brackets: frozenset[int] = field(default_factory=frozenset)
    templates: Templates = field(default_factory=Templates)


def create_search(search: Search, output: Path, *, overwrite: bool = False) -> None:
    """Write a search into ``output``, whole or not at all.

    Raises:
        DirectoryInUse: there is something in ``output`` (with ``overwrite``: something other than a search).
        TemplateError, SpaceTooSmall: the templates do not yield it.
        HybandError: the file system refuses.
    """
    directory = search.templates.directory
    target = Path(os.path.realpath(output))
    if not directory.is_dir():
        raise TemplateError(f"template directory {directory} does not exist.")
    if overwrite and Path(os.path.realpath(directory)).is_relative_to(target):
        raise DirectoryInUse(
            f"the templates in {directory} lie within {output}, which is to be overwritten. Move them."
        )
    refuse_if_used(output, overwrite=overwrite)
    try:
        with _beside(target) as tree:
            _write_tree(search, target, tree)
            with _alone_in(target):
                refuse_if_used(target, overwrite=overwrite)  # somebody else may have been faster
                old = _put_into_place(tree, target)
    except OSError as error:
        reason = f"{error.strerror or error} ({error.filename or target})"
        raise HybandError(f"{output} cannot be written: {reason}. Nothing was changed.") from None
    if old is not None:
        remove_tree(old)
        if old.exists():
            raise HybandError(f"{output} was written, but the old search could not be deleted from {old}. Delete it.")


def refuse_if_used(output: Path, *, overwrite: bool) -> None:
    """Raise DirectoryInUse unless ``output`` is free, or a search that may be overwritten."""
    if output.is_symlink() and not output.exists():
        raise DirectoryInUse(f"{output} is a link to {output.readlink()}, which does not exist. Nothing was written.")
    if output.exists() and not output.is_dir():
        raise DirectoryInUse(f"{output} is a file. Choose another directory. Nothing was written.")
    if not output.exists() or all(_is_unfinished_tree(path) for path in output.iterdir()):
        return
    if not is_search(output):
        cut_off = next(output.glob(".*.tmp.old"), None)
        if cut_off is not None:
            raise DirectoryInUse(f"{output}: an overwrite was cut off. Move the old search back from {cut_off}.")
        raise DirectoryInUse(
            f"{output} is not empty, and what it holds is no search. Choose another directory. Nothing was written."
        )
    if not overwrite:
        raise DirectoryInUse(
            f"{output} already holds a search. Choose another directory or pass --overwrite to delete that search with "
            "all its results. Nothing was written."
        )
    if (holder := holder_of(output)) is not None:
        raise DirectoryInUse(holder)
    for record in output.glob(f"bracket-*/stage-*/config-*/{layout.ATTEMPTS}"):
        if record.stat().st_size and is_held(record.parent):
            who = holder_text(record.parent)
            raise DirectoryInUse(f"{record.parent} still has something running ({who}). End it first.")


def _is_unfinished_tree(path: Path) -> bool:
    return path.name.startswith(f".{path.parent.name}.") and path.name.endswith(".tmp")


def _write_tree(search: Search, target: Path, tree: Path) -> None:
    templates = search.templates
    renderer = Renderer(templates.directory, SHIPPED)
    settings = search.plan.settings
    wanted = search.plan.select(search.brackets)
    common: dict[str, object] = {
        "search": settings,
        "folds": settings.folds,
        "repetitions": settings.repetitions,
        "brackets": wanted.brackets,
        "base_dir": str(target),
        "version": __version__,
    }

    def config_of(slot: Slot, source: Source) -> str:
        indices = {"bracket_index": slot.bracket, "config_index": slot.config}
        return renderer.render(templates.config, common | indices, source)

    copy_others(templates.directory, tree, rendered=templates.names, never=(target, tree))
    sums = []
    last = max(search.brackets, default=search.plan.settings.smax)  # what comes after it need not be drawn
    drawn = Plan(settings, search.plan.brackets[: last + 1])
    for slot, text in draw_configurations(drawn, config_of, search.seed):
        if not search.brackets or slot.bracket in search.brackets:
            directory = tree / slot.path
            directory.mkdir(parents=True)
            _write(directory / layout.CONFIG, text)
            sums.append(f"{sha256(text.encode()).hexdigest()}  {slot}/{layout.CONFIG}\n")
    _write(tree / layout.CHECKSUMS, "".join(sums))
    _write(tree / layout.RUN, renderer.render(templates.run, common))
    (tree / layout.RUN).chmod(0o777 & ~_umask())
    _write(tree / layout.SNAKEFILE, renderer.render(templates.snakefile, common))
    if not (tree / layout.PROFILE).exists():
        (tree / layout.PROFILE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED / layout.PROFILE, tree / layout.PROFILE)
    shutil.copytree(PACKAGE / "core", tree / layout.CORE, ignore=shutil.ignore_patterns("__pycache__"))
    entries = sorted([*(path.name for path in tree.iterdir()), layout.PLAN])
    generator = f"hyperband-snakemake {__version__}"
    _write(tree / layout.PLAN, plan_to_json(wanted, generator=generator, random_seed=search.seed, entries=entries))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a new directory on the file system of ``target``; removed again if it was not renamed away."""
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
def _alone_in(target: Path) -> Iterator[None]:
    """Keep others that write into the same directory out; a new directory needs no more than its rename."""
    if not target.exists():
        yield
        return
    descriptor = os.open(target, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _put_into_place(tree: Path, target: Path) -> Path | None:
    """Rename. A directory that exists stays: the old search is moved out of it, then the new one in, plan.json last.

    What is neither part of the old search nor in the way of the new one is the user's, and stays. If anything cannot be
    moved, all is moved back. Returns where the old search is now, if there was one.
    """
    if not target.exists():
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
    return old


def _move_all(moves: list[tuple[Path, Path]]) -> None:
    """Rename all, or none: what was renamed before a failure is renamed back."""
    for number, (source, place) in enumerate(moves):
        try:
            source.rename(place)
        except BaseException:
            for before, after in reversed(moves[:number]):
                after.rename(before)
            raise


def _entries_of_search(target: Path) -> set[str]:
    """Names at the top of an old search that are its own: what was generated, and what its runs have added."""
    ran = {layout.BEST_CONFIG, layout.BEST, layout.BEST_LOG, layout.RUN_LOCK, ".snakemake"}
    brackets = {path.name for path in target.glob("bracket-*")}
    return {name for name in generated_entries(target) | ran | brackets if os.path.lexists(target / name)}
