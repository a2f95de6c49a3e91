"""A user's template directory: which of its files are copied into a search unchanged."""

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from ..core.tree import layout
from ..core.tree.planfile import read_entries, read_plan_data
from ..errors import DirectoryInUse, TemplateError

RESERVED = frozenset(
    {
        layout.PLAN,
        layout.CHECKSUMS,
        layout.RUN_LOCK,
        layout.STOPPED,
        layout.PLACES,
        layout.CORE,
        *layout.OF_THE_BEST,
        layout.SNAKEFILE,
        layout.RUN,
        layout.SLURM,
        layout.SLURM_DIR,
        layout.SAMPLER,
        layout.SPACE,
    }
)


_LIKE = {  # endings of files that may be meant if a template is missing, by the option that would name them
    "--config-template": {
        ".yaml",
        ".yml",
        ".json",
        ".json5",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".txt",
        ".j2",
        ".jinja",
    },
    "--run-template": {".sh", ".bash", ".j2", ".jinja"},
}


def check_there(directory: Path, names: Mapping[str, str]) -> None:
    """Refuse a directory that lacks one of these templates, which are given by the option that names each.

    Raises:
        TemplateError: one is missing; the text names files that may be meant.
    """
    for option, name in names.items():
        if os.path.lexists(directory / name):
            continue
        files = sorted(path.name for path in directory.iterdir() if path.is_file() and path.name not in names.values())
        alike = [one for one in files if one.startswith(f"{Path(name).stem}.")]
        alike = alike or [one for one in files if Path(one).suffix in _LIKE[option]]
        what = "`hyband init` writes config and run.sh for you to adapt."
        if alike:
            what = f"It holds {', '.join(alike)}; to use {'it' if len(alike) == 1 else 'one'}: {option} {alike[0]}"
        raise TemplateError(f"template {name} was not found in {directory}. {what}")


def is_search(directory: Path) -> bool:
    """Whether this directory is a search, of this tool or the original one."""
    data = read_plan_data(directory)
    if "format" in data and "brackets" in data:
        return True
    return (directory / layout.SNAKEFILE).is_file() and any(directory.glob("bracket-*/stage-*"))


def generated_entries(search: Path) -> set[str]:
    """Top-level names in a search from when it was generated; if they are not recorded, those that its plan implies."""
    entries = read_entries(search)
    return {*RESERVED, "profiles"} if entries is None else set(entries)


def remove_tree(tree: Path) -> None:
    """Remove a tree of ours, even if copied directories in it are read-only."""
    for folder, _, _ in os.walk(tree):
        with contextlib.suppress(OSError):
            Path(folder).chmod(0o700)
    shutil.rmtree(tree, ignore_errors=True)


def copy_others(directory: Path, target: Path, rendered: Collection[str], never: Collection[Path]) -> None:
    """Copy all but templates, ``never``, other searches, our own names, pipes and sockets; links stay links.

    A relative link that points out of the directory is changed to point to the same place as before.
    """
    top = os.path.realpath(directory)
    kept_out = {os.path.realpath(path) for path in never}
    templates = {os.path.normpath(os.path.join(top, name)) for name in rendered}

    def skip(folder: str, names: list[str]) -> set[str]:
        at_top = os.path.realpath(folder) == top
        skipped = {name for name in names if name == "__pycache__" or (at_top and _is_reserved(name))}
        for name in names:
            path = Path(folder, name)
            real = os.path.join(os.path.realpath(folder), name)
            if (
                real in templates
                or is_special(path)
                or (not path.is_symlink() and (real in kept_out or _is_inner_search(path)))
            ):
                skipped.add(name)
        return skipped

    mode = target.stat().st_mode
    try:
        shutil.copytree(top, target, symlinks=True, ignore=skip, dirs_exist_ok=True)
    except shutil.Error as error:
        first = error.args[0][0]
        raise TemplateError(f"{first[0]} cannot be copied: {first[2]}. Nothing was written.") from None
    target.chmod(mode)  # copytree has set the template directory's mode
    repair_links(Path(top), target)


def is_special(path: Path) -> bool:
    """Whether this is no file, directory or link but a pipe, say, or a socket: it has no contents to copy."""
    mode = path.lstat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def _is_reserved(name: str) -> bool:
    return name in RESERVED or re.fullmatch(r"bracket-\d+", name) is not None


def _is_inner_search(path: Path) -> bool:
    return path.is_dir() and is_search(path)


def repair_links(directory: Path, target: Path) -> None:
    """In a copied directory, fix relative links that point out of it so that they point to the same place as before."""
    for folder, folders, files in os.walk(target):
        for name in folders + files:
            link = Path(folder, name)
            if not link.is_symlink() or link.readlink().is_absolute():
                continue
            was = directory / Path(folder).relative_to(target) / link.readlink()
            inside = Path(os.path.normpath(was)).is_relative_to(directory)
            if not inside and was.exists():
                link.unlink()
                link.symlink_to(os.path.realpath(was))


def init_templates(directory: Path, *sources: Path) -> None:
    """Copy shipped templates into a new directory.

    Raises:
        DirectoryInUse: it is not empty.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise DirectoryInUse(f"{directory} exists and is not an empty directory. Nothing was written.")
    for source in sources:
        copy_shipped(source, directory)


def copy_shipped(source: Path, target: Path) -> None:
    """Copy a directory of this package, with the rights that new files get here.

    Those of the installation may be for nobody else (an umask of 077), or not to be written (an image, a store).
    """
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name != "__pycache__"]
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in files:
            shutil.copyfile(Path(folder, name), there / name)
            if os.access(Path(folder, name), os.X_OK):
                mode = (there / name).stat().st_mode
                (there / name).chmod(mode | (mode & 0o444) >> 2)  # who may read it may start it
