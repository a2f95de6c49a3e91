"""File name patterns such as ``checkpoint*``: what a promoted configuration brings along, and what is discarded."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from . import layout

_NEVER = layout.OURS | {layout.RESULT, layout.OUTCOME, layout.CARRYING}
_LOG = re.escape(layout.LOG).replace(re.escape("{}"), "[0-9]+")
_OF_OURS = re.compile(rf"{_LOG}|\..*\.tmp|({'|'.join(map(re.escape, sorted(_NEVER)))})\.{layout.REPLACED}-[0-9]+")


def named(directory: Path, patterns: Sequence[str]) -> list[Path]:
    """Files, links and directories below ``directory`` that match, each once, except those within another match.

    The search's own files, such as ``config`` and ``result``, are left out, as is anything behind a link that leads
    outside.
    """
    top = Path(os.path.realpath(directory))
    found = {path for pattern in patterns for path in directory.glob(_same_everywhere(pattern))} - {directory}
    below = {
        path
        for path in found
        if not is_protected(path.relative_to(directory).parts[0])
        and Path(os.path.realpath(path.parent)).is_relative_to(top)
    }
    return sorted(path for path in below if not below.intersection(path.parents))


def _same_everywhere(pattern: str) -> str:
    """Make a final ``**`` match only directories in every Python: from 3.13 on it matches files, too."""
    return f"{pattern}/" if pattern.rpartition("/")[2] == "**" else pattern


def is_protected(name: str) -> bool:
    """Whether a name in a configuration's directory belongs to the search itself.

    >>> [is_protected(name) for name in ("attempt-12.log", "result", "checkpoint", "log.log")]
    [True, True, False, False]
    """
    return name in _NEVER or _OF_OURS.fullmatch(name) is not None
