"""Trees of the original tool with the same name and command: how to recognize one, and the message about it."""

import shlex
from pathlib import Path

from ..core.disk.files import read
from ..core.tree import layout


def is_original(directory: Path) -> bool:
    """Whether this directory is a search of the original tool: its tree, without the files that ours always have."""
    ours = any((directory / name).exists() for name in (layout.PLAN, f"{layout.CORE}/__main__.py", layout.CHECKSUMS))
    return not ours and _has_its_tree(directory)


def _has_its_tree(directory: Path) -> bool:
    return (directory / layout.SNAKEFILE).is_file() and any(directory.glob("bracket-*/stage-0/config-*/config"))


def words_for(directory: Path) -> str:
    """Say what such a tree is, and what to do with it."""
    shown, snakefile = shlex.quote(str(directory)), shlex.quote(str(directory / layout.SNAKEFILE))
    return (
        f"{directory} is a search of the original hyperband-snakemake, not of this version: `hyband adopt {shown}` "
        "makes a search of this version from it, with all its results and without changing it "
        f"(`snakemake --snakefile {snakefile}` still runs it as it is)."
    )


def adopted_text(origin: Path, result: str) -> str:
    r"""Text of the file `layout.ADOPTED`.

    >>> adopted_text(Path("old/bracket-0/stage-0/config-3"), "-0.98")
    'from: old/bracket-0/stage-0/config-3\nresult: -0.98\n'
    """
    return f"from: {origin}\nresult: {result}\n"


def read_adopted(directory: Path) -> str | None:
    """Read the result that a configuration was adopted with; None if it was not adopted."""
    lines = (read(directory / layout.ADOPTED) or "").splitlines()
    return next((line.removeprefix("result: ") for line in lines[1:] if line.startswith("result: ")), None)


def read_source(directory: Path) -> str | None:
    """Read where an adopted result came from; None if there is none."""
    first = (read(directory / layout.ADOPTED) or "").partition("\n")[0]
    return first.removeprefix("from: ") if first.startswith("from: ") else None
