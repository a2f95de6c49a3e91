"""Delete files of configurations that were not promoted: those that the user has named, and nothing else."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..disk.files import disk_usage
from ..plan import Plan, bytes_text, counted
from ..tree import promotion
from ..tree.configurations import find_other_table
from ..tree.layout import Slot
from ..tree.patterns import named
from ..tree.record import holder_text, is_held


def discard(plan: Plan, bracket: int, stage: int, best: Slot | None = None) -> str:
    """Delete files of a stage's configurations that were not promoted, as the plan says.

    Nothing is deleted before the promotion table exists, where something still runs, or from ``best``. Files that
    cannot be deleted are reported and kept.

    Returns:
        A line for people that says what was done; empty if nothing was.
    """
    patterns, table = plan.settings.discard, promotion.read_table(bracket, stage)
    if not patterns or table is None:
        return ""
    above = (Slot(bracket, stage + 1, c) for c in range(len(table)))
    if any(find_other_table(slot) is not None for slot in above):  # an older table, which does not say what is needed
        return ""
    promoted = {entry[0] for entry in table if entry is not None}
    row = plan.stage(bracket, stage)
    number = freed = 0
    for slot in (Slot(bracket, stage, c) for c in range(row.configurations) if c not in promoted):
        places = [training.path for training in slot.runs(row.fold_names)]
        sizes = [] if slot == best else [_discard(place, patterns) for place in places]
        if any(size is not None for size in sizes):
            number, freed = number + 1, freed + sum(size or 0 for size in sizes)
    return (
        f"discarded {' '.join(patterns)} of {counted(number, 'configuration')}, {bytes_text(freed)}" if number else ""
    )


def _discard(directory: Path, patterns: Sequence[str]) -> int | None:
    """Give the number of bytes freed; None if there was nothing to delete, or something still runs there."""
    freed, found = None, named(directory, patterns)
    if found and is_held(directory):
        print(f"{directory} is still in use by {holder_text(directory)}: nothing is discarded there.", file=sys.stderr)
        return None
    import shutil  # noqa: PLC0415 (slow, and most searches discard nothing)

    for path in found:
        size = disk_usage(path)
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError as error:
            print(f"{error.filename or path} cannot be deleted: {error.strerror}. It stays.", file=sys.stderr)
        else:
            freed = (freed or 0) + size
    return freed
