"""Configurations that learn from what other brackets have found: what a search's program ``propose`` calls."""

from pathlib import Path

from ..core.tree import layout
from ..core.tree.configurations import Drawn, drawn_text, read_drawn
from ..core.tree.files import write
from ..core.tree.layout import Slot
from ..core.tree.proposals import SamplerFile
from ..snapshot.scan import Snapshot, scan
from ..snapshot.template import seen_in, template_of
from ..space.distinct import Drawer, too_small
from ..space.generator import Generator, derived_seed
from .models import Model, describe_found
from .observations import observations, of_largest_budget


def write_proposal(search: Path, bracket: int) -> None:
    """Propose the configurations of a bracket and write them into the search, unless that was done meanwhile.

    Raises:
        HybandError: they cannot be proposed.
    """
    snapshot = scan(search)
    assert snapshot.sampling is not None
    text = propose(snapshot, snapshot.sampling, bracket)
    if read_drawn(bracket, search) is None:  # a process of a run that was killed may have been faster
        write(search / layout.proposal_path(bracket), text)


def propose(snapshot: Snapshot, sampling: SamplerFile, bracket: int) -> str:
    """Draw the configurations of a bracket's stage 0: a share at random, the others as the model proposes.

    They depend on nothing but the seed and the results of the brackets that this one learns from.

    Raises:
        SpaceTooSmall: nothing new is left in the space.
        TemplateError: the template cannot be rendered.
    """
    template = template_of(snapshot, sampling.template)
    learner = sampling.learners[bracket]
    name = learner.sampler
    found = of_largest_budget(list(observations(snapshot, learner.learns)))
    seed = derived_seed(sampling.seed, "propose", bracket)
    model = Model(name, seed, found, template.draw) if found else None
    drawer = Drawer(template.draw, Generator(seed), seen_in(snapshot, but_of=bracket))
    number = snapshot.plan.stage(bracket, 0).configurations
    chance = Generator(derived_seed(seed, "chance"))
    configurations = []
    for config in range(number):
        by_chance = model is None or chance.unit() < learner.random_share
        drawn = drawer.draw(Slot(bracket, 0, config), None if by_chance else model)
        if drawn is None:
            raise too_small(drawer.seen.number, drawer.seen.number + number - config, drawer.seen.rejected)
        configurations.append(Drawn(drawn.text, drawn.record, "random" if by_chance else name))
    return drawn_text(name, configurations, describe_found(found))
