"""Whether a template and a seed yield the configurations of an old tree, so that lost ones can be drawn again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...core.plan import Plan
from ...core.tree.layout import Slot
from ...core.tree.proposals import JOINED
from ...errors import SpaceTooSmall
from ...space.configurations import ConfigTemplate, template_names
from ...space.distinct import draw_configurations
from ...space.jinja.rendering import Renderer
from .old_tree import OldTree


@dataclass(frozen=True)
class Redrawn:
    """Texts and records of stage 0, by slots of our plan; empty if they differ from the old tree."""

    texts: Mapping[Slot, str] = field(default_factory=dict)
    records: Mapping[Slot, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def draw_again(old: OldTree, plan: Plan, directory: Path, name: str, seed: int) -> Redrawn:
    """Draw stage 0 the way the old tree was drawn, and compare.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    names = template_names(plan, old.path.absolute())
    template = ConfigTemplate(Renderer(directory, line_ends=JOINED), name, names)
    slots = {Slot(b.index, 0, c): Slot(n, 0, c) for n, b in enumerate(plan.brackets) for c in _numbers(old, n)}
    try:
        drawn = dict(draw_configurations(plan, template.draw, seed, lambda _: None, len(slots)))
    except SpaceTooSmall:
        return Redrawn(notes=(_differs(seed, directory / name),))
    there = {ours: old.slots[theirs].text for ours, theirs in slots.items() if theirs in old.slots}
    known = {slot: text for slot, text in there.items() if text is not None}
    if any(slot not in drawn or _bare(drawn[slot].text) != _bare(text) for slot, text in known.items()):
        return Redrawn(notes=(_differs(seed, directory / name),))
    ends = all(text.endswith("\n") for text in known.values())
    texts = {slot: one.text if ends else _bare(one.text) for slot, one in drawn.items()}
    return Redrawn(texts, {slot: one.record for slot, one in drawn.items() if one.record is not None})


def _numbers(old: OldTree, bracket: int) -> range:
    return range(old.sizes[bracket])


def _bare(text: str) -> str:
    """Remove the final line end, which the original may drop."""
    return text.removesuffix("\n")


def _differs(seed: int, template: Path) -> str:
    return (
        f"{template} and the seed {seed} do not draw the configurations of the old tree (another seed, other folds, or "
        "--bracket, for which the original draws otherwise). They are taken from the tree; the seed only affects "
        "later draws."
    )
