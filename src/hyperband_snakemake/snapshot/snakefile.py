"""What a Snakefile supports, according to the interface that it is written for, or to its text."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.files import read
from ..core.tree import layout

COMPLETE = 2  # from this interface on, every Snakefile has all rules
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
_OURS = re.compile(r"^\s*(?:from|import)\s+hyperband\b|\bhyband\.|hyperband/search\.smk", re.MULTILINE)
_NUMBER = re.compile(r"\bhyband\.begin\(.*?\binterface\s*=\s*(\d+)", re.DOTALL)


@dataclass(frozen=True)
class Abilities:
    """Whether a Snakefile has rules for proposals, and whether it supports Slurm."""

    proposes: bool
    submits: bool


def interface_of(snakefile: str) -> int | None:
    """Version of the interface that a Snakefile is written for; the first had no number.

    >>> interface_of("search = hyband.begin(str(SEARCH), workflow, interface=2)  # of (this) version")
    2
    >>> interface_of("from hyperband import workflow as hyband")
    1
    >>> interface_of("rule all:") is None
    True
    """
    code = _COMMENT.sub("", snakefile)
    if match := _NUMBER.search(code):
        return int(match[1])
    return 1 if _OURS.search(code) else None


def abilities_of(snakefile: str) -> Abilities:
    """Give what the text of a Snakefile supports; from interface 2 on, that is everything.

    >>> abilities_of("for bracket in search.proposals():")
    Abilities(proposes=True, submits=False)
    """
    if (interface_of(snakefile) or 0) >= COMPLETE:
        return Abilities(proposes=True, submits=True)
    return Abilities(proposes="search.proposals()" in snakefile, submits="search.program(" in snakefile)


def abilities_in(search: Path) -> Abilities:
    """Give what a search's Snakefile supports; nothing if it has none."""
    return abilities_of(read(search / layout.SNAKEFILE) or "")
