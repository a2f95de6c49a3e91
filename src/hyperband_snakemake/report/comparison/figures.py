"""The charts of a comparison: a line for each part, each with its own colour and dash."""

import math
from collections.abc import Sequence

from ...snapshot.durations import time_unit
from ..figures.parts import Figure, axis, line, short
from ..figures.texts import number, plain
from .measures import common_budgets, steps_at
from .parts import Part

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")  # by Okabe and Ito, readable on both pages
DASHES = ("solid", "dash", "dot", "dashdot")
MOST = 4  # distribution charts
FLAT = 3  # multiple of the range of the best nine tenths beyond which the worst are left out


def _look(place: int) -> dict[str, object]:
    dash = DASHES[(place + place // len(COLOURS)) % len(DASHES)]
    return {"color": COLOURS[place % len(COLOURS)], "dash": dash, "width": 2.5, "shape": "hv"}


def charts_of(parts: Sequence[Part], budget: float | None) -> dict[str, tuple[str, Figure]]:
    """Charts by name, each with its title, except those with nothing to show."""
    found: dict[str, tuple[str, Figure]] = {}
    if budget is not None:
        found["chart-spent"] = (
            f"Best result at budget {number(budget)} against the budget spent",
            progress(parts, budget, "spent"),
        )
        found["chart-time"] = (
            f"Best result at budget {number(budget)} against time",
            progress(parts, budget, "seconds"),
        )
    for place, one in enumerate(reversed(common_budgets(parts)[-MOST:])):
        found[f"chart-edf-{place}"] = (f"Results at budget {number(one)}", distribution(parts, one))
    return found


def progress(parts: Sequence[Part], budget: float, by: str) -> Figure:
    """The best result so far at a budget, over the ``seconds`` or the budget ``spent`` by each part until then."""
    steps = [steps_at(part, budget) for part in parts]
    unit, title = 1.0, "budget spent"
    if by == "seconds":
        unit, title = time_unit(max((one.seconds[-1] for one in steps if one), default=0.0))
    traces = [
        line(
            [short(at / unit) for at in getattr(one, by)],
            [short(b) for b in one.best],
            "",
            name=plain(part.name),
            line=_look(i),
        )
        for i, (part, one) in enumerate(zip(parts, steps, strict=True))
        if one
    ]
    y = axis("best result so far")
    return {"data": traces, "layout": {"xaxis": axis(title, exponentformat="none", separatethousands=True), "yaxis": y}}


def distribution(parts: Sequence[Part], budget: float) -> Figure:
    """Share of results at a budget that are at least as good as the value on the axis: the empirical distribution."""
    results = [
        sorted((row.result or 0.0 for row in part.done if row.budget == budget), reverse=part.maximize)
        for part in parts
    ]
    window = _window(results)
    traces = []
    for place, (part, own) in enumerate(zip(parts, results, strict=True)):
        shares = [short(100 * (i + 1) / len(own)) for i in range(len(own))]
        beyond = sum(not window[0] <= value <= window[1] for value in own) if window else 0
        name = f"{plain(part.name)} ({len(own)}{f', {beyond} beyond' if beyond else ''})"
        traces.append(line([short(value) for value in own], shares, "", name=name, line=_look(place)))
    better = "higher" if parts[0].maximize else "lower"
    x_axis = axis(f"result ({better} is better)", **({"range": list(window)} if window else {}))
    y_axis = axis("share at least as good", range=[0, 102], ticksuffix=" %")
    return {"data": traces, "layout": {"xaxis": x_axis, "yaxis": y_axis}}


def _window(results: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """The range to show if a few of the worst results would flatten all others; None: everything.

    >>> _window([[1.0, *[2.0] * 8, 1e30], [1.5, 3.0]]), _window([[1.0, 2.0], [3.0, 4.0]])
    ((0.9, 3.1), None)
    """
    usual = [short(value) for own in results for value in own[: math.ceil(0.9 * len(own))]]
    every = [short(value) for own in results for value in own]
    low, high = min(usual), max(usual)
    if max(every) - min(every) <= FLAT * (high - low) or low == high:
        return None
    room = 0.05 * (high - low)
    return round(low - room, 12), round(high + room, 12)
