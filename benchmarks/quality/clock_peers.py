"""Other ways to search, on simulated workers, all of them asynchronous: a free worker never waits."""

import heapq
import importlib
from bisect import bisect, insort
from collections import deque
from dataclasses import dataclass

import numpy as np
import problems as P

BUDGETS = (1, 3, 9, 27, 81)


@dataclass
class Job:
    """One training run: of what, from which budget, to which one; ``of`` is whatever its method wants to know."""

    config: dict
    before: int
    budget: int
    of: object = None


def drawer(problem, rng):
    """Give a function that draws evenly, by numpy."""
    if hasattr(problem, "exists"):
        space = importlib.import_module("surrogate").Space(problem.name)
        return lambda: space.draw(rng)
    sample = importlib.import_module("run_hyperband").sample
    return lambda: sample(problem.space, rng)


class RandomAtR:
    """Random search at R."""

    def __init__(self, problem, seed):
        self.draw = drawer(problem, np.random.default_rng(seed))

    def next_job(self):
        return Job(self.draw(), 0, P.R)

    def ended(self, job, loss):
        """Learn nothing."""


class Asha:
    """ASHA (Li et al., MLSys 2020): promote what is among the best third of its rung, else draw at random."""

    def __init__(self, problem, seed, least):
        self.draw = drawer(problem, np.random.default_rng(seed))
        self.budgets = [budget for budget in BUDGETS if budget >= least]
        self.rungs = [[] for _ in self.budgets]  # (loss, number) of what has ended, the best first
        self.left = [[] for _ in self.budgets]  # those not promoted, with their configurations: a heap
        self.number = 0

    def next_job(self):
        for rung in reversed(range(len(self.budgets) - 1)):
            left = self.left[rung]
            if left and bisect(self.rungs[rung], left[0][:2]) <= len(self.rungs[rung]) // 3:
                _, number, config = heapq.heappop(left)
                return Job(config, self.budgets[rung], self.budgets[rung + 1], (rung + 1, number))
        self.number += 1
        return Job(self.draw(), 0, self.budgets[0], (0, self.number))

    def ended(self, job, loss):
        rung, number = job.of
        insort(self.rungs[rung], (loss, number))
        heapq.heappush(self.left[rung], (loss, number, job.config))


class Optuna:
    """TPE with the constant liar; with a pruner, a worker trains its trial on from stage to stage."""

    def __init__(self, problem, seed, pruner=""):
        optuna = self.optuna = importlib.import_module("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        chosen = optuna.pruners.NopPruner()
        if pruner == "hyperband":
            chosen = optuna.pruners.HyperbandPruner(1, P.R, 3)
        elif pruner == "asha":
            chosen = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
        self.stages = BUDGETS if pruner else (P.R,)
        sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self.study = optuna.create_study(sampler=sampler, pruner=chosen, study_name=f"s{seed}")
        self.problem, self.continued = problem, deque()

    def next_job(self):
        if self.continued:
            return self.continued.popleft()
        trial = self.study.ask()
        return Job(self._configuration(trial), 0, self.stages[0], (trial, 0))

    def _configuration(self, trial):
        config = {}
        for name, (kind, *spec) in self.problem.space.items():
            if not getattr(self.problem, "exists", lambda *_: True)(name, config):
                continue
            if kind in ("choice", "cat"):
                config[name] = trial.suggest_categorical(name, spec[0] if kind == "choice" else list(range(spec[0])))
            elif kind == "ord":
                config[name] = trial.suggest_int(name, 0, spec[0] - 1)
            else:
                suggest = trial.suggest_float if kind == "float" else trial.suggest_int
                config[name] = suggest(name, spec[0], spec[1], log=spec[2] if len(spec) > 2 else False)
        return config

    def ended(self, job, loss):
        trial, stage = job.of
        trial.report(loss, job.budget)
        if job.budget == P.R:
            self.study.tell(trial, loss)
        elif trial.should_prune():
            self.study.tell(trial, state=self.optuna.trial.TrialState.PRUNED)
        else:
            self.continued.append(Job(job.config, job.budget, self.stages[stage + 1], (trial, stage + 1)))
