"""Optuna's samplers: they are given results and asked for configurations."""

import importlib
import math
import statistics
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from ..core.plan import number_text
from ..core.tree.layout import Slot
from ..errors import HybandError
from ..extras import require
from ..space.draws import RenderedConfig
from ..space.generator import Source
from .names import JOINT
from .observations import Observation, Running
from .translate import Translator

EXTRAS = {"gp": "gp"}
BEST_TENTH = 10  # CMA-ES starts from the best tenth of its source trials, and fails if that is empty


def make_sampler(name: str, seed: int, trials: Sequence[Any] = ()) -> Any:
    """Make an Optuna sampler.

    Args:
        name: one of `OPTUNA`, or where to import it from.
        seed: the seed of its random numbers.
        trials: the results so far, which CMA-ES needs at the start.

    Raises:
        HybandError: it is not installed, or is not a sampler.
    """
    if "." in name:
        return _imported(name, seed)
    samplers = require("optuna", "optuna").samplers
    if name == "tpe":
        return samplers.TPESampler(seed=seed, n_startup_trials=0, multivariate=True, group=True, constant_liar=True)
    if name == "gp":
        require("torch", EXTRAS[name])
        return samplers.GPSampler(seed=seed, n_startup_trials=0, deterministic_objective=False)
    require("cmaes", "optuna")
    return samplers.CmaEsSampler(
        seed=seed, n_startup_trials=0, source_trials=_common(trials) or None, warn_independent_sampling=False
    )


def _imported(path: str, seed: int) -> Any:
    """Make a sampler by calling a class or function of another package with a seed."""
    module, _, name = path.rpartition(".")
    try:
        sampler = getattr(importlib.import_module(module), name)(seed=seed)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever the other package raises)
        raise HybandError(
            f"The sampler {path} could not be made: {type(error).__name__}: {error}.\n  Expected something "
            "importable that returns an Optuna sampler when called with seed=NUMBER, such as "
            "optuna.samplers.NSGAIISampler or a function of your own installed module."
        ) from None
    if not isinstance(sampler, require("optuna", "optuna").samplers.BaseSampler):
        raise HybandError(f"The sampler {path} gives {type(sampler).__name__}, which is not an Optuna sampler.")
    return sampler


def _common(trials: Sequence[Any]) -> list[Any]:
    """Keep only the numbers that all trials have: CMA-ES models these, and its source trials must contain nothing else.

    If there are few trials, each is repeated.
    """
    trial = require("optuna.trial", "optuna")
    spaces = [set(one.distributions.items()) for one in trials]
    shared = dict(set.intersection(*spaces)) if spaces else {}
    names = [n for n, d in shared.items() if type(d).__name__ != "CategoricalDistribution" and not d.single()]
    sources = [
        trial.create_trial(
            value=one.value,
            params={name: one.params[name] for name in names},
            distributions={name: shared[name] for name in names},
        )
        for one in trials
        if names
    ]
    return sources * math.ceil(BEST_TENTH / len(sources)) if sources else []


def check_installed(name: str) -> None:
    """Report missing packages of a sampler now rather than in the middle of the search.

    Raises:
        HybandError: one is not installed.
    """
    if name == JOINT:
        require("optuna", "optuna")
        require("scipy.linalg", "optuna")
        return
    with warnings.catch_warnings(action="ignore"):
        make_sampler(name, 0)


class Model:
    """A sampler that has learned from observations at one budget. Call it to render a configuration that it proposes.

    Args:
        name: the name of a sampler that `learns`.
        seed: the sampler's seed.
        found: what it learns from; a failed training run counts as the worst result. For a Gaussian process, bad
            results are capped.
        template: renders a configuration with chosen values for named parameters.
        running: configurations that it sees as running trials, which Optuna's samplers can deal with.
    """

    def __init__(
        self,
        name: str,
        seed: int,
        found: Sequence[Observation],
        template: Callable[[Slot, Source, Any], RenderedConfig],
        running: Sequence[Running] = (),
    ) -> None:
        self._optuna = require("optuna", "optuna")
        self._template = template
        self._translator = Translator()
        self.failure = ""  # the sampler's exception, if it failed
        self._optuna.logging.set_verbosity(self._optuna.logging.ERROR)
        losses = [one.loss for one in found if one.loss is not None]
        worst = max(losses, default=0.0)
        cap = _cap(losses) if name == "gp" and losses else math.inf
        trials = [self._trial(one, min(worst if one.loss is None else one.loss, cap)) for one in found]
        with warnings.catch_warnings(action="ignore"):  # users need not know which options are experimental
            self._study = self._optuna.create_study(sampler=make_sampler(name, seed, trials))
        self._study.add_trials([*trials, *map(self._trial, running)])

    def _trial(self, one: Observation | Running, loss: float | None = None) -> Any:
        """Make an Optuna trial, which is running if it has no loss."""
        params, distributions = self._translator.encode(one.values, one.space)
        states = self._optuna.trial.TrialState
        state = states.RUNNING if loss is None else states.COMPLETE
        return self._optuna.trial.create_trial(state=state, value=loss, params=params, distributions=distributions)

    def __call__(self, slot: Slot, source: Source) -> RenderedConfig:
        """Render what the sampler proposes next. It remembers its earlier proposals as running.

        After a failure, draw at random: a search must not get stuck because a sampler cannot handle its space.
        """
        if self.failure:
            return self._template(slot, source, None)
        try:
            with warnings.catch_warnings(action="ignore"):
                trial = self._asked(self._study.ask)
                suggest = partial(self._translator.suggest, trial)
                drawn = self._template(slot, source, lambda name, one: self._asked(partial(suggest, name, one)))
        except Exception:  # a mistake in the template is raised again
            if not self.failure:
                raise
            return self._template(slot, source, None)
        if drawn.rejected:
            with suppress(RuntimeError):  # a sampler that has tried everything wants to stop the study's loop
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
        return drawn

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Ask the sampler for something, and record if it fails."""
        try:
            return ask()
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
            raise


def _cap(losses: Sequence[float]) -> float:
    """Give the cap on losses for a Gaussian process: as far above the median as the best is below it.

    Otherwise a few diverged training runs would dominate what it sees.

    >>> _cap([1.0, 2.0, 3.0, 4.0, 1000.0])
    5.0
    """
    middle = statistics.median_high(losses)
    return middle + (middle - min(losses))


def describe_found(found: Sequence[Observation], running: Sequence[Running]) -> Mapping[str, Any]:
    """Describe what a model learns from, as data for the proposal: which results, and how many were running."""
    budgets = sorted({one.budget for one in found})
    texts = [number_text(budget) for budget in budgets]
    learned: dict[str, Any] = {"budget": texts[0]} if len(texts) == 1 else {"budgets": texts} if texts else {}
    return learned | {"results": len(found)} | ({"running": len(running)} if running else {})


def check_named(drawn: RenderedConfig, sampler: str) -> None:
    """Refuse templates that no sampler can learn from.

    Raises:
        HybandError: nothing was drawn by name.
    """
    if drawn.identity is None or drawn.record is None:
        raise HybandError(
            f"the sampler {sampler} needs named parameters, and the configuration template draws none.\n"
            "  Write for example choice('solver', ['lbfgs', 'saga']) instead of ['lbfgs', 'saga'] | random. "
            "Nothing was written."
        )
