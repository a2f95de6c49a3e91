"""Our searches on simulated workers: the package's own plan, learners, priorities, draws, samplers and promotions."""

import heapq
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from types import SimpleNamespace

import problems as P
from clock_peers import Job
from run_ours import BRACKETS, RANDOM_SHARE, Search

from hyperband_snakemake.core.halving import ranking
from hyperband_snakemake.core.plan import Plan, Settings
from hyperband_snakemake.core.run.priorities import ranks
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import Outcome, Status
from hyperband_snakemake.core.tree.proposals import Learner
from hyperband_snakemake.planning.growth import at_full_budget
from hyperband_snakemake.samplers.joint.sampler import Joint
from hyperband_snakemake.samplers.models import Model
from hyperband_snakemake.samplers.observations import Observation, Running, to_learn_from
from hyperband_snakemake.samplers.sobol import SobolRender
from hyperband_snakemake.space.distinct import Drawer
from hyperband_snakemake.space.generator import Generator, derived_seed
from hyperband_snakemake.writing.learners import learners_of

REFINE = ("refine", "refine-late")


@dataclass(frozen=True)
class Planned:
    """What plan.json and sampler.json would hold, and which brackets are spread evenly."""

    plan: Plan
    learners: dict
    sobol: frozenset


def planned(steps, parameters, parallel, trials):
    """Plan a search by steps as run_ours.py knows them; the last one, if it is `refine`, has so many trials.

    Each step is added as `hyband extend` and `hyband refine` add it, with the learners that they write. `refine-late`
    waits for all brackets before it, as earlier versions did.
    """
    plan, learners, sobol = Plan(Settings(4, 3, resume=True), ()), {}, set()
    for word in steps.split(","):
        name, _, sampler = word.partition(":")
        known = tuple(bracket.index for bracket in plan.brackets)
        if name in REFINE:
            plan = at_full_budget(plan, [1] * trials)
        else:
            shapes = range(5) if name == "hb" else [int(name[1:])]
            kind = BRACKETS["f" if name[0] == "f" else "b"]
            new = [replace(kind[shape], index=len(known) + i) for i, shape in enumerate(shapes)]
            plan = Plan(plan.settings, (*plan.brackets, *new))
        new = [bracket.index for bracket in plan.brackets if bracket.index not in known]
        if sampler == "sobol":
            sobol.update(new)
        elif sampler and known:
            by = Learner(sampler, 0.0 if name in REFINE else RANDOM_SHARE, known)
            made = learners_of(plan, new, by, parameters, parallel=parallel if name in REFINE else 1)
            if name == "refine-late":
                made = {bracket: replace(one, until=Fraction(P.R)) for bracket, one in made.items()}
            learners |= made
    return Planned(plan, learners, frozenset(sobol))


class Ours:
    """A search as Snakemake runs it; what a bracket learns from is fixed by the plan."""

    def __init__(self, problem, seed, what):
        self.plan, self.learners, self.sobol = what.plan, what.learners, what.sobol
        self.seed, self.template = seed, Search(SimpleNamespace(p=problem), seed).template
        self.drawer = Drawer(self.template, Generator(seed))
        self.slots, self.losses, self.ready = {}, {}, []
        self.left = Counter({(b.index, s.index): s.configurations for b in self.plan.brackets for s in b.stages})
        self.ranks = ranks(self.plan, self.learners)
        self.waits = {}
        for bracket, one in self.learners.items():
            stages = {(b, stage.index) for b, stage in one.awaited(self.plan)}
            self.waits[bracket] = stages | {(b, "proposal") for b in (*one.learns, *one.beside) if b in self.learners}
        for bracket in self.plan.brackets:
            if bracket.index not in self.learners:
                self._open(bracket.index, 0, self._drawn_now(bracket))
        self._propose()

    def next_job(self):
        """Give the training run of the highest priority that is ready; None if there is none."""
        if not self.ready:
            return None
        _, *at = heapq.heappop(self.ready)
        slot = Slot(*at)
        stages = self.plan.bracket(slot.bracket).stages
        before = int(stages[slot.stage - 1].budget) if slot.stage else 0
        return Job(self.slots[slot].data["values"], before, int(stages[slot.stage].budget), slot)

    def ended(self, job, loss):
        slot = job.of
        self.losses[slot] = loss
        key = (slot.bracket, slot.stage)
        self.left[key] -= 1
        if self.left[key]:
            return
        stages = self.plan.bracket(slot.bracket).stages
        if slot.stage + 1 < len(stages):
            here = [Slot(*key, config) for config in range(stages[slot.stage].configurations)]
            order = ranking.rank([Outcome(Status.COMPLETED, self.losses[one]) for one in here])
            best = [self.slots[here[config]] for config in order]
            self._open(slot.bracket, slot.stage + 1, best[: stages[slot.stage + 1].configurations])
        self._end(key)

    def _end(self, key):
        for others in self.waits.values():
            others.discard(key)
        self._propose()

    def _propose(self):
        while free := [bracket for bracket, others in self.waits.items() if not others]:
            for bracket in free:
                del self.waits[bracket]
                self._open(bracket, 0, self._proposed(bracket))
                for others in self.waits.values():
                    others.discard((bracket, "proposal"))

    def _open(self, bracket, stage, drawn):
        for config, one in enumerate(drawn):
            self.slots[Slot(bracket, stage, config)] = one
            heapq.heappush(self.ready, (-self.ranks[bracket, stage], bracket, stage, config))

    def _drawn_now(self, bracket):
        number = bracket.index
        first = SobolRender(self.template, self.seed, number) if number in self.sobol else None
        return [self.drawer.draw(Slot(number, 0, c), first) for c in range(bracket.stages[0].configurations)]

    def _proposed(self, bracket):
        """As samplers/propose.py, from memory."""
        learner, number = self.learners[bracket], self.plan.stage(bracket, 0).configurations
        found, running = self._learned(learner, bracket)
        seed, model = derived_seed(self.seed, "propose", bracket), None
        if found and learner.sampler == "joint":
            model = Joint(seed, found, self.template, running, self.plan.top)
        elif found:
            model = Model(learner.sampler, seed, found, self.template, running)
        drawer = Drawer(self.template, Generator(seed), self.drawer.seen)
        chance = Generator(derived_seed(seed, "chance"))
        by = [None if model is None or chance.unit() < learner.random_share else model for _ in range(number)]
        return [drawer.draw(Slot(bracket, 0, config), one) for config, one in enumerate(by)]

    def _learned(self, learner, bracket):
        own = self.plan.stage(bracket, 0).budget
        ended = [
            Observation(slot, self._budget(slot), self.losses[slot], one["values"], one["space"])
            for slot, one in self._there(learner.learns)
            if slot in self.losses and self._budget(slot) <= learner.until
        ]
        joint = learner.sampler == "joint"
        found = ended if joint else to_learn_from(ended, own if own == P.R else None)
        aside = learner.beside if joint or (found and found[0].budget > own) else (*learner.learns, *learner.beside)
        if learner.until < own:
            aside = [b for b in aside if self.plan.stage(b, 0).budget == own]
        known = [one.values for one in found]
        there = [one for slot, one in self._there(aside) if self._budget(slot) == own and one["values"] not in known]
        return found, [Running(one["values"], one["space"]) for one in there]

    def _budget(self, slot):
        return self.plan.stage(slot.bracket, slot.stage).budget

    def _there(self, brackets):
        """All configurations of these brackets, in numerical order."""
        slots = sorted((s for s in self.slots if s.bracket in brackets), key=lambda s: (s.bracket, s.stage, s.config))
        return [(slot, self.slots[slot].data) for slot in slots]


def parameters_of(problem, seed):
    """Count the most parameters that a configuration has, as seen in the first bracket."""
    draw, source = Search(SimpleNamespace(p=problem), seed).template, Generator(seed)
    return max(len(draw(Slot(0, 0, 0), source).data["space"]) for _ in range(81))


class InTurn:
    """Hyperband with random sampling: one iteration after the other, each added when the last has ended."""

    def __init__(self, problem, seed):
        self.problem, self.seed, self.number = problem, seed, -1
        self._next()

    def _next(self):
        self.number += 1
        what = planned("hb", 1, 1, 0)
        self.now = Ours(self.problem, derived_seed(self.seed, self.number), what)
        self.open = sum(self.now.left.values())

    def next_job(self):
        return self.now.next_job()

    def ended(self, job, loss):
        self.now.ended(job, loss)
        self.open -= 1
        if not self.open:
            self._next()
