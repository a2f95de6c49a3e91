"""The promotion table: which configuration of a stage got which slot of the next one. Written once, then final."""

import os
import shlex
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from itertools import count, takewhile
from pathlib import Path
from typing import Literal

from ..disk.files import exists, is_dir, read, version_of
from . import layout
from .layout import Slot
from .planfile import read_plan

_HEAD = "slot\tfrom\tresult"
_EMPTY = "-"


class _Nobody(Enum):
    NOBODY = "nobody"


NOBODY = _Nobody.NOBODY
Origin = Slot | None | Literal[_Nobody.NOBODY]  # a slot of the stage below; None in stage 0; NOBODY for an empty slot


def table_text(promoted: Sequence[tuple[int, str] | None]) -> str:
    r"""Text of the table; ``rows`` has for each slot the number it came from and its result there, or None.

    >>> table_text([(12, "-0.98"), None])
    'slot\tfrom\tresult\n0\t12\t-0.98\n1\t-\t-\n'
    """
    rows = [
        f"{slot}\t{entry[0]}\t{entry[1]}" if entry else f"{slot}\t{_EMPTY}\t{_EMPTY}"
        for slot, entry in enumerate(promoted)
    ]
    return "\n".join([_HEAD, *rows]) + "\n"


def read_table(bracket: int, stage: int, search: Path = Path()) -> list[tuple[int, str] | None] | None:
    """Read the table of the promotion out of this stage; None if there is none, or it is incomplete."""
    path = (search / layout.stage_path(bracket, stage) / layout.PROMOTION).absolute()
    plan = (search / layout.PLAN).absolute()
    rows = _rows(plan, version_of(plan)).get((bracket, stage + 1))
    table = _read_table(path, version_of(path))
    return table if table is None or rows in (None, len(table)) else None


def is_damaged(bracket: int, stage: int, search: Path = Path()) -> bool:
    """Whether there is a table but it is incomplete."""
    path = search / layout.stage_path(bracket, stage) / layout.PROMOTION
    return (os.path.lexists(path) or exists(path)) and read_table(bracket, stage, search) is None


def damage_text(bracket: int, stage: int, shown: str) -> str:
    """Say that a table is damaged, and what to do; ``shown`` is the search's path for people."""
    path = layout.stage_path(bracket, stage) / layout.PROMOTION
    return (
        f"{path} is damaged: it does not say for each slot of stage {stage + 1} what is trained there. Put it back "
        f"from a copy of the search, or have it made again: hyband check --fix {shlex.quote(shown)}"
    )


@lru_cache(maxsize=8)
def _rows(path: Path, version: object) -> dict[tuple[int, int], int]:
    """Number of configurations of each stage, by bracket and stage number; empty if the plan cannot be read."""
    del version
    try:
        plan = read_plan(path.parent)
    except ValueError:
        return {}
    return {(b.index, s.index): s.configurations for b in plan.brackets for s in b.stages}


@lru_cache(maxsize=128)  # called for each slot of a stage
def _read_table(path: Path, version: object) -> list[tuple[int, str] | None] | None:
    del version
    text = read(path)
    if text is None or not text.startswith(f"{_HEAD}\n") or not text.endswith("\n"):
        return None
    try:
        rows = [line.split("\t") for line in text.splitlines()[1:]]
        table = [None if number == _EMPTY else (int(number), result) for _, number, result in rows]
    except ValueError:  # incomplete or edited
        return None
    return table if [row[0] for row in rows] == [str(slot) for slot in range(len(rows))] else None


def origin_of(slot: Slot, search: Path = Path()) -> Origin:
    """Say where the configuration of a slot comes from."""
    if slot.stage == 0:
        return None
    table = read_table(slot.bracket, slot.stage - 1, search)
    if table is None or slot.config >= len(table):
        return None
    entry = table[slot.config]
    return NOBODY if entry is None else Slot(slot.bracket, slot.stage - 1, entry[0], slot.fold)


def origin_text(origin: Slot, result: str, budget: str, carry: Sequence[str] = ()) -> str:
    """Text of the file ``origin``; ``carry`` are the patterns of files that the configuration brings along.

    >>> print(origin_text(Slot(0, 1, 7), "-0.98", "3", ["checkpoint*"]), end="")
    from: bracket-0/stage-1/config-7
    result: -0.98
    budget: 3
    carry: checkpoint*
    """
    return "".join([f"from: {origin}\nresult: {result}\nbudget: {budget}\n", *(f"carry: {p}\n" for p in carry)])


def find_origin(slot: Slot, search: Path = Path()) -> Slot | None:
    """Say where a configuration comes from; if the table is lost, use the slot's file ``origin``.

    That file is trusted only if no promotion of the bracket was ever redone, since that moves slots' contents.
    """
    origin = origin_of(slot, search)
    if isinstance(origin, Slot):
        return origin
    return None if origin is NOBODY or not slot.stage or _was_redone(slot, search) else _told_origin(slot, search)


def find_other_origin(slot: Slot, search: Path = Path()) -> Slot | None:
    """Give the origin according to a slot's file ``origin``, if the table says something else; None if they agree.

    They differ after a promotion was redone and an older table was put back. The file is used only in that case, since
    a training run may write to it.
    """
    origin = origin_of(slot, search)
    if origin is None or not _was_redone(slot, search):
        return None
    told = _told_origin(slot, search)
    return None if told == origin else told


def _was_redone(slot: Slot, search: Path) -> bool:
    """Whether a table of the bracket was ever put aside. Called for each slot, so it lists no directory."""
    bracket = search / layout.bracket_path(slot.bracket)
    stages = (f"{bracket}/stage-{number}" for number in count())
    first = f"{layout.PROMOTION}.{layout.REPLACED}-1"
    return any(exists(f"{stage}/{first}") for stage in takewhile(is_dir, stages))


def _told_origin(slot: Slot, search: Path) -> Slot | None:
    first = (read(search / slot.path / layout.ORIGIN) or "").partition("\n")[0]
    try:
        told = Slot.parse(first.removeprefix("from: "))
    except ValueError:
        return None
    return told if (told.bracket, told.stage) == (slot.bracket, slot.stage - 1) else None
