"""A search as a study of Optuna, for its dashboard and its samplers, and a study's trials as configurations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from .configurations import read_configuration
from .configured import template_of
from .core.layout import Slot
from .core.outcome import Outcome, Status
from .distributions import Distribution
from .draws import Drawn
from .errors import HybandError
from .observed import ENDED
from .optional import load
from .parameters import read_parameters
from .sampling import Generator, derived_seed
from .scan import Snapshot
from .trials import Translator, distributions_of, drawn_of

SLOT = "slot"  # the attribute of a trial by which it is found again


@dataclass(frozen=True)
class Course:
    """What became of one configuration: where it was born, and its outcomes by budget, the smallest first."""

    born: Slot
    outcomes: Sequence[tuple[Fraction, Outcome]] = field(default_factory=list)
    last: bool = False  # whether it reached the last stage of its bracket
    passed_over: bool = False  # whether others were promoted instead

    @property
    def state(self) -> str:
        """State of the trial, as Optuna names it."""
        if any(outcome.status is Status.FAILED for _, outcome in self.outcomes):
            return "FAIL"
        if self.last and self.outcomes[-1][1].status is Status.COMPLETED:
            return "COMPLETE"
        return "PRUNED" if self.passed_over else "RUNNING"

    @property
    def value(self) -> float | None:
        """Its result, if it went all the way."""
        return self.outcomes[-1][1].result if self.state == "COMPLETE" else None


def courses(snapshot: Snapshot) -> Iterator[Course]:
    """Follow each configuration that has been started through its stages."""
    for bracket in snapshot.brackets:
        for c in range(len(bracket.stages[0].outcomes)):
            slot, outcomes = Slot(bracket.bracket.index, 0, c), []
            passed_over = last = False
            for number, view in enumerate(bracket.stages):
                outcome = view.outcomes[slot.config]
                if outcome.status not in (*ENDED, Status.RUNNING, Status.QUEUED):
                    break
                outcomes.append((view.stage.budget, outcome))
                last = number + 1 == len(bracket.stages)
                above = () if last else bracket.stages[number + 1].origins
                if slot not in above:
                    passed_over = any(origin is not None for origin in above)
                    break
                slot = Slot(slot.bracket, number + 1, above.index(slot))
            if outcomes:
                yield Course(Slot(bracket.bracket.index, 0, c), outcomes, last, passed_over)


def direction_of(snapshot: Snapshot) -> str:
    """Say which results are better, as Optuna does."""
    return "maximize" if snapshot.plan.settings.maximize else "minimize"


def open_study(storage: str, name: str, *, create: str | None) -> Any:
    """Open a study: ``sqlite:///file.db`` or another address of a database, or the path of a journal file.

    Args:
        storage: where it is.
        name: of the study.
        create: direction of the study if there is none yet; None: there must be one.

    Raises:
        HybandError: it cannot be opened.
    """
    optuna = load("optuna", "optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        if "://" not in storage:
            if create is None and not Path(storage).exists():
                raise HybandError(f"{storage} does not exist.")  # noqa: TRY301
            journal = optuna.storages.journal.JournalFileBackend(storage)
            opened = optuna.storages.JournalStorage(journal)
        else:
            opened = storage
        if create is not None:
            return optuna.create_study(storage=opened, study_name=name, direction=create, load_if_exists=True)
        return optuna.load_study(storage=opened, study_name=name)
    except HybandError:
        raise
    except KeyError:
        raise HybandError(f"{storage} has no study named {name}; name it with --study.") from None
    except Exception as error:  # noqa: BLE001 (whatever the database's own library raises)
        raise HybandError(f"{storage} cannot be opened: {str(error).splitlines()[0]}") from None


def export_search(snapshot: Snapshot, study: Any) -> tuple[int, int]:
    """Add to a study what is new in a search, a trial for each configuration; (added, updated) trials.

    Results of lower stages are intermediate values, at the budget as step. Failed trainings are failed trials. Do it
    again while the search runs: what is in the study already is brought up to date.
    """
    optuna = load("optuna", "optuna")
    steps = _steps(snapshot)
    known = {trial.user_attrs.get(SLOT): trial for trial in study.get_trials(deepcopy=False)}
    parameters = _Parameters(snapshot)
    new = updated = 0
    for course in courses(snapshot):
        values = {steps[budget]: o.result for budget, o in course.outcomes if o.result is not None}
        old = known.get(str(course.born))
        if old is None:
            params, distributions = parameters.of(course.born)
            trial = optuna.trial.create_trial(
                state=optuna.trial.TrialState[course.state],
                value=course.value,
                params=params,
                distributions=distributions,
                intermediate_values=values,
                user_attrs={SLOT: str(course.born)},
            )
            study.add_trial(trial)
            new += 1
        elif not old.state.is_finished():
            trial = optuna.trial.Trial(study, old._trial_id)  # noqa: SLF001 (a trial that was not asked for)
            more = {step: value for step, value in values.items() if step not in old.intermediate_values}
            for step, result in more.items():
                trial.report(result, step)
            if course.state != "RUNNING":
                study.tell(trial, course.value, state=optuna.trial.TrialState[course.state])
            updated += bool(more) or course.state != "RUNNING"
    return new, updated


def _steps(snapshot: Snapshot) -> Mapping[Fraction, int]:
    """Give each budget its step: itself, or its rank where budgets are no whole numbers."""
    budgets = sorted({stage.budget for _, stage, _, _ in snapshot.slots()})
    whole = all(budget.denominator == 1 for budget in budgets)
    return {budget: int(budget) if whole else rank for rank, budget in enumerate(budgets)}


class _Parameters:
    """Parameters of the configurations: those recorded, or else those that their text shows."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._translator = Translator()
        self._values: dict[str, set[Any]] | None = None

    def of(self, slot: Slot) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values and distributions of Optuna."""
        drawn = read_configuration(self._snapshot.path, slot)
        if drawn is None:
            return {}, {}
        if drawn.record is not None:
            return self._translator.encode(drawn.data["values"], drawn.data["space"])
        found = dict(read_parameters(drawn.text))
        return found, {name: _range(self._known[name]) for name in found}

    @property
    def _known(self) -> dict[str, set[Any]]:
        """All values of each parameter in the whole search."""
        if self._values is None:
            self._values = {}
            for slot, *_ in self._snapshot.slots():
                drawn = read_configuration(self._snapshot.path, slot) if slot.stage == 0 else None
                for name, value in read_parameters(drawn.text).items() if drawn else ():
                    self._values.setdefault(name, set()).add(value)
        return self._values


def _range(values: set[Any]) -> Any:
    optuna = load("optuna.distributions", "optuna")
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return optuna.IntDistribution(min(values), max(values))
    if kinds <= {int, float}:
        return optuna.FloatDistribution(min(values), max(values))
    return optuna.CategoricalDistribution(sorted(values, key=lambda value: (str(type(value)), str(value))))


def configurations_of(snapshot: Snapshot, study: Any, top: int) -> list[Drawn]:
    """Render the search's template with the parameters of a study's best trials.

    Raises:
        HybandError: a trial lacks a parameter of the template, or its value is not in the space.
    """
    if snapshot.sampling is None:
        raise HybandError(f"{snapshot.path} keeps no template. Nothing was changed.")
    template = template_of(snapshot, snapshot.sampling.template)
    complete = load("optuna.trial", "optuna").TrialState.COMPLETE
    trials = [t for t in study.get_trials(deepcopy=False) if t.state == complete and SLOT not in t.user_attrs]
    trials.sort(key=lambda trial: trial.value if study.direction.name == "MINIMIZE" else -trial.value)
    generator = Generator(derived_seed(snapshot.sampling.seed, "import", study.study_name))
    translator = Translator()
    drawn = [template.draw(Slot(0, 0, 0), generator, partial(_chosen, trial, translator)) for trial in trials[:top]]
    if not drawn:
        raise HybandError(f"the study {study.study_name} has no complete trial of its own. Nothing was changed.")
    return drawn


def _chosen(trial: Any, translator: Translator, name: str, distribution: Distribution) -> Any:
    parts = distributions_of(translator.name(name, distribution), distribution)
    for part, one in parts.items():
        if part not in trial.params:
            raise ValueError(f"trial {trial.number} of the study has no parameter {part!r}")
        if not one._contains(one.to_internal_repr(trial.params[part])):  # noqa: SLF001
            raise ValueError(
                f"trial {trial.number}: {part} is {trial.params[part]!r}, which the template does not draw"
            )
    return drawn_of(distribution, [trial.params[part] for part in parts])
