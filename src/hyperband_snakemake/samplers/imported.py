"""Configurations that the user brings along, and what they mean in the space of the search that gets them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..core.halving import ranking
from ..core.tree.layout import Slot
from ..errors import HybandError, TemplateError, UsageError
from ..snapshot.scan import Snapshot, scan
from ..snapshot.template import template_of
from ..space.configurations import read_configuration
from ..space.distributions import Distribution, Integer, Normal, Uniform
from ..space.draws import RenderedConfig, record_text
from ..space.generator import Generator
from ..space.parameters import read_parameters
from ..space.selections import Permutation, Subset
from .translate import drawn_of, encoded

ANY_SLOT = Slot(0, 0, 0)


@dataclass(frozen=True)
class ImportedConfig:
    """A configuration, and a name for messages; ``fits`` if the search's template could have drawn it."""

    name: str
    drawn: RenderedConfig
    fits: bool = True


def read_files(paths: Sequence[Path]) -> Iterator[ImportedConfig]:
    """Read configurations of the user's own.

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
    """Give the best configurations of another search, each once.

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

    Its text stays as it is. Where the template could not have drawn it, it has no record: a model that is told of other
    parameters, or of other ranges, would know less than before. Parameters of a text are found by their names.
    """
    if snapshot.sampling is None:
        return given
    recorded = given.drawn.data  # empty for a configuration of the user's own
    given_values = recorded["values"] if recorded else read_parameters(given.drawn.text)
    template = template_of(snapshot, snapshot.sampling.template)
    try:
        redrawn = template.draw(ANY_SLOT, Generator(0), partial(_chosen, given_values))
    except TemplateError:
        return replace(given, drawn=RenderedConfig(given.drawn.text), fits=False)
    if redrawn.record is None:
        return replace(given, drawn=RenderedConfig(given.drawn.text))
    seeds = redrawn.data["seeds"]
    redrawn_values = redrawn.data["values"] if recorded else read_parameters(redrawn.text)
    differing = [name for name, value in redrawn_values.items() if not _is_same(given_values.get(name, value), value)]
    if any(redrawn_values[name] not in seeds.values() for name in differing):
        return replace(given, drawn=RenderedConfig(given.drawn.text), fits=False)
    given_seeds = recorded["seeds"] if recorded else {n: given_values[n] for n in seeds if n in given_values}
    record = record_text(redrawn.data | {"seeds": given_seeds})
    identity = redrawn.identity if recorded else None  # one of the user's own may differ in nothing but its seed
    return replace(given, drawn=RenderedConfig(given.drawn.text, identity, record))


def _chosen(values: Mapping[str, Any], name: str, distribution: Distribution) -> Any:
    """Choose the value that is given, if the distribution has it."""
    if name not in values:
        raise ValueError(f"there is no value for {name}")
    value = values[name]
    if isinstance(distribution, Subset | Permutation) and isinstance(value, str):
        value = json.loads(value)
    if isinstance(distribution, Uniform | Integer | Normal):
        kinds = (int,) if isinstance(distribution, Integer) else (int, float)
        if type(value) not in kinds or not distribution.low <= value <= distribution.high:
            raise ValueError(f"{name} is {value!r}, which the template does not draw")
    chosen = drawn_of(distribution, encoded(distribution, value))
    if isinstance(distribution, Integer) and (value - distribution.low) % distribution.step:
        raise ValueError(f"{name} is {value!r}, which the template does not draw")
    return chosen


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal, but for digits beyond those that are drawn."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return type(one) is type(other) and bool(one == other)
