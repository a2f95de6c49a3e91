"""Our searches on the problems of problems.py, in one process: the package's own plan, draws, samplers and promotions.

    python run_ours.py mfh3_good,digits 1000:30 4050 'hb,refine:tpe' 'b0,b1,refine:gp'  # 30 seeds from 1000 on

A recipe is a list of steps; the last one is repeated until the budget is used up. A step is ``b0`` ... ``b4``, a
bracket of Hyperband, drawn at random (``b0:sobol``: evenly; ``b0:tpe``: proposed by a model, a quarter at random);
``f0`` ... ``f4``, the same with ``--bracket-sizes floor``; ``hb``, all five of ``b``; or ``refine:tpe``, one trial at
the largest budget, proposed by a model (``refine:tpe+joint``: by two of them in turn;
``refine:tpe:25``: 25 % of them at random).
"""

import json
import sys
import time
from fractions import Fraction

import problems as P

from hyperband_snakemake.core.halving import ranking
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.outcome import Outcome, Status
from hyperband_snakemake.samplers.joint.sampler import Joint
from hyperband_snakemake.samplers.models import Model
from hyperband_snakemake.samplers.observations import Observation, Running, to_learn_from
from hyperband_snakemake.samplers.priors import as_expected, expected_share, share_after
from hyperband_snakemake.samplers.sobol import SobolRender
from hyperband_snakemake.space import draws
from hyperband_snakemake.space.distinct import Drawer
from hyperband_snakemake.space.draws import Drawing
from hyperband_snakemake.space.generator import Generator, derived_seed

BRACKETS = {
    "b": make_plan(Settings(4, 3)).brackets,
    "f": make_plan(Settings(4, 3, bracket_sizes="floor")).brackets,
}
RANDOM_SHARE = 0.25
draws.record_text = json.dumps  # nobody reads these records, and indenting them takes long


class Search:
    def __init__(self, log, seed):
        self.log, self.seed = log, seed
        self.found = []
        self.drawer = Drawer(self.template, Generator(seed))
        self.number = 0
        self.follows_priors = getattr(log.p, "follows_priors", False)

    def template(self, _, source, choose=None):
        drawing = Drawing(source, choose)
        for name, (kind, *ends) in self.log.p.space.items():
            if not getattr(self.log.p, "exists", lambda *_: True)(name, drawing._shown):
                continue
            prior = getattr(self.log.p, "prior", {}).get(name)
            if kind == "float":
                drawing.uniform(name, *ends, prior=prior)
            elif kind == "int":
                drawing.integer(name, *ends, prior=prior)
            elif kind == "choice":
                drawing.choice(name, *ends, prior=prior)
            else:
                getattr(drawing, "ordinal" if kind == "ord" else "choice")(name, list(range(ends[0])))
        return drawing.finish(json.dumps(drawing._shown))

    def train(self, drawn, inst, budget):
        result = self.log(drawn.data["values"], budget, inst=inst)
        data = drawn.data
        self.found.append(Observation(Slot(0, 0, 0), Fraction(budget), result, data["values"], data["space"]))
        return result

    def model(self, name, budget):
        if name == "joint":
            seed = derived_seed(self.seed, self.number)
            return Joint(seed, self.found, self.template, [], Fraction(P.R)) if self.found else None
        found = to_learn_from(self.found, Fraction(budget) if budget == P.R else None)
        if not found:
            return None
        known = [one.values for one in found]
        others = [one for one in self.found if one.budget == budget and one.values not in known]
        running = [Running(one.values, one.space) for one in others] if found[0].budget <= budget else []
        return Model(name, derived_seed(self.seed, self.number), found, self.template, running)

    def bracket(self, kind, b, sampler):
        first = SobolRender(self.template, self.seed, self.number) if sampler == "sobol" else None
        stages = BRACKETS[kind][b].stages
        model = self.model(sampler, stages[0].budget) if sampler not in ("", "sobol") else None
        chance = Generator(derived_seed(self.seed, self.number, "chance"))
        live = []
        for _ in range(stages[0].configurations):
            by = self.chosen(model, RANDOM_SHARE, chance) if model is not None else first
            self.number += 1
            live.append((self.drawer.draw(Slot(b, 0, 0), by), self.number))
        for stage in stages:
            live = live[: stage.configurations]
            results = [self.train(drawn, inst, int(stage.budget)) for drawn, inst in live]
            order = ranking.rank([Outcome(Status.COMPLETED, result) for result in results])
            live = [live[c] for c in order]

    def chosen(self, model, random_share, chance):
        """Choose who proposes, as the package does: chance, the priors of the space, or the model."""
        unit, results = chance.unit(), sum(one.budget == P.R for one in self.found)
        prior = share_after(expected_share([self.found[0].space]) if self.follows_priors else 0.0, results)
        if unit < random_share:
            return None
        return as_expected(self.template) if unit < random_share + (1 - random_share) * prior else model

    def step(self, word):
        name, _, sampler = word.partition(":")
        sampler, _, percent = sampler.partition(":")
        if name == "hb":
            for b in range(5):
                self.bracket("b", b, sampler)
        elif name == "refine":
            self.number += 1
            in_turn = sampler.split("+")
            sampler = in_turn[self.number % len(in_turn)]
            chance = Generator(derived_seed(self.seed, self.number, "chance"))
            by = self.chosen(self.model(sampler, P.R), float(percent or 0) / 100, chance)
            self.train(self.drawer.draw(Slot(9, 0, 0), by), self.number, P.R)
        else:
            self.bracket(name[0], int(name[1:]), sampler)


def search(log, seed, recipe):
    """Search by a recipe until the log says that the budget is used up.

    Raises:
        problems.Stop: it is.
    """
    one, steps = Search(log, seed), recipe.split(",")
    for word in steps[:-1]:
        one.step(word)
    while True:
        one.step(steps[-1])


def run(problem, seed, budget, recipe):
    log = P.Log(problem, budget)
    try:
        search(log, seed, recipe)
    except P.Stop:
        return log.rows


if __name__ == "__main__":
    names, budget = sys.argv[1].split(","), float(sys.argv[3])
    first, _, number = sys.argv[2].rpartition(":")
    seeds = range(int(first or 0), int(first or 0) + int(number))
    for name in names:
        for recipe in sys.argv[4:]:
            begin, runs = time.time(), []
            for seed in seeds:
                runs.append(run(P.get(name, seed), seed, budget, recipe))
                data = {"problem": name, "algo": f"ours {recipe}", "runs": runs, "secs": time.time() - begin}
                with open(f"out/{name}__ours {recipe.replace(':', ' ')}.json", "w") as file:
                    json.dump(data, file)
            print(name, recipe, round(time.time() - begin, 1), flush=True)
