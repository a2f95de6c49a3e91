"""Which parameters matter: how much each explains of the configurations' initial scores."""

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ..snapshot.rows import Row, parameter_names
from ..space.values import Value, of_one_type
from .statistics.correlation import interval_of, spearman
from .statistics.explained import Share, shares_of
from .statistics.fits import Column

FEW = 12  # up to this many different numbers are shown one by one, if most occur more than once
WIDE = 100.0  # from this ratio of largest to smallest number on, a scale is logarithmic
LEAST_SEARCH = 20  # configurations with a result needed to judge any parameter
LEAST_CONFIGURATIONS = 10  # of these, configurations with a parameter needed to judge that one
LEAST_OF_SHARE = 0.5  # of what a parameter explains must come from its direction before the direction is reported
MOST = 1500  # configurations to analyse, chosen at random
SEED = re.compile(r"(.*[^a-z])?(seed|random[_-]?state|seed_everything)", re.IGNORECASE)
CAMEL_SEED = re.compile(r".*[a-z](Seed|RandomState)")


@dataclass(frozen=True)
class Parameter:
    """A varying parameter: its ``values`` by root, for the configurations that have it."""

    name: str
    kind: type
    values: Mapping[str, Value]
    levels: tuple[Value, ...]  # the different values in order; empty for a number with many

    @property
    def numeric(self) -> bool:
        """Whether its values are points on a scale."""
        return not self.levels

    @property
    def log(self) -> bool:
        """Whether the scale is logarithmic, which is chosen if it puts the median closer to the middle."""
        numbers = sorted(value for value in self.values.values() if isinstance(value, int | float))
        if self.kind not in (int, float) or numbers[0] <= 0 or numbers[-1] / numbers[0] < WIDE:
            return False
        low, high, middle = numbers[0], numbers[-1], median(numbers)
        linear = (middle - low) / (high - low)
        return abs(math.log(middle / low) / math.log(high / low) - 0.5) < abs(linear - 0.5)


@dataclass(frozen=True)
class Importance:
    """How much of the differences between scores a parameter explains, from 0 to 1, and in which direction.

    Attributes:
        share: the best estimate; 0 if it was not judged.
        low: the lower end of its 90 % interval; 0 if the share could be chance.
        high: the upper end.
        is_judged: whether enough configurations have both a result and the parameter.
        is_told: whether the share stands out from chance.
        partners: parameters with which it explains more than each of both alone.
        direction: rank correlation of its numbers with how good the results are; None if it has no order.
        direction_ends: the 95 % interval of the correlation; None if there is none.
    """

    share: float = 0.0
    low: float = 0.0
    high: float = 0.0
    is_judged: bool = False
    is_told: bool = False
    partners: tuple[str, ...] = ()
    direction: float | None = None
    direction_ends: tuple[float, float] | None = None

    @property
    def better(self) -> str:
        """Which numbers are better, "higher" or "lower"; empty if unclear, or if the best are in between."""
        if not self.is_told or self.direction is None or self.direction_ends is None:
            return ""
        if self.direction_ends[0] <= 0 <= self.direction_ends[1] or self.direction**2 < self.share * LEAST_OF_SHARE:
            return ""
        return "higher" if self.direction_ends[0] > 0 else "lower"


def is_seed(name: str) -> bool:
    """Whether a parameter is a random seed (not a hyper-parameter), judged by the last part of its name.

    >>> [is_seed(name) for name in ("seed", "cv_seed", "train.random_state", "randomSeed", "seed_length", "reseed")]
    [True, True, True, True, False, False]
    """
    last = name.rpartition(".")[2]
    return bool(SEED.fullmatch(last) or CAMEL_SEED.fullmatch(last))


def varying(rows: Sequence[Row]) -> list[Parameter]:
    """Parameters that differ between configurations, in the configurations' order, without seeds.

    None is a level like any other. A parameter that is None or one of many numbers becomes two: the numbers, and
    whether it is None.
    """
    born = [row for row in rows if row.stage == 0]
    found: list[Parameter | None] = []
    for name in parameter_names(born):
        if is_seed(name):
            continue
        own = {row.path: row.parameters[name] for row in born if name in row.parameters}
        values = dict(zip(own, of_one_type(list(own.values())), strict=True))
        parameter = _parameter(name, values)
        if None in values.values() and (parameter is None or parameter.numeric):
            found.append(_parameter(name, {root: value for root, value in values.items() if value is not None}))
            found.append(_parameter(f"{name} = null", {root: value is None for root, value in values.items()}))
        else:
            found.append(parameter)
    return [parameter for parameter in found if parameter is not None]


def _parameter(name: str, values: Mapping[str, Value]) -> Parameter | None:
    different = set(values.values())
    if len(different) < 2:  # noqa: PLR2004
        return None
    kind = next(type(value) for value in different if value is not None)
    number = kind in (int, float)
    if not number and len(different) > FEW and len(different) > len(values) / 2:
        return None  # a name or a path: all different
    few = not number or (len(different) <= FEW and len(values) >= 2 * len(different))
    return Parameter(name, kind, values, tuple(sorted(different, key=_order)) if few else ())


def _order(value: Value) -> tuple[float, str]:
    if value is None:
        return (-math.inf, "")
    return (float(value), "") if isinstance(value, bool | int | float) else (0.0, str(value))


def importances(parameters: Sequence[Parameter], scores: Mapping[str, float]) -> dict[str, Importance]:
    """Importance of each parameter by name, those that stand out from chance first, then by explained share.

    Each is judged among the configurations that have it, so a conditional parameter is not compared with
    configurations that lack it. Configurations without a score, such as failed ones, are left out.

    Raises:
        HybandError: NumPy or SciPy is not installed.
    """
    roots = sorted(scores)
    if len(roots) > MOST:
        roots = sorted(random.Random(0).sample(roots, MOST))  # noqa: S311 (reproducible reports)
    judged = [one for one in parameters if _can_be_judged(one, roots)] if len(roots) >= LEAST_SEARCH else []
    shares = shares_of(tuple(_column(one, roots) for one in judged), tuple(scores[root] for root in roots))
    names = [one.name for one in judged]
    found = {one.name: _importance(one, share, names, scores) for one, share in zip(judged, shares, strict=True)}
    all_of_them = {one.name: found.get(one.name, Importance()) for one in parameters}
    return dict(sorted(all_of_them.items(), key=lambda item: (not item[1].is_told, -item[1].share)))


def _can_be_judged(parameter: Parameter, roots: Sequence[str]) -> bool:
    known = [parameter.values[root] for root in roots if root in parameter.values]
    return len(known) >= LEAST_CONFIGURATIONS and len(set(known)) > 1


def _is_scale(parameter: Parameter) -> bool:
    return parameter.kind in (int, float) and None not in parameter.values.values()


def _column(parameter: Parameter, roots: Sequence[str]) -> Column:
    is_scale, values = _is_scale(parameter), parameter.values
    read = (lambda value: value) if is_scale else repr
    return Column(tuple(read(values[root]) if root in values else None for root in roots), is_scale)


def _importance(parameter: Parameter, share: Share, names: Sequence[str], scores: Mapping[str, float]) -> Importance:
    partners = tuple(names[place] for place in share.partners)
    numbers = (round(share.share, 4), round(share.low, 4), round(share.high, 4))
    rho, ends = None, None
    if _is_scale(parameter):
        numbered = ((value, scores.get(root)) for root, value in parameter.values.items())
        known = [(float(v), score) for v, score in numbered if score is not None and isinstance(v, int | float)]
        rho = -spearman([value for value, _ in known], [score for _, score in known])
        rho, ends = (None, None) if math.isnan(rho) else (rho, interval_of(rho, [len(known)]))
    return Importance(
        *numbers, is_judged=True, is_told=share.is_told, partners=partners, direction=rho, direction_ends=ends
    )
