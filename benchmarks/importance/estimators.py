"""Estimators of importance: what the report uses, and what it was compared with.

Each takes a `Search` and returns the importance of each parameter. All see the same scores: the rank of a result among
those trained with the same budget. A configuration that lacks a parameter has a random value there for those that need
one.
"""

import random
import warnings
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

import numpy as np
import optuna
from problems import Search
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestRegressor

from hyperband_snakemake.report.importance import Importance, Parameter, importances

MOST = 600  # configurations that fANOVA and the forest look at, chosen at random
optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def scores_of(search: Search) -> np.ndarray:
    """Share of those trained with the same budget that were better, in percent; NaN for those that failed."""
    scores = np.full(len(search.results), np.nan)
    for budget in np.unique(search.budgets):
        own = np.flatnonzero((search.budgets == budget) & ~np.isnan(search.results))
        if len(own) > 1:
            scores[own] = 100 * (rankdata(search.results[own]) - 1) / (len(own) - 1)
    return scores


def parameters_of(search: Search) -> list[Parameter]:
    """The parameters as the report knows them."""
    found = []
    for name in search.problem.names:
        has_levels = name in search.problem.levels
        kind = str if has_levels else float
        read: Callable[[Any], Any] = (lambda value: f"level {value:.0f}") if has_levels else float
        values = {str(i): read(value) for i, value in enumerate(search.values[name]) if not np.isnan(value)}
        found.append(Parameter(name, kind, values, tuple(sorted(set(values.values()))) if has_levels else ()))
    return found


def judged(search: Search) -> dict[str, Importance]:
    """What the report says."""
    scores = scores_of(search)
    known = {str(i): float(score) for i, score in enumerate(scores) if not np.isnan(score)}
    return importances(parameters_of(search), known)


def ours(search: Search) -> dict[str, float]:
    """The share that a parameter predicts of configurations left out, with interactions."""
    return {name: one.share for name, one in judged(search).items()}


def _complete(search: Search) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng, scores = np.random.default_rng(0), scores_of(search)
    known = np.flatnonzero(~np.isnan(scores))
    known = rng.permutation(known)[:MOST]
    values = {}
    for name in search.problem.names:
        column = search.values[name][known].copy()
        absent = np.isnan(column)
        column[absent] = rng.choice(column[~absent], absent.sum())
        values[name] = column
    return values, scores[known]


def impurity(search: Search) -> dict[str, float]:
    """Mean decrease in impurity of a forest of scikit-learn."""
    values, scores = _complete(search)
    forest = RandomForestRegressor(100, min_samples_leaf=3, random_state=0)
    forest.fit(np.column_stack(list(values.values())), scores)
    return dict(zip(values, map(float, forest.feature_importances_), strict=True))


def fanova(search: Search) -> dict[str, float]:
    """Optuna's fANOVA, as it comes."""
    values, scores = _complete(search)
    kinds, levels = optuna.distributions, search.problem.levels
    space = {
        name: kinds.CategoricalDistribution(tuple(range(levels[name])))
        if name in levels
        else kinds.FloatDistribution(float(column.min()), float(column.max()))
        for name, column in values.items()
    }
    study = optuna.create_study()
    for i, score in enumerate(scores):
        params = {name: int(c[i]) if name in levels else float(c[i]) for name, c in values.items()}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=space, value=float(score)))
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return {k: float(v) for k, v in optuna.importance.get_param_importances(study, evaluator=evaluator).items()}


def pedanova(search: Search) -> dict[str, float]:
    """Optuna's PED-ANOVA on the best tenth, for each parameter alone, less the mean over shuffled scores."""
    scores = scores_of(search)
    raw = {}
    for parameter in parameters_of(search):
        known = [i for i in parameter.values if not np.isnan(scores[int(i)])]
        rng = random.Random(0)
        used, right = [parameter.values[i] for i in known], [float(scores[int(i)]) for i in known]
        shuffles = min(20, max(2, 12_000 // len(known)))
        chance = fmean(_ped(parameter, used, rng.sample(right, len(right))) for _ in range(shuffles))
        raw[parameter.name] = max(0.0, _ped(parameter, used, right) - chance)
    total = sum(raw.values()) or 1.0
    return {name: value / total for name, value in raw.items()}


def _ped(parameter: Parameter, used: list[Any], scores: list[float]) -> float:
    kinds, name = optuna.distributions, parameter.name
    space = (
        kinds.CategoricalDistribution(parameter.levels)
        if parameter.levels
        else kinds.FloatDistribution(float(min(used)), float(max(used)))
    )
    study = optuna.create_study()
    make = optuna.trial.create_trial
    pairs = zip(used, scores, strict=True)
    study.add_trials([make(params={name: u}, distributions={name: space}, value=s) for u, s in pairs])
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=[name], normalize=False)
    return float(np.nan_to_num(found[name]))


ESTIMATORS: Mapping[str, Callable[[Search], dict[str, float]]] = {
    "ours": ours,
    "fanova": fanova,
    "impurity": impurity,
    "pedanova": pedanova,
}
