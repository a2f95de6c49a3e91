"""The user's own configurations, and what they mean in the space of the search that they are added to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.halving import ranking
from ..core.tree.layout import Slot
from ..errors import HybandError, TemplateError, UsageError
from ..snapshot.scan import Snapshot, scan
from ..snapshot.template import template_of
from ..space.configurations import ConfigTemplate, read_configuration
from ..space.distributions import Distribution
from ..space.draws import RenderedConfig, record_text
from ..space.generator import Generator
from ..space.recognizing.agreement import is_same
from ..space.recognizing.candidates import Clues
from ..space.recognizing.recognition import recognize

ANY_SLOT = Slot(0, 0, 0)


@dataclass(frozen=True)
class ImportedConfig:
    """A configuration, and a name for messages; ``fits``: the search's template could have drawn it."""

    name: str
    drawn: RenderedConfig
    fits: bool = True


def read_files(paths: Sequence[Path]) -> Iterator[ImportedConfig]:
    """Read the user's own configurations.

    Raises:
        UsageError: one cannot be read, or is empty.
    """
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            raise UsageError(f"{path} of --config cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path} of --config is not UTF-8 text.") from None
        if not text.strip():
            raise UsageError(f"{path} of --config is empty; expected a configuration. Nothing was changed.")
        yield ImportedConfig(str(path), RenderedConfig(text))


def best_of(source: Path, top: int) -> Iterator[ImportedConfig]:
    """Give the best distinct configurations of another search.

    Raises:
        HybandError: it has no result.
    """
    snapshot = scan(source)
    entries = ((stage.budget, slot, outcome) for slot, stage, outcome, _ in snapshot.slots())
    ranked = ranking.order_across(entries, maximize=snapshot.plan.settings.maximize)
    if not ranked:
        raise HybandError(f"{source} has no result yet.")
    texts: set[str] = set()
    for _, slot, _ in ranked:
        drawn = read_configuration(source, slot)
        if drawn is not None and drawn.text not in texts and len(texts) < top:
            texts.add(drawn.text)
            yield ImportedConfig(str(source / slot.path), drawn)


def fitted(snapshot: Snapshot, given: ImportedConfig) -> ImportedConfig:
    """Record what a configuration would have drawn from this search's template, so that samplers learn from it.

    Its text is not changed. If the template could not have drawn it, it has no record: other parameters or ranges would
    mislead a model.
    """
    if snapshot.sampling is None:
        return given
    template = template_of(snapshot, snapshot.sampling.template)
    if not _draws_by_name(template):
        return replace(given, drawn=RenderedConfig(given.drawn.text))
    recorded = given.drawn.data  # empty for the user's own configuration
    found = _redrawn(template, recorded) if recorded else None
    if found is None:
        found = recognize(lambda choose, source: template.draw(ANY_SLOT, source, choose), given.drawn.text)
    if found is None:
        return replace(given, drawn=RenderedConfig(given.drawn.text), fits=False)
    identity = found.identity if recorded else None  # the user's own may differ only in its seed
    return replace(given, drawn=RenderedConfig(given.drawn.text, identity, found.record))


def _redrawn(template: ConfigTemplate, recorded: Mapping[str, Any]) -> RenderedConfig | None:
    """Draw what another search has recorded; None if this template cannot draw exactly that."""
    values = recorded["values"]
    try:
        redrawn = template.draw(ANY_SLOT, Generator(0), lambda name, one: _chosen(values, name, one))
    except TemplateError:
        return None
    if redrawn.record is None or not all(is_same(values.get(n, v), v) for n, v in redrawn.data["values"].items()):
        return None
    return replace(redrawn, record=record_text(redrawn.data | {"seeds": recorded["seeds"]}))


def _chosen(values: Mapping[str, Any], name: str, distribution: Distribution) -> Any:
    """Choose the given value, or another one if it is not in the distribution."""
    if name not in values:
        raise ValueError(f"there is no value for {name}")
    return next(Clues("", {name: values[name]}).candidates(name, distribution))


def _draws_by_name(template: ConfigTemplate) -> bool:
    try:
        return template.draw(ANY_SLOT, Generator(0)).record is not None
    except TemplateError:
        return True
