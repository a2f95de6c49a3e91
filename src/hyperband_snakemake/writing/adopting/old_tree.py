"""Reading the tree of the original tool. It is not changed; its files are all that is known about that search."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ...core.disk.files import NotAFile, open_on_disk, read_bytes
from ...core.tree import layout
from ...core.tree.layout import Slot
from ...core.tree.outcome import Outcome, completed
from ...errors import HybandError, NotASearch
from ...snapshot.original import is_original

_SLOT = re.compile(r"bracket-(\d+)/stage-(\d+)/config-(\d+)")
_BUDGET = re.compile(  # run.sh's arguments: the directory of a configuration, then its budget
    r"bracket-(\d+)/stage-(\d+)/config-\d+/?(?:config)?['\"]?,?[ \t]+['\"]?(\d+(?:\.\d+)?)(?![\w./-])"
)


@dataclass(frozen=True)
class OldSlot:
    """The directory of a configuration.

    ``text`` is None without a configuration, ``outcome`` is None without a result. ``begun``: there is more than the
    configuration, such as a log or a checkpoint.
    """

    path: Path
    text: str | None
    outcome: Outcome | None = None
    raw: str = ""
    begun: bool = False


@dataclass(frozen=True)
class OldTree:
    """The whole tree: slots by their numbers in it, and stages and budgets according to its Snakefile."""

    path: Path
    slots: Mapping[Slot, OldSlot]
    planned: frozenset[tuple[int, int]] = frozenset()  # bracket and stage; empty if its Snakefile does not say
    budgets: Mapping[tuple[int, int], Fraction] | None = None
    finished: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many configurations each bracket has in stage 0."""
        firsts = [slot for slot in self.slots if slot.stage == 0]
        brackets = sorted({slot.bracket for slot in firsts})
        return tuple(1 + max(slot.config for slot in firsts if slot.bracket == b) for b in brackets)

    def last_stage(self, bracket: int) -> int:
        """Give the highest stage that a bracket is known to have."""
        known = [slot.stage for slot in self.slots if slot.bracket == bracket]
        return max([*known, *(stage for b, stage in self.planned if b == bracket)])


def read_old_tree(path: Path) -> OldTree:
    """Read the tree of the original tool in this directory.

    Raises:
        NotASearch: there is none.
        HybandError: a part of it is missing, or cannot be read.
    """
    if (path / layout.PLAN).exists():
        raise NotASearch(f"{path} is a search of this version already; `hyband status` shows it.")
    if not is_original(path):
        raise NotASearch(
            f"{path} is not a search of the original hyperband-snakemake: expected a Snakefile and configurations such "
            "as bracket-0/stage-0/config-0/config. Nothing was written."
        )
    try:
        slots = {slot: _read_slot(path / slot.path) for slot in sorted(_slots_in(path))}
    except OSError as error:
        raise HybandError(f"{error.filename or path} cannot be read: {error.strerror}. Nothing was written.") from None
    brackets = {slot.bracket for slot in slots if slot.stage == 0}
    missing = set(range(max(slot.bracket for slot in slots) + 1)) - brackets
    if missing:
        raise HybandError(
            f"{path}/bracket-{min(missing)} is missing or has no configurations, although there are later brackets. "
            "Put it back, then give this command again. Nothing was written."
        )
    snakefile = (read_bytes(path / layout.SNAKEFILE) or b"").decode("utf-8", errors="replace")
    planned = _planned(snakefile, slots)
    return OldTree(path, slots, planned, _budgets(snakefile, planned), (path / layout.BEST_CONFIG).is_file())


def _slots_in(path: Path) -> Iterator[Slot]:
    for directory in path.glob("bracket-*/stage-*/config-*"):
        name = directory.relative_to(path).as_posix()
        if _SLOT.fullmatch(name) and directory.is_dir() and any(directory.iterdir()):
            yield Slot.parse(name)


def _read_slot(directory: Path) -> OldSlot:
    raw, result = _read_file(directory / layout.CONFIG), _read_file(directory / layout.RESULT)
    begun = any(entry.name != layout.CONFIG for entry in directory.iterdir())
    try:
        text = None if raw is None else raw.decode("utf-8")
    except UnicodeDecodeError:
        raise HybandError(
            f"{directory / layout.CONFIG} is not UTF-8 text. Convert it, for instance with iconv, then give this "
            "command again. Nothing was written."
        ) from None
    if result is None or not result.strip():  # an empty one comes from an interrupted run or a full disk
        return OldSlot(directory, text, begun=begun)
    outcome = completed(result)
    shown = " ".join(result[:100].decode("utf-8", errors="replace").split())
    return OldSlot(directory, text, outcome, outcome.text or shown, begun)


def _read_file(path: Path) -> bytes | None:
    """Bytes of a file; None if there is none. One that exists but cannot be read is never taken for a missing one."""
    try:
        with open_on_disk(path) as file:
            return file.read()
    except (FileNotFoundError, NotAFile):
        return None


def _planned(snakefile: str, slots: Mapping[Slot, OldSlot]) -> frozenset[tuple[int, int]]:
    """Read which stages the Snakefile names; empty unless it names all of stage 0, to avoid partial knowledge."""
    named = {Slot.parse(match[0]) for match in _SLOT.finditer(snakefile)}
    firsts = {slot for slot in slots if slot.stage == 0}
    return frozenset((slot.bracket, slot.stage) for slot in named) if firsts <= named else frozenset()


def _budgets(snakefile: str, planned: frozenset[tuple[int, int]]) -> dict[tuple[int, int], Fraction] | None:
    """Read the budget of each stage; None unless every stage has exactly one."""
    found = dict[tuple[int, int], set[Fraction]]()
    for bracket, stage, budget in _BUDGET.findall(snakefile):
        found.setdefault((int(bracket), int(stage)), set()).add(Fraction(budget))
    if not planned or found.keys() != planned or any(len(numbers) > 1 for numbers in found.values()):
        return None
    return {stage: min(numbers) for stage, numbers in found.items()}
