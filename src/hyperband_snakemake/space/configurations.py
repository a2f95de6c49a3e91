"""Configurations on disk: rendered for their slots, written together with what was drawn, and read back."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.disk.files import write
from ..core.plan import Plan
from ..core.tree import layout
from ..core.tree.configurations import Drawn, Proposal, find_drawn, give_copies, proposal_text
from ..core.tree.layout import Slot
from .draws import Choose, RenderedConfig, identity_of
from .generator import Source
from .jinja.plan_names import SearchNames
from .jinja.rendering import Renderer

_NUMBERS = ("bracket_index", "config_index")  # what a template knows about its slot


def template_names(plan: Plan, target: Path) -> dict[str, object]:
    """Give the names available in every template of a search; ``plan`` has the brackets that it runs."""
    settings, search = plan.settings, SearchNames(plan)
    return {
        "search": search,
        "folds": settings.folds,
        "repetitions": settings.repetitions,
        "brackets": search.brackets,
        "base_dir": str(target),
        "version": __version__,
    }


class ConfigTemplate:
    """The configuration template of one search.

    Args:
        renderer: renders it.
        name: its name.
        known: names available in it, in addition to the slot's numbers.
    """

    def __init__(self, renderer: Renderer, name: str, known: Mapping[str, object]) -> None:
        self._renderer, self._name, self._known = renderer, name, known

    def draw(self, slot: Slot, source: Source, choose: Choose | None = None) -> RenderedConfig:
        """Render it for a slot.

        Raises:
            TemplateError: it cannot be read or rendered.
        """
        numbers = dict(zip(_NUMBERS, (slot.bracket, slot.config), strict=True))
        return self._renderer.draw(self._name, {**self._known, **numbers}, source, choose)

    @property
    def tells_slots_apart(self) -> bool:
        """Whether it has used the slot's numbers so far: then different slots may have different configurations."""
        return not self._renderer.looked_up.isdisjoint(_NUMBERS)


def write_bracket(search: Path, bracket: int, drawn: Sequence[RenderedConfig], by: str) -> str:
    """Write all configurations of a new bracket. Return their lines for the checksum file.

    ``by`` says how they were drawn: the name of a sampler, or "given".
    """
    return write_drawn(search, bracket, [Drawn(one.text, one.record, by) for one in drawn], by)


def write_drawn(search: Path, bracket: int, drawn: Sequence[Drawn], by: str) -> str:
    """Like `write_bracket`, but the slots may already contain something."""
    (search / layout.stage_path(bracket, 0)).mkdir(parents=True, exist_ok=True)
    write(search / layout.proposal_path(bracket), proposal_text(by, Proposal(tuple(drawn))))
    for config, one in enumerate(drawn):
        give_copies(search / Slot(bracket, 0, config).path, one)
    return "".join(checksum_line(Slot(bracket, 0, config), one.text) for config, one in enumerate(drawn))


def checksum_line(slot: Slot, text: str) -> str:
    """Line for a configuration in `layout.CHECKSUMS`."""
    return f"{sha256(text.encode()).hexdigest()}  {slot}/{layout.CONFIG}\n"


def read_configuration(search: Path, slot: Slot) -> RenderedConfig | None:
    """Read the configuration of a slot in stage 0; None if there is none."""
    drawn = find_drawn(slot, search)
    if drawn is None:
        return None
    data = read_record(drawn.record)
    return RenderedConfig(drawn.text, identity_of(data) if data else None, drawn.record if data else None)


def read_record(text: str | None) -> dict[str, Any] | None:
    """Read what was drawn for a configuration; None if that was not recorded."""
    try:
        data = json.loads(text) if text is not None else None
    except ValueError:
        return None
    if not isinstance(data, dict) or not all(isinstance(data.get(part), dict) for part in ("values", "space", "seeds")):
        return None
    return data
