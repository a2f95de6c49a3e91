"""The configurations of a search. The file ``bracket-B/proposal`` has all of a bracket's stage 0, whoever drew them.

It is written once and never changed. The slots hold copies, for training runs and for people: whatever a training run
does with them, they are restored from here. Searches made by 0.1.0 have the file only for brackets that were proposed
while the search ran; for other brackets, the copy in stage 0 is the only one.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..disk.files import exists, read, read_bytes, version_of, write
from . import layout
from .apart import fold_directories, make_way
from .layout import Slot
from .promotion import find_origin, find_other_origin
from .record import read_attempts

FORMAT = 1


@dataclass(frozen=True)
class Drawn:
    """A configuration: its text, the text of its ``parameters.json`` if its template recorded any, and who drew it."""

    text: str
    record: str | None = None
    by: str = ""


@dataclass(frozen=True)
class Proposal:
    """All configurations of a bracket, in the order of their slots.

    ``empty`` says why there are fewer than slots, and ``failed`` why the sampler failed; both are normally empty.
    """

    configurations: tuple[Drawn, ...]
    empty: str = ""
    failed: str = ""


def proposal_text(sampler: str, proposal: Proposal, learned: Mapping[str, Any] | None = None) -> str:
    """Text of the file for one bracket; ``learned`` is what a model has learned from."""
    drawn = proposal.configurations
    configurations = [{"by": one.by or sampler, "config": one.text, "parameters": one.record} for one in drawn]
    more = {"learned": learned, "failed": proposal.failed, "empty": proposal.empty}
    data = {"format": FORMAT, "sampler": sampler} | {key: value for key, value in more.items() if value}
    return json.dumps(data | {"configurations": configurations}, indent=1, ensure_ascii=False) + "\n"


def read_proposal(bracket: int, search: Path = Path()) -> Proposal | None:
    """Read all configurations of a bracket; None if there is no file yet, or it is damaged."""
    path = (search / layout.proposal_path(bracket)).absolute()
    try:
        return _read_proposal(path, version_of(path))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@lru_cache(maxsize=64)  # called for each slot of a bracket; an error is not kept: it may be one of the moment
def _read_proposal(path: Path, version: object) -> Proposal:
    del version
    data = json.loads(read(path) or "")
    configurations = tuple(map(_drawn, data["configurations"]))
    return Proposal(configurations, str(data.get("empty", "")), str(data.get("failed", "")))


def _drawn(entry: Mapping[str, Any]) -> Drawn:
    drawn = Drawn(entry["config"], entry.get("parameters"), entry.get("by", ""))
    if not isinstance(drawn.text, str) or not isinstance(drawn.record, str | None):
        raise TypeError(drawn)
    return drawn


def root_of(slot: Slot, search: Path = Path()) -> Slot | None:
    """Where a configuration was in stage 0; None if one of the promotion tables has no entry for it."""
    slot = slot.configuration
    while slot.stage:
        origin = find_other_table(slot, search) or find_origin(slot, search)
        if origin is None:
            return None
        slot = origin
    return slot


def find_other_table(slot: Slot, search: Path = Path()) -> Slot | None:
    """Give the slot that a trained slot really comes from, if its promotion table names another one; None otherwise.

    Its file ``origin`` is trusted, unless the slot holds the configuration that the table names: then a training run
    has overwritten that file.
    """
    slot = slot.configuration
    told = find_other_origin(slot, search)
    if told is None or not _is_trained(search / slot.path):
        return None
    named, own = find_origin(slot, search), read_copy(search / slot.path)
    drawn = None if named is None else find_drawn(named, search)
    return None if own is not None and drawn is not None and own.text == drawn.text else told


def _is_trained(directory: Path) -> bool:
    return any(read_attempts(path) for path in (directory, *fold_directories(directory)))


def find_drawn(slot: Slot, search: Path = Path()) -> Drawn | None:
    """Read the configuration of a slot: from its bracket's file or, if there is none, from a copy.

    None if the slot has none, if it is not known yet, or if it is lost.
    """
    root = root_of(slot, search)
    proposal = None if root is None else read_proposal(root.bracket, search)
    if root is None or proposal is None:
        return (root and read_copy(search / root.path)) or read_copy(search / slot.configuration.path)
    return proposal.configurations[root.config] if root.config < len(proposal.configurations) else None


def is_left_empty(slot: Slot, search: Path = Path()) -> bool:
    """Whether no configuration was found for a slot of stage 0: the proposal has fewer than there are slots."""
    proposal = None if slot.stage else read_proposal(slot.bracket, search)
    return proposal is not None and slot.config >= len(proposal.configurations)


def read_copy(directory: Path) -> Drawn | None:
    """Read the copy in a slot's directory; None if there is none."""
    text = read(directory / layout.CONFIG)
    return None if text is None else Drawn(text, read(directory / layout.PARAMETERS))


def has_copies(directory: Path, drawn: Drawn) -> bool:
    """Whether the copies in a slot's directory are correct."""
    return not _wrong(directory, drawn)


def give_copies(directory: Path, drawn: Drawn) -> bool:
    """Make them correct. Return whether something else was in their place before.

    What a training run has put in their place is kept under another name.
    """
    wrong = _wrong(directory, drawn)
    was_there = any(exists(directory / name) for name in (layout.CONFIG, layout.RESULT, layout.OUTCOME))
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in wrong.items():
        if _has_something(directory / name):
            make_way(directory / name)
        write(directory / name, text)
    return bool(wrong) and was_there


def _wrong(directory: Path, drawn: Drawn) -> dict[str, str]:
    texts = {layout.PARAMETERS: drawn.record, layout.CONFIG: drawn.text}
    return {name: text for name, text in texts.items() if text is not None and _differs(directory / name, text)}


def _differs(path: Path, text: str) -> bool:
    return read_bytes(path) != text.encode()


def _has_something(path: Path) -> bool:
    """Whether a path holds anything other than an empty file."""
    return os.path.lexists(path) and not (path.is_file() and not path.is_symlink() and path.stat().st_size == 0)
