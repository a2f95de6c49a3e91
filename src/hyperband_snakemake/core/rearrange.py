"""A promotion that is made again after a retry: trainings move with their configuration, none is lost or repeated."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from . import layout
from .files import read
from .layout import Slot

ASIDE = "replaced"  # config-3 becomes replaced-config-3, replaced-config-3-2 ...


def rearrange(targets: Sequence[Slot], origins: Sequence[Slot | None]) -> None:
    """Bring what is in a stage to the slots where its configurations belong now.

    Configurations are told apart by their text, which is unique within a search. What was promoted before and is not
    now is kept beside the slots under another name. Nothing happens in a stage that is empty, as at every first time.

    Args:
        targets: the slots of the stage above.
        origins: for each of them the slot of the stage below that is promoted into it, or None.
    """
    if not any(target.path.exists() for target in targets):
        return
    homes = {_config_of(o.path): t.path for t, o in zip(targets, origins, strict=True) if o}
    stage = targets[0].path.parent
    for directory in _directories(stage, "config-"):
        if homes.get(_config_of(directory)) != directory:
            _put_aside(directory)
    for directory in _directories(stage, ASIDE):
        home = homes.get(_config_of(directory))
        if home is not None and not (home / layout.CONFIG).exists():
            directory.rename(home)


def _put_aside(directory: Path) -> None:
    if (directory / layout.CONFIG).exists():
        directory.rename(_free_name(directory))
        return
    for name in (layout.OUTCOME, layout.RESULT):  # of a slot that was empty
        (directory / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        directory.rmdir()


def _directories(stage: Path, prefix: str) -> list[Path]:
    return sorted(p for p in stage.iterdir() if p.is_dir() and p.name.startswith(prefix))


def _config_of(directory: Path) -> str | None:
    return read(directory / layout.CONFIG)


def _free_name(directory: Path) -> Path:
    name = directory.with_name(f"{ASIDE}-{directory.name}")
    number = 2
    while name.exists():
        name, number = directory.with_name(f"{ASIDE}-{directory.name}-{number}"), number + 1
    return name
