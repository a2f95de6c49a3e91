"""Writing a new search: everything is written under a temporary name, then renamed into place."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path

from .. import __version__
from ..core.plan import Plan
from ..core.tree import layout
from ..core.tree.layout import Slot
from ..core.tree.planfile import COMMANDS, plan_to_json
from ..core.tree.proposals import KEPT, Learner, SamplerFile, sampling_to_json
from ..core.workflow import INTERFACE
from ..errors import DirectoryInUse, HybandError, SpaceTooSmall, TemplateError, UsageError
from ..samplers.models import check_installed, check_named
from ..samplers.names import learns
from ..samplers.priors import expected_share
from ..samplers.sobol import sobol_renders
from ..slurm.options import SlurmOptions
from ..slurm.prepare import prepare_for_slurm
from ..snapshot.snakefile import abilities_of, interface_of
from ..space.configurations import ConfigTemplate, template_names, write_bracket
from ..space.distinct import draw_configurations, draws_nothing, too_small
from ..space.draws import RenderedConfig
from ..space.jinja.rendering import Renderer
from ..space.tally import tally
from .gpus import check_gpus, check_packs, set_gpus, set_packs
from .learners import learners_of, most_parameters, spaces_of
from .limits import LimitOptions, check_limits, set_limits
from .place import alone_in, beside, keep_beside, put_into_place, refuse_if_used
from .template_directory import check_there, copy_others, copy_shipped, remove_tree

PACKAGE = Path(str(resources.files("hyperband_snakemake")))
SHIPPED = PACKAGE / "templates"
EXAMPLES = {name: PACKAGE / "examples" / name.replace("-", "_") for name in ("digits", "iris", "slurm-folds")}
EXAMPLE = EXAMPLES["iris"]


@dataclass(frozen=True)
class Templates:
    """The directory with the templates of a search, and their names there."""

    directory: Path = EXAMPLE
    config: str = layout.CONFIG
    run: str = layout.RUN
    snakefile: str = layout.SNAKEFILE

    @property
    def names(self) -> tuple[str, str, str]:
        """The files that are rendered."""
        return self.config, self.run, self.snakefile


@dataclass(frozen=True)
class NewSearch:
    """What `create_search` writes: the plan of all brackets, the numbers of those to write (empty: all), the seed.

    ``command`` is the command line that requested it, starting with "generate"; empty if a program did.
    """

    plan: Plan
    seed: int
    brackets: frozenset[int] = field(default_factory=frozenset)
    templates: Templates = field(default_factory=Templates)
    slurm: SlurmOptions | None = None
    sampler: str = "random"
    random_share: float = 0.0
    command: tuple[str, ...] = ()
    limits: LimitOptions | None = None
    gpus: Mapping[str, str | int] | None = None
    pack: str = ""

    @property
    def proposed(self) -> tuple[int, ...]:
        """Brackets whose configurations are proposed while the search runs: all except the first, or none."""
        written = [b.index for b in self.plan.select(self.brackets).brackets]
        return tuple(written[1:]) if learns(self.sampler) else ()


@dataclass(frozen=True)
class Created:
    """A search that was written.

    Attributes:
        space: how many distinct configurations its space has, if it is small enough to count.
        kept: where the previous search is now, if it was to be kept.
    """

    space: int | None
    kept: Path | None = None


def create_search(search: NewSearch, output: Path, *, overwrite: bool = False, keep_old: bool = False) -> Created:
    """Write a search into ``output``, completely or not at all; an existing one is deleted or renamed, if requested.

    Raises:
        UsageError: there is no template directory.
        DirectoryInUse: ``output`` is not empty (with one of these two options: it is not a search).
        TemplateError, SpaceTooSmall: the templates cannot yield it.
        HybandError: a file cannot be written.
    """
    directory = search.templates.directory
    target = Path(os.path.realpath(output))
    if not directory.is_dir():
        raise UsageError(f"--template-dir is {directory}; there is no such directory.")
    check_there(directory, {"--config-template": search.templates.config, "--run-template": search.templates.run})
    replaces = overwrite or keep_old
    if replaces and Path(os.path.realpath(directory)).is_relative_to(target):
        raise DirectoryInUse(
            f"the templates in {directory} are inside {output}, which would be overwritten. Move them."
        )
    refuse_if_used(output, overwrite=replaces)
    try:
        with beside(target) as tree:
            size = _write_tree(search, target, tree)
            with alone_in(target) as there:
                refuse_if_used(target, overwrite=replaces)  # another process may have been faster
                old = put_into_place(tree, target, there=there)
    except OSError as error:
        reason = f"{error.strerror or error} ({error.filename or target})"
        raise HybandError(f"{output} cannot be written: {reason}. Nothing was changed.") from None
    if old is not None and keep_old:
        return Created(size, keep_beside(old, target))
    if old is not None:
        remove_tree(old)
        if old.exists():
            raise HybandError(f"{output} was written, but the old search could not be deleted from {old}. Delete it.")
    return Created(size)


def _write_tree(search: NewSearch, target: Path, tree: Path) -> int | None:
    templates = search.templates
    renderer = Renderer(templates.directory, SHIPPED)
    wanted = search.plan.select(search.brackets)
    common = template_names(wanted, target)
    copy_others(templates.directory, tree, rendered=templates.names, never=(target, tree))
    size = _write_configurations(search, ConfigTemplate(renderer, templates.config, common), tree)
    _write(tree / layout.RUN, renderer.render(templates.run, common))
    (tree / layout.RUN).chmod(0o777 & ~_umask())
    snakefile = renderer.render(templates.snakefile, common)
    _check_snakefile(search, snakefile)
    _write(tree / layout.SNAKEFILE, snakefile)
    _write_sampling(search, tree)
    if not (tree / layout.PROFILE).exists():
        (tree / layout.PROFILE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHIPPED / layout.PROFILE, tree / layout.PROFILE)
    if search.slurm is not None:
        prepare_for_slurm(tree, target.name, wanted, search.slurm)
    copy_shipped(PACKAGE / "core", tree / layout.CORE)
    check_limits(tree, templates.directory)
    check_gpus(tree, templates.directory)
    check_packs(tree, templates.directory)
    if search.pack:
        set_packs(tree, search.pack)
    if search.gpus:
        set_gpus(tree, search.gpus)
    if search.limits is not None:
        set_limits(tree, search.limits)
    entries = sorted([*(path.name for path in tree.iterdir()), layout.PLAN])
    _write(tree / layout.PLAN, _plan_text(search, wanted, entries))
    return size


def _check_snakefile(search: NewSearch, snakefile: str) -> None:
    """Refuse a Snakefile that does not fit the programs of this version, which every new search gets."""
    name, interface = search.templates.snakefile, interface_of(snakefile)
    if interface not in (INTERFACE, None):
        raise TemplateError(
            f"{search.templates.directory / name} is written for interface {interface} of the programs in a search; "
            f"this version has interface {INTERFACE}. Delete it there to get the current one, and copy your changes "
            "into that (`hyband init --with-snakefile` writes it). Nothing was written."
        )
    if search.proposed and not abilities_of(snakefile).proposes:
        raise TemplateError(
            f"{name} has no rule for proposals, which the sampler {search.sampler} needs. "
            "Take it from the Snakefile that `hyband init --with-snakefile` writes."
        )


def _plan_text(search: NewSearch, wanted: Plan, entries: Sequence[str]) -> str:
    more: dict[str, object] = {"generator": f"hyperband-snakemake {__version__}", "random_seed": search.seed}
    more |= {COMMANDS: [search.command]} if search.command else {}
    return plan_to_json(wanted, **more, entries=entries)


def _write_configurations(search: NewSearch, template: ConfigTemplate, tree: Path) -> int | None:
    """Draw and write stage 0, except what is proposed later. Return the size of the space, if it can be counted."""
    written, wanted = dict[int, list[RenderedConfig]](), search.plan.select(search.brackets)
    slots = [Slot(b.index, 0, c) for b in wanted.brackets for c in range(b.stages[0].configurations)]
    found = tally(template, slots)
    if found is not None and found.total < len(slots):  # later proposals must find something new, too
        is_fixed = draws_nothing(partial(template.draw, slots[0]))
        raise too_small(found.total, len(slots), found.rejected, is_fixed=is_fixed)
    for slot, one in _draw(search, template, len(slots)):
        if search.sampler != "random":
            check_named(one, search.sampler)
        if not search.brackets or slot.bracket in search.brackets:
            written.setdefault(slot.bracket, []).append(one)
    by = "random" if learns(search.sampler) else search.sampler
    sums = [write_bracket(tree, bracket, configurations, by) for bracket, configurations in written.items()]
    _write(tree / layout.CHECKSUMS, "".join(sums))
    return None if found is None else found.total


def _draw(search: NewSearch, template: ConfigTemplate, needed: int) -> Iterable[tuple[Slot, RenderedConfig]]:
    """Draw stage 0 of all brackets, so that each has the same configurations whichever brackets are written.

    If the space has enough only for those that are written, only these are drawn.
    """
    last = max(search.brackets, default=len(search.plan.brackets) - 1)  # later ones need not be drawn
    now = tuple(b for b in search.plan.brackets if b.index <= last and b.index not in search.proposed)
    first_of = sobol_renders(template.draw, search.seed) if search.sampler == "sobol" else lambda _: None
    everything = draw_configurations(Plan(search.plan.settings, now), template.draw, search.seed, first_of, needed)
    if all(not search.brackets or bracket.index in search.brackets for bracket in now):
        return everything
    try:
        return list(everything)
    except SpaceTooSmall:
        some = Plan(search.plan.settings, tuple(b for b in now if b.index in search.brackets))
        return draw_configurations(some, template.draw, search.seed, first_of, needed)


def _write_sampling(search: NewSearch, tree: Path) -> None:
    """Keep the template for later configurations, and list the brackets that get them."""
    if learns(search.sampler):
        check_installed(search.sampler)
    name, wanted = search.templates.config, search.plan.select(search.brackets)
    drawn = [b.index for b in wanted.brackets if b.index not in search.proposed]
    spaces = spaces_of(tree, drawn)
    by = Learner(search.sampler, search.random_share, tuple(drawn), prior_share=expected_share(spaces))
    learners = learners_of(wanted, search.proposed, by, most_parameters(spaces))
    sampling = SamplerFile(name, search.seed, learners, search.sampler, KEPT)
    _write(tree / layout.SAMPLER, sampling_to_json(sampling))
    (tree / layout.SPACE / name).parent.mkdir(parents=True)
    shutil.copyfile(search.templates.directory / name, tree / layout.SPACE / name)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
