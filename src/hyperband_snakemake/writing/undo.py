"""Undoing the last extension of a search, as far as it has not been begun. What was begun is kept."""

import os
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.disk.files import read, write
from ..core.tree import layout
from ..core.tree.apart import NAMES, find_path
from ..core.tree.configurations import find_drawn
from ..core.tree.layout import Slot
from ..core.tree.outcome import Status
from ..core.tree.planfile import COMMANDS, read_plan_data
from ..core.tree.proposals import Learner, sampling_to_json
from ..errors import HybandError
from ..snapshot.scan import Snapshot, scan
from .archiving.marks import refuse_archived
from .history import Added, data_text, read_last, with_less, without
from .lock import held

_IN_A_SLOT = (*layout.OURS, layout.RESULT, layout.OUTCOME, layout.FOLDS)  # in a slot that was not trained, or is empty
_SLOT = rf"stage-\d+/config-\d+(/{layout.FOLD.pattern})?"
_OURS = re.compile(
    rf"{layout.PROPOSAL}(\.log)?|stage-\d+/{layout.PROMOTION}(\.log)?|{_SLOT}/({'|'.join(map(re.escape, _IN_A_SLOT))})"
    rf"|stage-\d+/({'|'.join(NAMES)})/config-\d+(-{layout.FOLD.pattern})?"
    r"|(.*/)?\.[a-z.]+\.\d+\.tmp"
)
_OUR_DIRECTORIES = re.compile(rf"stage-\d+(/({'|'.join(NAMES)}))?|{_SLOT}")


@dataclass(frozen=True)
class TakenBack:
    """What was undone: the command that added it, and the removed brackets and training runs.

    ``begun`` has one slot for each bracket of the extension that is kept because that slot was begun.
    """

    command: str
    brackets: tuple[int, ...]
    runs: int
    begun: tuple[Slot, ...]


def undo(search: Path) -> TakenBack:
    """Undo the last extension: remove its brackets that were not begun, and the stages that it added.

    Raises:
        HybandError: there is none, all of it was begun, the user's files are in the way, what goes is archived, or the
            search is running.
    """
    scan(search)  # raises if it is not a search
    with held(search):
        snapshot, data = scan(search), read_plan_data(search)
        added = read_last(data)
        if added is None:
            raise HybandError(_nothing_known(search, data))
        begun = {slot.bracket: slot for slot in reversed([*_begun(snapshot, added)])}
        gone = [bracket for bracket in added.brackets if bracket not in begun]
        if begun and (added.grown or not gone):
            raise HybandError(
                f"{_named(added)}, the last extension of {search}, cannot be taken back: {min(begun.values())} was "
                "begun. Nothing was changed."
            )
        refuse_archived(search, {*gone, *added.stages}, "it would be taken back")
        slots = [slot for slot in _slots(snapshot, added) if slot.bracket not in begun]
        ours = _files(snapshot, sorted({_top(slot, gone) for slot in slots}))
        less = with_less(data, added, gone) if begun else without(data, added)
        write(search / layout.PLAN, data_text(less))  # first: the rest is ignored without it
        _forget(snapshot, gone)
        for path in ours:
            path.rmdir() if path.is_dir() else path.unlink()
    runs = sum(max(1, len(snapshot.plan.stage(s.bracket, s.stage).fold_names)) for s in slots)
    return TakenBack(_named(added), tuple(gone), runs, tuple(begun[b] for b in sorted(begun)))


def _named(added: Added) -> str:
    return shlex.join(["hyband", *added.command]) if added.command else "what was added by a program"


def _nothing_known(search: Path, data: Mapping[str, Any]) -> str:
    made = data.get(COMMANDS)
    if isinstance(made, list) and len(made) == 1:
        return f"{search} has no extension that could be taken back. Nothing was changed."
    return (
        f"{search / layout.PLAN} does not say what an extension added: there was none, or an earlier version made it. "
        "Nothing was changed."
    )


def _slots(snapshot: Snapshot, added: Added) -> Iterator[Slot]:
    """Give all slots that the extension added."""
    for slot, *_ in snapshot.slots():
        if slot.bracket in added.brackets or slot.stage >= added.stages.get(slot.bracket, slot.stage + 1):
            yield slot


def _begun(snapshot: Snapshot, added: Added) -> Iterator[Slot]:
    """Give those of them that were or are being trained, are queued, or were promoted into."""
    status = {slot: outcome.status for slot, _, outcome, _ in snapshot.slots()}
    for slot in _slots(snapshot, added):
        below = layout.stage_path(slot.bracket, slot.stage - 1) / layout.PROMOTION
        promoted = slot.bracket in added.stages and (snapshot.path / below).exists()
        places = [
            snapshot.path / one.path for one in slot.runs(snapshot.plan.stage(slot.bracket, slot.stage).fold_names)
        ]
        records = [find_path(place, name) for place in places for name in NAMES]
        recorded = any(record.exists() and record.stat().st_size for record in records)
        if promoted or recorded or status[slot] not in (Status.PENDING, Status.EMPTY):
            yield slot


def _top(slot: Slot, gone: Collection[int]) -> Path:
    """Give the directory to remove with a slot: its whole bracket, or its stage."""
    return slot.path.parents[1] if slot.bracket in gone else slot.path.parent


def _files(snapshot: Snapshot, directories: Collection[Path]) -> list[Path]:
    """List these directories and everything in them, contents before their directories.

    Raises:
        HybandError: a file is not ours, or was edited.
    """
    found: list[Path] = []
    for directory in directories:
        for place, names, files in os.walk(snapshot.path / directory, topdown=False):
            found += [
                *(Path(place, name) for name in files),
                *(Path(place, n) for n in names if Path(place, n).is_symlink()),
            ]
            found.append(Path(place))
    for path in found:
        name = path.relative_to(snapshot.path).as_posix().partition("/")[2]
        pattern = _OUR_DIRECTORIES if path.is_dir() else _OURS
        if (name and pattern.fullmatch(name) is None) or path.is_symlink():
            raise HybandError(f"{path} is not part of the search. Move it away, then try again. Nothing was changed.")
    _refuse_if_edited(snapshot, [path for path in found if path.name == layout.CONFIG and not path.is_dir()])
    return found


def _refuse_if_edited(snapshot: Snapshot, configs: Collection[Path]) -> None:
    for path in configs:
        drawn = find_drawn(Slot.parse(path.parent.relative_to(snapshot.path).as_posix()), snapshot.path)
        if drawn is not None and read(path) != drawn.text:
            raise HybandError(f"{path} was edited: move it elsewhere, then try again. Nothing was changed.")


def _without(learner: Learner, gone: Collection[int]) -> Learner:
    """Remove these brackets from what a proposal learned from: other brackets may get their numbers."""
    learns, beside = (tuple(b for b in some if b not in gone) for some in (learner.learns, learner.beside))
    return replace(learner, learns=learns, beside=beside)


def _forget(snapshot: Snapshot, gone: Collection[int]) -> None:
    """Remove these brackets from the top-level files."""
    if snapshot.sampling is not None:
        learners = {b: _without(one, gone) for b, one in snapshot.sampling.learners.items() if b not in gone}
        write(snapshot.path / layout.SAMPLER, sampling_to_json(replace(snapshot.sampling, learners=learners)))
    sums = read(snapshot.path / layout.CHECKSUMS)
    if sums is not None:
        heads = tuple(f"bracket-{bracket}/" for bracket in gone)
        kept = [line for line in sums.splitlines(keepends=True) if not line.partition("  ")[2].startswith(heads)]
        write(snapshot.path / layout.CHECKSUMS, "".join(kept))
