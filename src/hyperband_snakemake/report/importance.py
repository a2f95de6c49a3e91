"""Which parameters matter: Optuna's PED-ANOVA over the configurations as they were born."""

import math
import random
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from ..extras import require
from ..snapshot.rows import PREFIX, Row
from ..space.parameters import Value
from ..views.export import table

FEW = 12  # so many different numbers are shown one by one, if most come more than once
WIDE = 100.0  # largest / smallest number from which a scale is logarithmic
LEAST_CONFIGURATIONS = 10  # before a parameter is judged
MOST = 3000  # configurations that are looked at, by lot
SHUFFLES, WORK = 20, 12_000  # how often chance is tried, and for how many configurations altogether


@dataclass(frozen=True)
class Parameter:
    """A parameter that varies: its ``values`` by root, only of the configurations that have it."""

    name: str
    kind: type
    values: Mapping[str, Value]
    levels: tuple[Value, ...]  # the different values in their order; empty if it is a number with many

    @property
    def numeric(self) -> bool:
        """Whether its values are points on a scale."""
        return not self.levels

    @property
    def log(self) -> bool:
        """Whether the scale is logarithmic: whether that puts the median nearer to its middle."""
        numbers = sorted(value for value in self.values.values() if isinstance(value, int | float))
        if self.kind not in (int, float) or numbers[0] <= 0 or numbers[-1] / numbers[0] < WIDE:
            return False
        low, high, middle = numbers[0], numbers[-1], median(numbers)
        linear = (middle - low) / (high - low)
        return abs(math.log(middle / low) / math.log(high / low) - 0.5) < abs(linear - 0.5)


def varying(rows: Sequence[Row]) -> list[Parameter]:
    """Those parameters that differ between configurations, in the order of the configuration."""
    born = [row for row in rows if row.stage == 0]
    roots = [row.path for row in born]
    has = {row.path: row.parameters.keys() for row in born}  # one that is None has it; one without it has no value
    columns = {name.removeprefix(PREFIX): v for name, v in table(born).items() if name.startswith(PREFIX)}
    values = {
        name: {r: v for r, v in zip(roots, column, strict=True) if name in has[r]} for name, column in columns.items()
    }
    return [found for name, known in values.items() if (found := _parameter(name, known)) is not None]


def _parameter(name: str, values: Mapping[str, Value]) -> Parameter | None:
    different = set(values.values())
    if len(different) < 2:  # noqa: PLR2004
        return None
    kind = type(next((value for value in different if value is not None), None))
    number = kind in (int, float) and None not in different
    if not number and len(different) > FEW and len(different) > len(values) / 2:
        return None  # a name or a path: no two alike
    few = not number or (len(different) <= FEW and len(values) >= 2 * len(different))
    return Parameter(name, kind, values, tuple(sorted(different, key=_order)) if few else ())


def _order(value: Value) -> tuple[float, str]:
    if value is None:
        return -math.inf, ""
    return (float(value), "") if isinstance(value, bool | int | float) else (0.0, str(value))


def importances(parameters: Sequence[Parameter], scores: Mapping[str, float]) -> dict[str, float]:
    """Importance of each parameter, the largest first; they sum up to 1.

    Each is judged among the configurations that have it, so one of a conditional space is not held against those
    without. What chance alone would give, the mean over shuffled scores, is taken off.

    Raises:
        HybandError: Optuna is not installed.
    """
    optuna = require("optuna", "report")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    raw = {parameter.name: _importance(optuna, parameter, scores) for parameter in parameters}
    total = sum(raw.values())
    shares = {name: value / total if total else 0.0 for name, value in raw.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _importance(optuna: Any, parameter: Parameter, scores: Mapping[str, float]) -> float:
    known = [root for root in parameter.values if root in scores]
    rng = random.Random(0)  # noqa: S311 (the same report from the same search)
    known = rng.sample(known, min(len(known), MOST))
    used = [parameter.values[root] for root in known]
    if len(known) < LEAST_CONFIGURATIONS or len(set(used)) < 2:  # noqa: PLR2004
        return 0.0
    right = [scores[root] for root in known]
    shuffles = min(SHUFFLES, max(2, WORK // len(known)))
    chance = fmean(_pedanova(optuna, parameter, used, rng.sample(right, len(right))) for _ in range(shuffles))
    return max(0.0, _pedanova(optuna, parameter, used, right) - chance)


def _pedanova(optuna: Any, parameter: Parameter, used: Sequence[Value], scores: Sequence[float]) -> float:
    name, distribution = parameter.name, _distribution(optuna, parameter)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is experimental
        study = optuna.create_study()
        make = optuna.trial.create_trial
        pairs = zip(used, scores, strict=True)
        study.add_trials([make(params={name: u}, distributions={name: distribution}, value=s) for u, s in pairs])
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=[name], normalize=False)
    value = float(found[name])
    return value if math.isfinite(value) else 0.0


def _distribution(optuna: Any, parameter: Parameter) -> Any:
    kinds = optuna.distributions
    if parameter.levels:
        return kinds.CategoricalDistribution(parameter.levels)
    numbers = [value for value in parameter.values.values() if isinstance(value, int | float)]
    if parameter.kind is int:
        return kinds.IntDistribution(int(min(numbers)), int(max(numbers)), log=parameter.log)
    return kinds.FloatDistribution(float(min(numbers)), float(max(numbers)), log=parameter.log)
