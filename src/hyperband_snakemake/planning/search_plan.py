"""`hyperband_snakemake.plan`: a plan as a value, for scripts and notebooks."""

import html
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypedDict, Unpack

from ..core.plan import Plan, PlanError, Settings, brackets_for, check_settings, exact_number, make_plan
from ..errors import UsageError
from .fit import fit
from .text import plan_text
from .whole import with_whole_budgets

Number = int | float | str | Fraction  # a string is a decimal number or a fraction such as "1/81"
EXACT = ("max_budget", "min_budget", "cost_one_epoch_full_dataset", "start_cost", "guaranteed_budget")


class PlanOptions(TypedDict, total=False):
    """Options of `hyband plan` that `plan` accepts too; `hyband plan --help` explains them."""

    max_budget: Number
    min_budget: Number
    repetitions: int
    folds: int
    cost_one_epoch_full_dataset: Number
    start_cost: Number
    guaranteed_budget: Number
    last_stage: int
    bracket_sizes: str
    integer_budgets: bool
    repeat: int
    resume: bool
    parallel_folds: bool
    aggregate: str
    repetitions_at_stage: Sequence[str]
    maximize: bool


class SearchPlan(Plan):
    """A `Plan` that prints as the table shown by `hyband generate`.

    Its ``brackets`` have an ``index`` and ``stages``; a stage has ``index``, ``configurations``, ``budget`` and
    ``cost``. Budgets and costs are exact fractions. The plan itself has ``trainings``, ``budget`` and ``cost``.
    """

    def __str__(self) -> str:
        return plan_text(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def plan(
    smax: int | None = None,
    eta: int = 3,
    *,
    fit_cost: Number | None = None,
    fit_configs: int | None = None,
    **options: Unpack[PlanOptions],
) -> SearchPlan:
    """Work out the plan of a search, as `hyband plan` does; nothing is written.

    Args:
        smax: number of brackets minus one; by default it follows from ``max_budget``, ``fit_cost`` or ``fit_configs``.
        eta: 1/eta of the configurations are promoted.
        fit_cost: the largest plan within this cost, in the unit of ``cost_one_epoch_full_dataset``.
        fit_configs: the largest plan within this number of training runs.
        options: see `PlanOptions`.

    Raises:
        UsageError: a number is out of its range, or two contradict each other.

    >>> import hyperband_snakemake as hb
    >>> found = hb.plan(1, 3, cost_one_epoch_full_dataset=0.5)
    >>> print(found)
    Hyperband Search (cost: 6.00)
      Bracket 0 (cost: 3.00)
        Stage 0 - 3 configurations each with budget 1.0 (cost: 1.50)
        Stage 1 - 1 configurations each with budget 3.0 (cost: 1.50)
      Bracket 1 (cost: 3.00)
        Stage 0 - 2 configurations each with budget 3.0 (cost: 3.00)
    >>> found.trainings, found.cost, hb.plan(fit_configs=100).settings.smax
    (6, Fraction(6, 1), 3)
    """
    cost = None if fit_cost is None else _exact("fit_cost", fit_cost)
    fits = cost is not None or fit_configs is not None
    try:
        settings = _settings(smax, eta, dict(options), fits=fits)
        found = _made(settings, cost, fit_configs, rounds="integer_budgets" not in options)
    except PlanError as error:
        raise UsageError(str(error)) from None
    return SearchPlan(found.settings, found.brackets)


def _made(settings: Settings, cost: Fraction | None, configurations: int | None, *, rounds: bool) -> Plan:
    fits = cost is not None or configurations is not None
    found = fit(settings, cost=cost, configurations=configurations).plan if fits else make_plan(settings)
    if rounds and not settings.integer_budgets and with_whole_budgets(found.settings).integer_budgets:
        return _made(replace(settings, integer_budgets=True), cost, configurations, rounds=False)
    return found


def _settings(smax: int | None, eta: int, options: dict[str, Any], *, fits: bool) -> Settings:
    given: dict[str, Any] = {name: _exact(name, value) if name in EXACT else value for name, value in options.items()}
    if "repetitions_at_stage" in given:
        given["repetitions_at_stage"] = tuple(given["repetitions_at_stage"])
    largest, smallest = given.get("max_budget"), given.get("min_budget")
    if smax is not None and (fits or smallest is not None):
        name = "fit_cost or fit_configs" if fits else "min_budget"
        raise UsageError(f"smax and {name} both determine the number of brackets; give only one.")
    if smallest is not None and largest is None:
        raise UsageError("min_budget needs max_budget.")
    if smax is None and not fits and largest is None:
        raise UsageError("The size of the search is missing; expected smax, max_budget, fit_cost or fit_configs.")
    settings = Settings(smax or 0, eta, **given)
    if smax is not None or largest is None:
        return settings
    check_settings(settings)
    if smallest is not None and smallest > largest:
        raise UsageError(f"min_budget is {float(smallest):g}; expected at most the largest budget, {float(largest):g}.")
    return Settings(brackets_for(largest, smallest or Fraction(1), eta), eta, **given)


def _exact(name: str, value: Number) -> Fraction:
    """Read a number exactly: a float as its decimals, so that 0.1 is a tenth."""
    try:
        return Fraction(value) if isinstance(value, int | Fraction) else exact_number(str(value))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise UsageError(f"{name} is {value!r}; expected a number, such as 0.5 or '1/81'.") from None
