"""Redoing a promotion after a retry: runs move with their configurations, and none is lost or repeated."""

import re
from collections.abc import Mapping
from pathlib import Path

from ..disk.files import free_name, read
from ..tree import layout
from ..tree.apart import move_apart, move_inside
from ..tree.outcome import EMPTY, verdict_text

ASIDE = layout.REPLACED  # config-3 becomes replaced-config-3, replaced-config-3-2 ...


def rearrange(stage: Path, homes: Mapping[str, Path]) -> None:
    """Move what is in a stage to the slots where its configurations belong now.

    Configurations are identified by their text, which is unique within a search. What was promoted before but is not
    now is kept next to the slots under another name. An empty stage, as before the first promotion, is left alone.

    Args:
        stage: the directory of the stage above.
        homes: the text of each configuration that is promoted into that stage, and the directory of its slot there.
    """
    for directory in _directories(stage, r"config-\d+"):
        config = _config_of(directory)
        if config is None or homes.get(config) != directory:
            _put_aside(directory)
    for directory in _directories(stage, rf"{ASIDE}-config-\d+(-\d+)?"):
        config = _config_of(directory)
        home = homes.get(config) if config is not None else None
        if home is not None and not home.exists():
            directory.rename(home)
            move_apart(home)


def _put_aside(directory: Path) -> None:
    """Rename a slot's directory, or delete it if the slot was empty."""
    names, says = {path.name for path in directory.iterdir()}, read(directory / layout.OUTCOME)
    if not names or (names <= {layout.OUTCOME, layout.RESULT} and says == verdict_text(EMPTY)):
        for name in (layout.OUTCOME, layout.RESULT):
            (directory / name).unlink(missing_ok=True)
        directory.rmdir()
    else:
        move_inside(directory)
        directory.rename(free_name(directory.with_name(f"{ASIDE}-{directory.name}"), "-"))


def _directories(stage: Path, pattern: str) -> list[Path]:
    if not stage.is_dir():
        return []
    return sorted(p for p in stage.iterdir() if p.is_dir() and re.fullmatch(pattern, p.name))


def _config_of(directory: Path) -> str | None:
    return read(directory / layout.CONFIG)
