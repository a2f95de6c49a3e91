"""The only writer of a new search: everything is written beside its place and renamed into it."""

import os
import shutil
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from importlib import resources
from pathlib import Path

from . import __version__
from .core import layout
from .core.layout import Slot
from .core.plan import Plan
from .core.planfile import plan_to_json
from .draws import Drawn
from .errors import DirectoryInUse, HybandError, TemplateError
from .placing import alone_in, beside, put_into_place, refuse_if_used
from .rendering import Renderer
from .sampling import Source
from .slurm import Wish, prepare_for_slurm
from .space import Render, count_configurations, draw_configurations
from .templatedir import copy_others, remove_tree

PACKAGE = Path(str(resources.files("hyperband_snakemake")))
SHIPPED = PACKAGE / "templates"
EXAMPLES = {name: PACKAGE / "examples" / name.replace("-", "_") for name in ("digits", "iris", "slurm-folds")}
EXAMPLE = EXAMPLES["iris"]


@dataclass(frozen=True)
class Templates:
    """Where the templates of a search are, and their names there."""

    directory: Path = EXAMPLE
    config: str = layout.CONFIG
    run: str = layout.RUN
    snakefile: str = layout.SNAKEFILE

    @property
    def names(self) -> tuple[str, str, str]:
        """The files that are rendered."""
        return self.config, self.run, self.snakefile


@dataclass(frozen=True)
class Search:
    """What `create_search` writes: the plan of all brackets, the numbers of those to write (none: all), the seed."""

    plan: Plan
    seed: int
    brackets: frozenset[int] = field(default_factory=frozenset)
    templates: Templates = field(default_factory=Templates)
    slurm: Wish | None = None


def create_search(search: Search, output: Path, *, overwrite: bool = False) -> int | None:
    """Write a search into ``output``, whole or not at all.

    Returns:
        The number of distinct configurations of its space, None if they are not counted.

    Raises:
        DirectoryInUse: there is something in ``output`` (with ``overwrite``: something other than a search).
        TemplateError, SpaceTooSmall: the templates do not yield it.
        HybandError: the file system refuses.
    """
    directory = search.templates.directory
    target = Path(os.path.realpath(output))
    if not directory.is_dir():
        raise TemplateError(f"template directory {directory} does not exist.")
    if overwrite and Path(os.path.realpath(directory)).is_relative_to(target):
        raise DirectoryInUse(
            f"the templates in {directory} lie within {output}, which is to be overwritten. Move them."
        )
    refuse_if_used(output, overwrite=overwrite)
    try:
        with beside(target) as tree:
            distinct = _write_tree(search, target, tree)
            with alone_in(target) as there:
                refuse_if_used(target, overwrite=overwrite)  # somebody else may have been faster
                old = put_into_place(tree, target, there=there)
    except OSError as error:
        reason = f"{error.strerror or error} ({error.filename or target})"
        raise HybandError(f"{output} cannot be written: {reason}. Nothing was changed.") from None
    if old is not None:
        remove_tree(old)
        if old.exists():
            raise HybandError(f"{output} was written, but the old search could not be deleted from {old}. Delete it.")
    return distinct


def _write_tree(search: Search, target: Path, tree: Path) -> int | None:
    templates = search.templates
    renderer = Renderer(templates.directory, SHIPPED)
    settings = search.plan.settings
    wanted = search.plan.select(search.brackets)
    common: dict[str, object] = {
        "search": settings,
        "folds": settings.folds,
        "repetitions": settings.repetitions,
        "brackets": wanted.brackets,
        "base_dir": str(target),
        "version": __version__,
    }

    def config_of(slot: Slot, source: Source) -> Drawn:
        indices = {"bracket_index": slot.bracket, "config_index": slot.config}
        return renderer.draw(templates.config, common | indices, source)

    copy_others(templates.directory, tree, rendered=templates.names, never=(target, tree))
    _write_configurations(search, tree, config_of)
    _write(tree / layout.RUN, renderer.render(templates.run, common))
    (tree / layout.RUN).chmod(0o777 & ~_umask())
    _write(tree / layout.SNAKEFILE, renderer.render(templates.snakefile, common))
    if not (tree / layout.PROFILE).exists():
        (tree / layout.PROFILE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED / layout.PROFILE, tree / layout.PROFILE)
    if search.slurm is not None:
        prepare_for_slurm(tree, target.name, wanted, search.slurm)
    shutil.copytree(PACKAGE / "core", tree / layout.CORE, ignore=shutil.ignore_patterns("__pycache__"))
    entries = sorted([*(path.name for path in tree.iterdir()), layout.PLAN])
    generator = f"hyperband-snakemake {__version__}"
    _write(tree / layout.PLAN, plan_to_json(wanted, generator=generator, random_seed=search.seed, entries=entries))
    return count_configurations(partial(config_of, Slot(wanted.brackets[0].index, 0, 0)))


def _write_configurations(search: Search, tree: Path, config_of: Render) -> None:
    """Write those of stage 0, what was drawn for them, and their checksums."""
    sums = []
    last = max(search.brackets, default=len(search.plan.brackets) - 1)  # what comes after it need not be drawn
    plan = Plan(search.plan.settings, search.plan.brackets[: last + 1])
    for slot, drawn in draw_configurations(plan, config_of, search.seed):
        if not search.brackets or slot.bracket in search.brackets:
            directory = tree / slot.path
            directory.mkdir(parents=True)
            _write(directory / layout.CONFIG, drawn.text)
            if drawn.record is not None:
                _write(directory / layout.PARAMETERS, drawn.record)
            sums.append(f"{sha256(drawn.text.encode()).hexdigest()}  {slot}/{layout.CONFIG}\n")
    _write(tree / layout.CHECKSUMS, "".join(sums))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
