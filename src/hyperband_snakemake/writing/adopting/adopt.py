"""Writing a search of ours from a tree of the original tool. Nothing is trained, and the old tree is not changed."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ... import __version__
from ...core.disk.files import read, write
from ...core.plan import Plan, number_text
from ...core.tree import layout
from ...core.tree.apart import make_way
from ...core.tree.configurations import Drawn
from ...core.tree.layout import Slot
from ...core.tree.outcome import verdict_text
from ...core.tree.planfile import COMMANDS, plan_to_json
from ...core.tree.promotion import origin_text, table_text
from ...core.tree.proposals import JOINED, SamplerFile, sampling_to_json
from ...core.tree.record import retry_text
from ...errors import DirectoryInUse, HybandError, UsageError
from ...snapshot.original import adopted_text
from ...space.configurations import write_drawn
from ...space.jinja.rendering import Renderer
from ..create import PACKAGE, SHIPPED
from ..place import alone_in, beside, put_into_place, refuse_if_used
from ..template_directory import copy_others, copy_shipped
from .account import Adopted, count
from .copying import copy_directory, make_whole, notes_of_leftovers, notes_of_run
from .old_tree import OldSlot, OldTree, read_old_tree
from .plan_of_old import Asked, find_plan
from .redrawn import Redrawn, draw_again
from .takeover import TakenBracket, take_over

NOT_TAKEN = (  # what is not of the original, or would be read as a file of ours
    layout.SNAKEFILE,
    layout.BEST_CONFIG,
    "profiles",
    ".snakemake",
    layout.BEST_LOG,
    layout.LIMITS,
    layout.GPUS,
    layout.PACKS,
    layout.SLURM_OFF,
)
ALWAYS_OURS = (
    layout.OUTCOME,
    layout.ORIGIN,
    layout.FOLDS,
    layout.PARAMETERS,
    layout.ATTEMPTS,
    layout.JOBS,
    layout.ADOPTED,
)


@dataclass(frozen=True)
class Adoption:
    """What is adopted: the tree, what the user knows about it, and the template it was made from, if available.

    ``command`` is the command line that requested it, starting with "adopt".
    """

    old: Path
    asked: Asked = field(default_factory=Asked)
    seed: int | None = None
    template_dir: Path | None = None
    template: str = layout.CONFIG
    command: tuple[str, ...] = ()


def adopt(adoption: Adoption, output: Path) -> Adopted:
    """Write a search into ``output`` from a tree of the original tool, completely or not at all.

    Raises:
        NotASearch: there is no such tree.
        UsageError: its plan is not known, or a given number contradicts it.
        DirectoryInUse: ``output`` is not empty, or is inside the old tree.
        HybandError: a part of the old tree is missing or cannot be read, or a file cannot be written.
    """
    old, target = read_old_tree(adoption.old), Path(os.path.realpath(output))
    if target.is_relative_to(os.path.realpath(adoption.old)):
        raise DirectoryInUse(f"{output} is inside {adoption.old}, which must not change. Choose another directory.")
    if output.is_dir() and any(output.iterdir()):
        raise DirectoryInUse(f"{output} is not empty. Choose another directory with --output-dir. Nothing was written.")
    refuse_if_used(output, overwrite=False)
    found = find_plan(old, adoption.asked)
    redrawn = _draw_again(adoption, old, found.plan)
    taken = list(take_over(old, found.plan, redrawn.texts))
    try:
        with beside(target) as tree:
            told = _write_tree(adoption, _Parts(old, found.plan, taken, redrawn), tree)
            notes = [*found.notes, *redrawn.notes, *(note for one in taken for note in one.notes)]
            adopted = count(found.plan, taken, [*notes, *told, *_missing(adoption)])
            if not adopted.left and adopted.completed:
                adopted = _with_best(adopted, old, tree)
            with alone_in(target) as there:
                refuse_if_used(target, overwrite=False)  # another process may have been faster
                put_into_place(tree, target, there=there)
    except shutil.Error as error:
        first = error.args[0][0]
        raise HybandError(f"{first[0]} cannot be copied: {first[2]}. Nothing was written.") from None
    except OSError as error:
        reason = f"{error.strerror or error} ({error.filename or target})"
        raise HybandError(f"{output} cannot be written: {reason}. Nothing was changed.") from None
    return adopted


def _draw_again(adoption: Adoption, old: OldTree, plan: Plan) -> Redrawn:
    if adoption.template_dir is None:
        return Redrawn()
    if not (adoption.template_dir / adoption.template).is_file():
        raise UsageError(f"{adoption.template_dir / adoption.template} does not exist; expected the template.")
    if adoption.seed is None:
        return Redrawn()
    return draw_again(old, plan, adoption.template_dir, adoption.template, adoption.seed)


def _missing(adoption: Adoption) -> list[str]:
    if adoption.template_dir is None:
        place = f"{layout.SPACE}/{adoption.template}"
        return [f"The configuration template was not given. To add configurations later, put it at {place}."]
    return []


@dataclass(frozen=True)
class _Parts:
    """What the new search is made from."""

    old: OldTree
    plan: Plan
    taken: Sequence[TakenBracket]
    redrawn: Redrawn


def _write_tree(adoption: Adoption, parts: _Parts, tree: Path) -> list[str]:
    """Write the new search. Return notes about what it does not have, and what it still needs of the old tree."""
    old = parts.old
    if not (old.path / layout.RUN).is_file():
        raise HybandError(f"{old.path / layout.RUN} is missing. Put it back, then give this command again.")
    brackets = [path.name for path in old.path.glob("bracket-*")]
    copy_others(old.path, tree, rendered=[*NOT_TAKEN, *brackets], never=(tree,))
    shutil.copyfile(old.path / layout.RUN, tree / layout.RUN)
    (tree / layout.RUN).chmod((old.path / layout.RUN).stat().st_mode & 0o777 | 0o100)
    notes = notes_of_leftovers(old, tree)
    places = {old.path: tree}
    for one in parts.taken:
        places |= _copy_bracket(tree, one)
    make_whole(tree, places)
    write(tree / layout.CHECKSUMS, "".join(_write_bracket(tree, one, parts.redrawn.records) for one in parts.taken))
    _write_own(adoption, tree)
    write(tree / layout.PLAN, _plan_text(adoption, parts.plan, tree))
    return [*notes, *notes_of_run(old.path, read(tree / layout.RUN) or "")]


def _write_own(adoption: Adoption, tree: Path) -> None:
    """Write what every search of this version has, apart from its plan."""
    write(tree / layout.SNAKEFILE, Renderer(SHIPPED).render(layout.SNAKEFILE, {"version": __version__}))
    (tree / layout.PROFILE).parent.mkdir(parents=True)
    shutil.copyfile(SHIPPED / layout.PROFILE, tree / layout.PROFILE)
    copy_shipped(PACKAGE / "core", tree / layout.CORE)
    later = secrets.randbelow(2**32) if adoption.seed is None else adoption.seed
    write(tree / layout.SAMPLER, sampling_to_json(SamplerFile(adoption.template, later, {}, "random", JOINED)))
    if adoption.template_dir is not None:
        (tree / layout.SPACE / adoption.template).parent.mkdir(parents=True)
        shutil.copyfile(adoption.template_dir / adoption.template, tree / layout.SPACE / adoption.template)


def _plan_text(adoption: Adoption, plan: Plan, tree: Path) -> str:
    more: dict[str, object] = {"generator": f"hyperband-snakemake {__version__}", "adopted": str(adoption.old)}
    more |= {} if adoption.seed is None else {"random_seed": adoption.seed}
    more |= {COMMANDS: [adoption.command]} if adoption.command else {}
    return plan_to_json(plan, **more, entries=sorted([*(path.name for path in tree.iterdir()), layout.PLAN]))


def _copy_bracket(tree: Path, taken: TakenBracket) -> dict[Path, Path]:
    """Copy the directories of a bracket's configurations. Return where each is now."""
    places = {one.path: tree / slot.path for slot, one in taken.slots.items()}
    loose = {one.path: _loose(tree / slot.path) for slot, one in taken.loose.items()}
    for source, target in (places | loose).items():
        copy_directory(source, target)
    return places | loose


def _loose(place: Path) -> Path:
    return place.with_name(f"{layout.REPLACED}-{place.name}")


def _write_bracket(tree: Path, taken: TakenBracket, records: Mapping[Slot, str]) -> str:
    """Write what our search says of a bracket. Return the checksums of its configurations."""
    index = taken.bracket.index
    for slot, one in taken.slots.items():
        _write_slot(one, tree / slot.path)
    for slot, one in taken.loose.items():
        _write_slot(one, _loose(tree / slot.path), apart=False)
    for stage, table in taken.tables.items():
        write(tree / layout.stage_path(index, stage) / layout.PROMOTION, table_text(table))
        budget = number_text(taken.bracket.stages[stage].budget)
        for c, (number, result) in enumerate(table):
            path = tree / Slot(index, stage + 1, c).path
            write(path / layout.ORIGIN, origin_text(Slot(index, stage, number), result, budget))
    drawn = [Drawn(text, records.get(Slot(index, 0, c))) for c, text in enumerate(taken.texts)]
    return write_drawn(tree, index, drawn, "random")


def _write_slot(old: OldSlot, target: Path, *, apart: bool = True) -> None:
    """Write the outcome of a copied configuration in our files.

    One that was begun but has no result gets a record that says so: it waits for its training run, as after a retry.
    """
    if old.text is not None:
        write(target / layout.CONFIG, old.text)  # if it was a link, it is now a file, whatever it led to
    for name in ALWAYS_OURS:
        if os.path.lexists(target / name):
            make_way(target / name)
    if old.outcome is not None:
        write(target / layout.ADOPTED, adopted_text(old.path, old.raw))
        write(target / layout.OUTCOME, verdict_text(old.outcome))
    elif old.begun:
        record = target.parent / layout.ATTEMPTS / target.name if apart else target / layout.ATTEMPTS
        record.parent.mkdir(exist_ok=True)
        write(record, retry_text())


def _with_best(adopted: Adopted, old: OldTree, tree: Path) -> Adopted:
    """Let the search find its best configuration. Return a note if the old tree has a different one."""
    words = [sys.executable, "-IS", layout.CORE, "best"]
    subprocess.run(  # noqa: S603 (a program of the search just written)
        words, cwd=tree, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ours, theirs = read(tree / layout.BEST_CONFIG), read(old.path / layout.BEST_CONFIG)
    adopted = replace(adopted, complete=ours is not None)
    if ours is None or theirs is None or ours == theirs:
        return adopted
    where = json.loads(read(tree / layout.BEST) or "{}").get("path", "")
    note = (
        f"The best configuration is that of {where}, not {old.path / layout.BEST_CONFIG}: it is the best "
        "at the largest budget, and among equal results the one with the lowest numbers."
    )
    return replace(adopted, notes=(*adopted.notes, note))
