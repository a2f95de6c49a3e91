"""Configurations that learn from what other brackets have found: what a search's program ``propose`` calls."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .configurations import ConfigTemplate, read_configuration, template_names
from .core import layout
from .core.files import write
from .core.layout import Slot
from .core.proposals import FORMAT, Sampling
from .draws import Drawn
from .errors import HybandError
from .observed import observations, of_largest_budget
from .rendering import Renderer
from .samplers import Model, describe_found
from .sampling import Generator, derived_seed
from .scan import Snapshot, scan
from .space import Drawer, Seen, too_small


def main(search: Path, bracket: int) -> int:
    """Write the proposal for a bracket; the exit status."""
    try:
        snapshot = scan(search)
        assert snapshot.sampling is not None
        data = propose(snapshot, snapshot.sampling, bracket)
    except HybandError as error:
        print(f"Error: the configurations of bracket {bracket} cannot be proposed: {error}", file=sys.stderr)
        return 1
    write(search / layout.proposal_path(bracket), json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return 0


def propose(snapshot: Snapshot, sampling: Sampling, bracket: int) -> dict[str, Any]:
    """Draw the configurations of a bracket's stage 0: a share at random, the others as the model proposes.

    They depend on nothing but the seed and the results of the brackets that this one learns from.

    Raises:
        SpaceTooSmall: nothing new is left in the space.
        TemplateError: the template cannot be rendered.
    """
    template = template_of(snapshot, sampling)
    name = sampling.samplers.get(bracket, sampling.name)
    found = of_largest_budget(list(observations(snapshot, sampling.learns[bracket])))
    seed = derived_seed(sampling.seed, "propose", bracket)
    model = Model(name, seed, found, template.draw) if found else None
    drawer = Drawer(template.draw, Generator(seed), _seen(snapshot))
    number = next(b for b in snapshot.plan.brackets if b.index == bracket).stages[0].configurations
    chance = Generator(derived_seed(seed, "chance"))
    configurations = []
    for config in range(number):
        by_chance = model is None or chance.unit() < sampling.random_share
        drawn = drawer.draw(Slot(bracket, 0, config), None if by_chance else model)
        if drawn is None:
            raise too_small(drawer.seen.number, drawer.seen.number + number - config, drawer.seen.rejected)
        by = "random" if by_chance else name
        configurations.append({"by": by, "config": drawn.text, "parameters": drawn.record})
    return {"format": FORMAT, "sampler": name, "learned": describe_found(found), "configurations": configurations}


def template_of(snapshot: Snapshot, sampling: Sampling) -> ConfigTemplate:
    """Find the template that a search keeps for its proposals."""
    renderer = Renderer(snapshot.path / layout.SPACE, snapshot.path)
    return ConfigTemplate(renderer, sampling.template, template_names(snapshot.plan, snapshot.path.absolute()))


def _seen(snapshot: Snapshot) -> Seen:
    seen = Seen()
    for drawn in _configurations(snapshot):
        seen.add(drawn)
    return seen


def _configurations(snapshot: Snapshot) -> Iterator[Drawn]:
    for slot, *_ in snapshot.slots():
        if slot.stage == 0 and (drawn := read_configuration(snapshot.path, slot)) is not None:
            yield drawn
