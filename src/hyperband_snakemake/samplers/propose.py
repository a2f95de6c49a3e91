"""Proposing configurations from the results of other brackets; called by a search's program ``propose``."""

from pathlib import Path

from ..core.disk.files import write
from ..core.halving.lost_proposal import CopyIsMissing, is_lost, restore_proposal
from ..core.tree import layout
from ..core.tree.configurations import Drawn, Proposal, proposal_text, read_proposal
from ..core.tree.layout import Slot
from ..core.tree.proposals import Learner, SamplerFile, read_sampling
from ..errors import HybandError
from ..snapshot.scan import Snapshot, scan
from ..snapshot.template import seen_in, template_of
from ..space.distinct import Drawer, Render
from ..space.generator import Generator, derived_seed
from .joint.sampler import Joint
from .models import Model, describe_found
from .names import JOINT
from .observations import Observation, Running, observations, to_learn_from, unknown_to
from .priors import as_expected


def write_proposal(search: Path, bracket: int) -> None:
    """Propose the configurations of a bracket and write them into the search, unless that was done meanwhile.

    If something was already trained in it, nothing is drawn: the proposal was lost, and is restored from the copies.

    Raises:
        HybandError: they cannot be proposed.
    """
    sampling = read_sampling(search)
    for before in sampling.learners[bracket].beside if sampling else ():
        if read_proposal(before, search) is None:  # programs of an earlier version do not wait for it
            write_proposal(search, before)
    snapshot = scan(search)
    assert snapshot.sampling is not None
    if is_lost(snapshot.plan, bracket, search):
        try:
            print(restore_proposal(snapshot.plan, bracket, snapshot.sampling.learners[bracket].sampler, search))
        except CopyIsMissing as error:
            raise HybandError(str(error)) from None
        return
    text = propose(snapshot, snapshot.sampling, bracket)
    if read_proposal(bracket, search) is None:  # a process of a killed run may have been faster
        path = search / layout.proposal_path(bracket)
        path.parent.mkdir(exist_ok=True)
        write(path, text)


def propose(snapshot: Snapshot, sampling: SamplerFile, bracket: int) -> str:
    """Draw the configurations of a bracket's stage 0: a share at random, the rest as the model proposes.

    They depend only on the seed and on the results of the brackets that this one learns from.

    If nothing new is left in the space, the list is shorter than the stage, ``empty`` says why, and the remaining slots
    stay empty.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    template = template_of(snapshot, sampling.template)
    learner = sampling.learners[bracket]
    name = learner.sampler
    found, running = _learned(snapshot, learner, bracket)
    seed = derived_seed(sampling.seed, "propose", bracket)
    model: Model | Joint | None = None
    if found and name == JOINT:
        model = Joint(seed, found, template.draw, running, snapshot.plan.top)
    elif found:
        model = Model(name, seed, found, template.draw, running)
    drawer = Drawer(template.draw, Generator(seed), seen_in(snapshot, but_of=bracket))
    number = snapshot.plan.stage(bracket, 0).configurations
    chance = Generator(derived_seed(seed, "chance"))
    ways: dict[str, Render | None] = {name: model, "random": None, "prior": as_expected(template.draw)}
    configurations = []
    for config in range(number):
        by = "random" if model is None else _who(learner, chance.unit())
        drawn = drawer.draw(Slot(bracket, 0, config), ways[by])
        if drawn is None and template.tells_slots_apart:  # the next slot may yield something else
            continue
        if drawn is None:
            break
        by = "random" if by == name and model and model.failure else by
        configurations.append(Drawn(drawn.text, drawn.record, by))
    failed = empty = ""
    if model and model.failure:
        failed = f"the sampler {name} failed, so all that came after is random: {model.failure}"
    if len(configurations) < number:
        empty = _why_empty(snapshot.path / layout.SPACE / sampling.template, drawer.seen.rejected)
    return proposal_text(name, Proposal(tuple(configurations), empty, failed), describe_found(found, running))


def _who(learner: Learner, unit: float) -> str:
    """Choose who proposes, by an even number from 0 to 1: a share is random, one of the others follows priors."""
    if unit < learner.random_share:
        return "random"
    priors = (1 - learner.random_share) * learner.prior_share
    return "prior" if unit < learner.random_share + priors else learner.sampler


def _learned(snapshot: Snapshot, learner: Learner, bracket: int) -> tuple[list[Observation], list[Running]]:
    """Find what a bracket's model learns from, and which configurations it sees as running.

    The latter are proposals made in parallel and, unless the model learns from a larger budget, all configurations at
    the same budget without a result that it learns from. If it does not wait for results at that budget, it is a matter
    of timing which configurations were promoted to it, so only those count that began there.
    """
    budget, until = snapshot.plan.stage(bracket, 0).budget, learner.until
    ended = [one for one in observations(snapshot, learner.learns) if until is None or one.budget <= until]
    if learner.sampler == JOINT:
        return ended, unknown_to(ended, snapshot, learner.beside, budget)
    found = to_learn_from(ended, budget if budget == snapshot.plan.top else None)
    others = learner.beside if found and found[0].budget > budget else (*learner.learns, *learner.beside)
    if until is not None and until < budget:
        others = tuple(b for b in others if snapshot.plan.stage(b, 0).budget == budget)
    return found, unknown_to(found, snapshot, others, budget)


def _why_empty(template: Path, rejected: str) -> str:
    others = f" Others were rejected: {rejected}" if rejected else ""
    return f"{template} yields no other new configuration.{others}"
