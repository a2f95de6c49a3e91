"""A search as a study of Optuna, for its dashboard: a trial for each configuration, brought up to date."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

from ..core.tree.layout import Slot
from ..errors import HybandError
from ..extras import require
from ..snapshot.scan import Snapshot
from ..space.configurations import read_configuration
from ..space.draws import RenderedConfig
from ..space.parameters import read_parameters
from .histories import History, courses
from .study import SLOT
from .translate import Parts, Translator

_AGAIN = re.compile(r" \(\d+\)$")


@dataclass
class Exported:
    """How many trials were added, how many brought up to date, and how many Optuna had closed before they changed."""

    added: int = 0
    updated: int = 0
    closed: int = 0


def export_search(snapshot: Snapshot, study: Any) -> Exported:
    """Add to a study what is new in a search, a trial for each configuration.

    Results of lower stages are intermediate values, at the budget as step. Failed trainings are failed trials. Do it
    again while the search runs: what is in the study already is brought up to date.

    Raises:
        HybandError: the study holds trials of another search.
    """
    steps = _steps(snapshot)
    known = {t.user_attrs[SLOT]: t for t in study.get_trials(deepcopy=False) if SLOT in t.user_attrs}
    parameters = _Parameters(snapshot)
    for slot, trial in known.items():  # in the order in which they were named
        if not parameters.take_names_if_same(slot, trial):
            raise HybandError(
                f"the study {study.study_name} holds trials of another search: {slot} is another configuration there. "
                "Give this search a study of its own with --study. Nothing was changed."
            )
    done = Exported()
    for course in courses(snapshot):
        values = {steps[budget]: o.result for budget, o in course.outcomes if o.result is not None}
        if (old := known.get(str(course.born))) is None:
            _add(study, course, values, *parameters.of(str(course.born)))
            done.added += 1
        elif not old.state.is_finished():
            done.updated += _go_on(study, old, course, values)
        else:
            done.closed += (old.state.name, old.value) != (course.state, course.value)
    return done


def _add(study: Any, course: History, values: Mapping[int, float], params: Parts, distributions: Parts) -> None:
    optuna = require("optuna.trial", "optuna")
    study.add_trial(
        optuna.create_trial(
            state=optuna.TrialState[course.state],
            value=course.value,
            params=params,
            distributions=distributions,
            intermediate_values=values,
            user_attrs={SLOT: str(course.born)},
        )
    )


def _go_on(study: Any, old: Any, course: History, values: Mapping[int, float]) -> bool:
    """Tell a trial that runs what is new; whether anything is."""
    optuna = require("optuna.trial", "optuna")
    trial = optuna.Trial(study, old._trial_id)  # noqa: SLF001 (a trial that was not asked for)
    more = {step: value for step, value in values.items() if step not in old.intermediate_values}
    for step, result in more.items():
        trial.report(result, step)
    if course.state != "RUNNING":
        study.tell(trial, course.value, state=optuna.TrialState[course.state])
    return bool(more) or course.state != "RUNNING"


def _steps(snapshot: Snapshot) -> Mapping[Fraction, int]:
    """Give each budget its step: itself, or its rank where budgets are no whole numbers."""
    budgets = sorted({stage.budget for _, stage, _, _ in snapshot.slots()})
    whole = all(budget.denominator == 1 for budget in budgets)
    return {budget: int(budget) if whole else rank for rank, budget in enumerate(budgets)}


class _Parameters:
    """Parameters of the configurations: those recorded, or else those that their text shows.

    Optuna wants the same choices under a name every time, and the same kind and scale of numbers. Where a text shows
    what does not fit, its parameter is another one: ``net (2)``.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._translator = Translator()
        self._values: dict[str, set[Any]] | None = None
        self._given: Parts = {}  # distributions that what texts show has to fit

    def take_names_if_same(self, born: str, trial: Any) -> bool:
        """Keep the names that a trial's parameters have in the study, if it has those of this configuration.

        Returns:
            Whether it has.
        """
        drawn = read_configuration(self._snapshot.path, Slot.parse(born))
        if drawn is None:
            return False
        if drawn.record is not None:
            return self._encode(drawn)[0] == dict(trial.params)
        self._given |= trial.distributions
        return {_AGAIN.sub("", name): value for name, value in trial.params.items()} == read_parameters(drawn.text)

    def of(self, born: str) -> tuple[Parts, Parts]:
        """Values and distributions of Optuna."""
        drawn = read_configuration(self._snapshot.path, Slot.parse(born))
        if drawn is None:
            return {}, {}
        if drawn.record is not None:
            return self._encode(drawn)
        named = {self._named(name, value): value for name, value in read_parameters(drawn.text).items()}
        return named, {name: self._given[name] for name in named}

    def _encode(self, drawn: RenderedConfig) -> tuple[Parts, Parts]:
        data = drawn.data
        return self._translator.encode(data["values"], data["space"])

    def _named(self, name: str, value: Any) -> str:
        """Find the name under which the study can take a value."""
        new = _range(self._known[name])
        names = (name if n == 1 else f"{name} ({n})" for n in count(1))
        for one in names:
            fitting = _widened(self._given[one], value) if one in self._given else new
            if fitting is not None:
                self._given[one] = fitting
                return one
        raise AssertionError  # names do not end

    @property
    def _known(self) -> dict[str, set[Any]]:
        """All values of each parameter in the whole search; distributions that are recorded are kept on the way."""
        if self._values is None:
            self._values = {}
            for slot, *_ in self._snapshot.slots():
                drawn = read_configuration(self._snapshot.path, slot) if slot.stage == 0 else None
                if drawn and drawn.record is not None:
                    self._given = self._encode(drawn)[1] | self._given
                for name, value in read_parameters(drawn.text).items() if drawn else ():
                    self._values.setdefault(name, set()).add(value)
        return self._values


def _widened(old: Any, value: Any) -> Any:
    """Give a distribution as Optuna takes it for a second one under the same name, with this value; None: it cannot be.

    >>> from optuna.distributions import FloatDistribution
    >>> _widened(FloatDistribution(0.001, 0.1, log=True), 1), _widened(FloatDistribution(0.001, 0.1, log=True), -1)
    (FloatDistribution(high=1.0, log=True, low=0.001, step=None), None)
    """
    if hasattr(old, "choices"):
        return old if any(type(one) is type(value) and one == value for one in old.choices) else None
    kinds = (int,) if type(old).__name__ == "IntDistribution" else (int, float)
    if type(value) not in kinds or (old.log and value <= 0):
        return None
    return type(old)(min(old.low, value), max(old.high, value), log=old.log)


def _range(values: set[Any]) -> Any:
    optuna = require("optuna.distributions", "optuna")
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return optuna.IntDistribution(min(values), max(values))
    if kinds <= {int, float}:
        return optuna.FloatDistribution(min(values), max(values))
    return optuna.CategoricalDistribution(sorted(values, key=lambda value: (str(type(value)), str(value))))
