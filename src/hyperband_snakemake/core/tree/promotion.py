"""The table of a promotion: which configuration of a stage got which slot of the next one. Written once, then final."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Literal

from . import layout
from .files import copy, read, write
from .layout import Slot
from .proposals import restore_proposed

_HEAD = "slot\tfrom\tresult"
_EMPTY = "-"


class _Nobody(Enum):
    NOBODY = "nobody"


NOBODY = _Nobody.NOBODY
Origin = Slot | None | Literal[_Nobody.NOBODY]  # a slot of the stage below; None in stage 0; NOBODY for an empty slot


def table_text(promoted: Sequence[tuple[int, str] | None]) -> str:
    r"""Text of the table: for each slot the number that it came from and its result there, or None.

    >>> table_text([(12, "-0.98"), None])
    'slot\tfrom\tresult\n0\t12\t-0.98\n1\t-\t-\n'
    """
    rows = [
        f"{slot}\t{entry[0]}\t{entry[1]}" if entry else f"{slot}\t{_EMPTY}\t{_EMPTY}"
        for slot, entry in enumerate(promoted)
    ]
    return "\n".join([_HEAD, *rows]) + "\n"


def read_table(bracket: int, stage: int, search: Path = Path()) -> list[tuple[int, str] | None] | None:
    """Read the table of the promotion out of this stage; None if there is none."""
    text = read(search / layout.stage_path(bracket, stage) / layout.PROMOTION)
    if text is None or not text.startswith(_HEAD):
        return None
    try:
        rows = [line.split("\t") for line in text.splitlines()[1:]]
        return [None if number == _EMPTY else (int(number), result) for _, number, result in rows]
    except ValueError:  # torn or edited: as good as none, so that it is made again
        return None


def origin_of(slot: Slot) -> Origin:
    """Say where the configuration of a slot comes from."""
    if slot.stage == 0:
        return None
    table = read_table(slot.bracket, slot.stage - 1)
    if table is None or slot.config >= len(table):
        return None
    entry = table[slot.config]
    return NOBODY if entry is None else Slot(slot.bracket, slot.stage - 1, entry[0], slot.fold)


def origin_text(origin: Slot, result: str, budget: str, carry: Sequence[str] = ()) -> str:
    """Text of the file ``origin``; ``carry`` are the patterns of what the configuration takes along.

    >>> print(origin_text(Slot(0, 1, 7), "-0.98", "3", ["checkpoint*"]), end="")
    from: bracket-0/stage-1/config-7
    result: -0.98
    budget: 3
    carry: checkpoint*
    """
    return "".join([f"from: {origin}\nresult: {result}\nbudget: {budget}\n", *(f"carry: {p}\n" for p in carry)])


def place(slot: Slot, origin: Slot, text: str) -> None:
    """Write the configuration of ``origin`` and where it comes from, ``text``, into ``slot``."""
    slot.path.mkdir(parents=True, exist_ok=True)
    write(slot.path / layout.ORIGIN, text)
    if (origin.path / layout.PARAMETERS).exists():
        copy(origin.path / layout.PARAMETERS, slot.path / layout.PARAMETERS)
    copy(origin.path / layout.CONFIG, slot.path / layout.CONFIG)


def give_fold_its_config(slot: Slot) -> None:
    """Copy the configuration into the directory of a fold, unless it is there."""
    for name in (layout.PARAMETERS, layout.CONFIG):
        if not (slot.path / name).exists() and (slot.configuration.path / name).exists():
            copy(slot.configuration.path / name, slot.path / name)


def restore_config(slot: Slot, origin: Origin, search: Path = Path()) -> bool:
    """Copy a promoted configuration again if it was lost; False if there is none and none to copy."""
    own = search / slot.path
    restore_proposed(slot, search)
    if isinstance(origin, Slot):
        for name in (layout.PARAMETERS, layout.CONFIG):
            if not (own / name).exists() and (search / origin.path / name).exists():
                own.mkdir(parents=True, exist_ok=True)
                copy(search / origin.path / name, own / name)
    return (own / layout.CONFIG).exists()


def restore_lost(slot: Slot) -> None:
    """Copy a configuration again that its slot has lost: from where the table says, or else its own file ``origin``.

    That file is believed only where no promotion of the bracket was ever made again: what is in a slot moves then.
    """
    if not slot.path.is_dir() or (slot.path / layout.CONFIG).exists():
        return
    origin = origin_of(slot)
    if origin is None and slot.stage:
        bracket = layout.stage_path(slot.bracket, 0).parent
        again = any(bracket.glob(f"stage-*/{layout.PROMOTION}.{layout.REPLACED}-*"))
        origin = None if again else _origin_by_its_own_word(slot)
    restore_config(slot, origin)


def _origin_by_its_own_word(slot: Slot) -> Slot | None:
    first = (read(slot.path / layout.ORIGIN) or "").partition("\n")[0]
    try:
        origin = Slot.parse(first.removeprefix("from: "))
    except ValueError:
        return None
    return origin if (origin.bracket, origin.stage) == (slot.bracket, slot.stage - 1) else None
