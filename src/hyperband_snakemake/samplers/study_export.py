"""Exporting a search as an Optuna study, for Optuna's dashboard: one trial for each configuration."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import count
from typing import Any

from ..core.tree.layout import Slot
from ..errors import HybandError
from ..extras import require
from ..snapshot.rows import Row, make_rows
from ..snapshot.scan import Snapshot
from ..snapshot.trained import Trained, read_trained
from ..space.recognizing.agreement import is_same
from ..space.values import Value, value_text
from .histories import History, courses
from .study import SLOT
from .study_times import attributes_of, begin_of, clock_at, end_of
from .translate import Parts, Translator

_AGAIN = re.compile(r" \(\d+\)$")


@dataclass
class Exported:
    """How many trials were added, how many updated, and how many had changed after Optuna closed them."""

    added: int = 0
    updated: int = 0
    closed: int = 0


def export_search(snapshot: Snapshot, study: Any) -> Exported:
    """Add to a study what is new in a search, as one trial for each configuration.

    Results of lower stages are intermediate values, with the budget as step. Failed configurations are failed trials.
    It can be repeated while the search runs: existing trials are updated.

    Raises:
        HybandError: the study holds trials of another search.
    """
    steps = _steps(snapshot)
    known = {t.user_attrs[SLOT]: t for t in study.get_trials(deepcopy=False) if SLOT in t.user_attrs}
    parameters = _Parameters(snapshot)
    for slot, trial in known.items():  # in the order in which they were named
        if not parameters.take_names_if_same(Slot.parse(slot), trial):
            raise HybandError(
                f"the study {study.study_name} holds trials of another search: {slot} is another configuration there. "
                "Name a separate study for this search with --study. Nothing was changed."
            )
    done = Exported()
    rows = {row.slot: row for row in make_rows(snapshot)}
    for course in courses(snapshot):
        values = {steps[budget]: o.result for budget, o in course.outcomes if o.result is not None}
        own = [rows[slot] for slot in course.slots]
        if (old := known.get(str(course.born))) is None:
            study.add_trial(_trial(course, own, values, parameters.of(course.born)))
            done.added += 1
        elif not old.state.is_finished():
            done.updated += _go_on(study, old, course, own, values)
        else:
            done.closed += (old.state.name, old.value) != (course.state, course.value)
    return done


def _trial(course: History, rows: Sequence[Row], values: Mapping[int, float], encoded: tuple[Parts, Parts]) -> Any:
    optuna = require("optuna.trial", "optuna")
    params, distributions = encoded
    begin, end = begin_of(rows) or datetime.now(), end_of(rows)  # noqa: DTZ005 (as are all times in Optuna)
    return optuna.FrozenTrial(
        number=-1,
        trial_id=-1,
        state=optuna.TrialState[course.state],
        value=course.value,
        datetime_start=begin,
        datetime_complete=None if course.state == "RUNNING" else max(begin, end or begin),
        params=params,
        distributions=distributions,
        user_attrs=dict(attributes_of(rows)),
        system_attrs={},
        intermediate_values=dict(values),
    )


def _go_on(study: Any, old: Any, course: History, rows: Sequence[Row], values: Mapping[int, float]) -> bool:
    """Update a running trial. Return whether anything was new."""
    optuna = require("optuna.trial", "optuna")
    trial = optuna.Trial(study, old._trial_id)  # noqa: SLF001 (Optuna has no public way to continue a trial)
    more = {step: value for step, value in values.items() if step not in old.intermediate_values}
    for step, result in more.items():
        trial.report(result, step)
    for name, value in attributes_of(rows).items():
        if old.user_attrs.get(name) != value:
            trial.set_user_attr(name, value)
    if course.state != "RUNNING":
        with clock_at(end_of(rows)):
            study.tell(trial, course.value, state=optuna.TrialState[course.state])
    return bool(more) or course.state != "RUNNING"


def _steps(snapshot: Snapshot) -> Mapping[Fraction, int]:
    """Map each budget to its step: itself, or its rank if budgets are not whole numbers."""
    budgets = sorted({stage.budget for _, stage, _, _ in snapshot.slots()})
    whole = all(budget.denominator == 1 for budget in budgets)
    return {budget: int(budget) if whole else rank for rank, budget in enumerate(budgets)}


class _Parameters:
    """Parameters of the configurations: recorded ones, or else those in the text.

    Optuna needs the same choices under a name every time, and the same type and scale of numbers. If a text contains
    something that does not fit, it becomes another parameter: ``net (2)``.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._trained = read_trained(snapshot)
        self._translator = Translator()
        self._values: dict[str, list[Value]] | None = None
        self._given: Parts = {}  # distributions that values in texts must fit

    def take_names_if_same(self, born: Slot, trial: Any) -> bool:
        """Keep the names of a trial's parameters in the study, if they are those of this configuration.

        Returns:
            Whether they are.
        """
        trained = self._trained.get(born)
        if trained is None:
            return False
        if trained.record is not None:
            return self._encode(trained.record)[0] == dict(trial.params)
        self._given |= trial.distributions
        shown, known = _shown(trained), {_AGAIN.sub("", name): value for name, value in trial.params.items()}
        return shown.keys() == known.keys() and all(_is_kept(known[name], shown[name]) for name in shown)

    def of(self, born: Slot) -> tuple[Parts, Parts]:
        """Values and Optuna distributions of a slot's parameters."""
        trained = self._trained.get(born)
        if trained is None:
            return {}, {}
        if trained.record is not None:
            return self._encode(trained.record)
        named = {self._named(name, value): value for name, value in _shown(trained).items()}
        return named, {name: self._given[name] for name in named}

    def _encode(self, record: str) -> tuple[Parts, Parts]:
        data = json.loads(record)
        return self._translator.encode(data["values"], data["space"])

    def _named(self, name: str, value: Any) -> str:
        """Find the name under which the study can accept a value."""
        new = _range(self._known[name])
        names = (name if n == 1 else f"{name} ({n})" for n in count(1))
        for one in names:
            fitting = _widened(self._given[one], value) if one in self._given else new
            if fitting is not None:
                self._given[one] = fitting
                return one
        raise AssertionError  # unreachable: there are infinitely many names

    @property
    def _known(self) -> dict[str, list[Value]]:
        """All values of each parameter in the whole search. Also stores the recorded distributions."""
        if self._values is None:
            self._values = {}
            for trained in self._trained.values():
                if trained.record is not None:
                    self._given = self._encode(trained.record)[1] | self._given
                for name, value in _shown(trained).items():
                    self._values.setdefault(name, []).append(value)
        return self._values


def _shown(trained: Trained) -> dict[str, Value]:
    """Parameters in the form that Optuna accepts: lists become texts."""
    return {n: value_text(v) if isinstance(v, list | dict) else v for n, v in trained.parameters.items()}


def _is_kept(kept: Value, shown: Value) -> bool:
    """Whether a study has this value. The type of a spelled value may have changed since then, but not its spelling."""
    return is_same(kept, shown) or str(kept) == str(shown)


def _widened(old: Any, value: Any) -> Any:
    """Widen a distribution to include this value, as far as Optuna accepts under the same name; None if it cannot be.

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


def _range(values: Sequence[Any]) -> Any:
    optuna = require("optuna.distributions", "optuna")
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return optuna.IntDistribution(min(values), max(values))
    if kinds <= {int, float}:
        return optuna.FloatDistribution(min(values), max(values))
    different = {(str(type(value)), str(value)): value for value in values}  # true is not 1
    return optuna.CategoricalDistribution([different[key] for key in sorted(different)])
