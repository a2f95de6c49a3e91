"""What was trained in each slot: text, parameters, and whether the configuration was edited after it was drawn.

Everything that shows parameters gets them from here. Values drawn by name come from the record, with their types. Other
values are read from the text, and so are all values of an edited configuration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from ..core.disk.files import read
from ..core.tree import layout
from ..core.tree.configurations import Drawn, find_drawn
from ..core.tree.layout import Slot
from ..errors import HybandError
from ..space.configurations import ConfigTemplate, read_record
from ..space.parameters import read_texts
from ..space.reading.names import Reading
from ..space.recognizing.recognition import recognize
from ..space.values import Value, settled_parameters
from .scan import Snapshot
from .template import template_of


@dataclass(frozen=True)
class Trained:
    """A configuration as it was trained.

    ``record`` is what was drawn for it, as JSON text; None if unknown. ``parameters`` has None for a null value, and no
    entry for a parameter that the configuration does not have. ``unclear`` are names that have several values in its
    text.
    """

    text: str = ""
    record: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    edited: bool = False


def read_trained(snapshot: Snapshot, slots: Iterable[Slot] | None = None) -> dict[Slot, Trained]:
    """Read the configurations of these slots (by default all of stage 0); unknown ones are left out.

    They are read together, because the meaning of a text is decided by all of them.
    """
    wanted = dict.fromkeys(slot for slot, *_ in snapshot.slots() if slot.stage == 0) if slots is None else slots
    found = {slot: drawn for slot in wanted if (drawn := find_drawn(slot, snapshot.path)) is not None}
    sums = read_checksums(snapshot.path)
    edited = {slot for slot, one in found.items() if is_edited(slot, one.text, sums)}
    known = {slot: _known(snapshot, slot, one) if slot in edited else one for slot, one in found.items()}
    texts = list(dict.fromkeys(one.text for one in known.values() if _needs_text(one)))
    readings = dict(zip(texts, read_texts(texts), strict=True))
    values = [_values(one, readings.get(one.text, Reading())) for one in known.values()]
    return {
        slot: Trained(one.text, one.record, parameters, readings.get(one.text, Reading()).unclear, slot in edited)
        for (slot, one), parameters in zip(known.items(), settled_parameters(values), strict=True)
    }


def read_checksums(search: Path) -> dict[str, str]:
    """Read the checksums of drawn configurations: file name -> SHA-256."""
    lines = (read(search / layout.CHECKSUMS) or "").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def is_edited(slot: Slot, text: str, sums: Mapping[str, str]) -> bool:
    """Whether the text of a slot certainly differs from what was drawn."""
    drawn = sums.get(f"{slot}/{layout.CONFIG}")
    return drawn is not None and sha256(text.encode()).hexdigest() != drawn


def _known(snapshot: Snapshot, slot: Slot, one: Drawn) -> Drawn:
    """An edited configuration, with the record of draws that would give its text, if they can be found."""
    if one.record is None or snapshot.sampling is None:
        return replace(one, record=None)
    try:
        template = template_of(snapshot, snapshot.sampling.template)
    except HybandError:
        return replace(one, record=None)
    found = find_record(template, slot, one.text)
    return replace(one, record=found)


def find_record(template: ConfigTemplate, slot: Slot, text: str) -> str | None:
    """Find what a template would have drawn for this text in a slot; None if it cannot print the text."""
    found = recognize(lambda choose, source: template.draw(slot, source, choose), text)
    return None if found is None else found.record


def _needs_text(one: Drawn) -> bool:
    data = read_record(one.record)
    return data is None or bool(data.get("unnamed"))


def _values(one: Drawn, reading: Reading) -> dict[str, Value]:
    data = read_record(one.record)
    return dict(reading.values) if data is None else {**reading.values, **data["values"]}
