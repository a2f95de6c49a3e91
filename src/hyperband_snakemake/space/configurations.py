"""Configurations on disk: rendered for their slot, written with what was drawn for them, and read back."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.plan import Plan
from ..core.tree import layout
from ..core.tree.files import read
from ..core.tree.layout import Slot
from .draws import Choose, RenderedConfig, identity_of
from .generator import Source
from .parameters import Value, read_parameters, scalar
from .rendering import Renderer

_NUMBERS = ("bracket_index", "config_index")  # what a template knows of the slot that it is rendered for


def template_names(plan: Plan, target: Path) -> dict[str, object]:
    """Give the names that every template of a search knows; ``plan`` has the brackets that it runs."""
    settings = plan.settings
    return {
        "search": settings,
        "folds": settings.folds,
        "repetitions": settings.repetitions,
        "brackets": plan.brackets,
        "base_dir": str(target),
        "version": __version__,
    }


class ConfigTemplate:
    """The template of the configurations of one search.

    Args:
        renderer: has it.
        name: of the template.
        known: names that it knows beside the numbers of the slot.
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
        """Whether it has asked for the numbers of a slot so far: then another slot may have other configurations."""
        return not self._renderer.looked_up.isdisjoint(_NUMBERS)


def write_configuration(search: Path, slot: Slot, drawn: RenderedConfig) -> str:
    """Write a configuration into its slot of a new search; its line for the file of checksums."""
    directory = search / slot.path
    directory.mkdir(parents=True)
    (directory / layout.CONFIG).write_text(drawn.text, encoding="utf-8", newline="")
    if drawn.record is not None:
        (directory / layout.PARAMETERS).write_text(drawn.record, encoding="utf-8", newline="")
    return checksum_line(slot, drawn.text)


def checksum_line(slot: Slot, text: str) -> str:
    """Line of `layout.CHECKSUMS` for a configuration."""
    return f"{sha256(text.encode()).hexdigest()}  {slot}/{layout.CONFIG}\n"


def read_configuration(search: Path, slot: Slot) -> RenderedConfig | None:
    """Read what `write_configuration` wrote; None if there is no configuration."""
    text = read(search / slot.path / layout.CONFIG)
    if text is None:
        return None
    return rendered_from(text, read(search / slot.path / layout.PARAMETERS))


def rendered_from(text: str, record: str | None) -> RenderedConfig:
    """Make a configuration of its text and what was recorded of its draws."""
    data = read_record(record)
    return RenderedConfig(text, identity_of(data) if data else None, record if data else None)


def parameters_of(text: str, record: str | None) -> Mapping[str, Value]:
    """Give the parameters of a configuration: those recorded, or those that its text shows where some have no name."""
    data = read_record(record)
    if data is None:
        return read_parameters(text)
    named = {name: scalar(value) for name, value in data["values"].items()}
    return (read_parameters(text) or named) if data.get("unnamed") else named


def read_record(text: str | None) -> dict[str, Any] | None:
    """Read what was drawn for a configuration; None if that was not recorded."""
    try:
        data = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return data if isinstance(data, dict) and {"values", "space", "seeds"} <= data.keys() else None
