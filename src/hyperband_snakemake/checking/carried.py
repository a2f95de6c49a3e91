"""What `hyband check` finds about files that were carried from the stage below."""

from collections.abc import Iterator

from ..core.disk.files import is_dir
from ..core.training.old_paths import find_old_paths
from ..core.tree.layout import Slot
from ..core.tree.patterns import named
from ..snapshot.scan import Snapshot
from ..snapshot.stages import TRAINED
from .findings import Finding


def findings_of_carried(snapshot: Snapshot) -> Iterator[Finding]:
    """Find carried files that contain the path of their old directory, and files that have disappeared from there."""
    settings = snapshot.plan.settings
    for slot, stage, outcome, origin in snapshot.slots():
        if origin is None or not settings.carry or outcome.status not in TRAINED:
            continue
        for run in slot.runs(stage.fold_names):
            source = Slot(origin.bracket, origin.stage, origin.config, run.fold)
            above, below = snapshot.path / run.path, snapshot.path / source.path
            for pattern in settings.carry:
                if is_dir(below) and named(above, [pattern]) and not named(below, [pattern]):
                    what = (
                        f"nothing that matches --carry {pattern} is left here, but it was carried from here. Does the "
                        "program delete files by a path stored in its checkpoint?"
                    )
                    yield Finding(str(source), what)
            for file in find_old_paths(above, settings.carry, source):
                what = "was carried, and contains the path of the directory it comes from (docs/checkpoints.md)."
                yield Finding(file.relative_to(snapshot.path).as_posix(), what)
