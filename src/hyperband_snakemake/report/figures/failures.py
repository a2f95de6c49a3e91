"""Share of failed configurations over each parameter."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import quantiles
from typing import Any, TypeGuard

from ...extras import require
from ...snapshot.rows import Row
from ...space.values import Value
from ..analysis import lives
from ..importance import Parameter
from .parts import Figure, axis, line, short
from .texts import brief, labels, level_texts, plain, shortened

BINS = 6
FITTING = 24  # characters that fit under a small chart
CHANCE, DEALS = 0.05, 4000  # probability of showing any parameter although none matters; number of random assignments
MOST_LEVELS = 12  # as bars


def failure_regions(rows: Sequence[Row], parameters: Sequence[Parameter]) -> list[tuple[str, Figure]]:
    """Share of failed configurations over each parameter for which it differs by more than chance, largest first."""
    by_root = lives(rows)
    failed = {root for root, life in by_root.items() if any(row.status == "failed" for row in life)}
    ended = {root for root, life in by_root.items() if any(row.status in ("failed", "completed") for row in life)}
    share = len(failed) / len(ended) if ended else 0.0
    found = []
    for parameter in parameters:
        parts = [(name, len(roots), len(failed.intersection(roots))) for name, roots in _parts(parameter, ended)]
        by_chance = chance([n for _, n, _ in parts], [bad for _, _, bad in parts])
        if by_chance * len(parameters) <= CHANCE:
            found.append((by_chance, parameter.name, _region(parameter, parts, share)))
    return [(name, figure) for _, name, figure in sorted(found, key=lambda item: item[0])]


def chance(sizes: Sequence[int], failed: Sequence[int]) -> float:
    """Estimate how often randomly assigned failures differ as much between parts as these do.

    >>> chance([20, 20], [0, 12]) < 0.001, chance([10, 10], [1, 2]) > 0.5, chance([5], [2])
    (True, True, 1.0)
    """
    total, bad = sum(sizes), sum(failed)
    if len(sizes) < 2 or not 0 < bad < total:  # noqa: PLR2004
        return 1.0
    numpy = require("numpy", "report")
    parts = numpy.array(sizes)
    dealt = numpy.random.default_rng(0).multivariate_hypergeometric(parts, bad, size=DEALS, method="marginals")
    far = (((dealt - parts * bad / total) ** 2) / parts).sum(axis=1)
    own = (((numpy.array(failed) - parts * bad / total) ** 2) / parts).sum()
    return float((1 + (far >= own - 1e-9).sum()) / (1 + DEALS))


def _region(parameter: Parameter, parts: Sequence[tuple[str, int, int]], share: float) -> Figure:
    left_out = len(parts) - MOST_LEVELS
    if left_out > 0:  # keep those with the most failures
        most = sorted(parts, key=lambda part: (-part[2] / part[1], -part[1]))[:MOST_LEVELS]
        parts = [part for part in parts if part in most]
    bar = {
        "type": "bar",
        "x": list(range(len(parts))),
        "y": [short(100 * bad / n) for _, n, bad in parts],
        "marker": {"color": "--bad"},
        "text": [f"{bad} of {n}" for _, n, bad in parts],
        "hovertext": [f"{shortened(name, 40)}<br>{bad} of {n} failed" for name, n, bad in parts],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "textposition": "outside",
        "textfont": {"size": 10, "color": "--muted"},
        "cliponaxis": False,
    }
    names, last = [name.partition(" – ")[0] for name, _, _ in parts], len(parts)
    ticks: dict[str, Any] = {"tickvals": list(range(last)), "ticktext": labels([name for name, _, _ in parts])}
    if sum(map(len, ticks["ticktext"])) > FITTING:
        ticks["tickangle"] = -90
    if " – " in parts[0][0]:  # numbers are at the edges between bars; every other one if they are long
        edges = [*names, parts[-1][0].partition(" – ")[2]]
        step = 1 if sum(map(len, edges)) <= FITTING else 2
        ticks = {"tickvals": [place - 0.5 for place in range(0, last + 1, step)], "ticktext": edges[::step]}
    level = line([-0.5, last - 0.5], [short(100 * share)] * 2, "--ink", hoverinfo="skip", width=1.5)
    room = [-0.7, last - 0.3]  # a label at the very edge would be cut off
    rest = f" ({left_out} further levels)" if left_out > 0 else ""
    title = shortened(parameter.name, 40) + plain(rest)
    x_axis = axis(title, tickfont={"size": 11}, showgrid=False, range=room, **ticks)
    y_axis = axis("", range=[0, 1.15 * max(100 * bad / n for _, n, bad in parts)], ticksuffix=" %", nticks=6)
    return {"data": [bar, level], "layout": {"xaxis": x_axis, "yaxis": y_axis, "bargap": 0.12, "showlegend": False}}


def _parts(parameter: Parameter, ended: set[str]) -> list[tuple[str, list[str]]]:
    known = {root: value for root, value in parameter.values.items() if root in ended}
    numbers = sorted(value for value in known.values() if _is_number(value))
    if len(parameter.levels) > BINS and len(numbers) == len(known):
        return _neighbours(parameter, known)
    if parameter.levels:
        texts = level_texts(parameter.levels)
        parts = [
            (text, [root for root, value in known.items() if value == level])
            for text, level in zip(texts, parameter.levels, strict=True)
        ]
        return [(name, roots) for name, roots in parts if roots]
    if len(numbers) < 2 * BINS:
        return []
    cuts = quantiles(numbers, n=min(BINS, len(numbers) // 8))
    edges = [numbers[0], *cuts, numbers[-1]]
    parts = []
    for low, high in pairwise(edges):
        inside = [r for r, v in known.items() if low <= v < high or v == high == edges[-1]]  # type: ignore[operator]
        if inside:
            parts.append((f"{brief(low, 2)} – {brief(high, 2)}", inside))
    return parts


def _neighbours(parameter: Parameter, known: Mapping[str, Value]) -> list[tuple[str, list[str]]]:
    """Numeric levels in a few parts of about the same size; levels are not split."""
    parts: list[tuple[list[Value], list[str]]] = []
    for level in parameter.levels:
        own = [root for root, value in known.items() if value == level]
        if not parts or len(parts[-1][1]) * BINS >= len(known):
            parts.append(([], []))
        parts[-1][0].append(level)
        parts[-1][1].extend(own)
    names = ["–".join(dict.fromkeys(level_texts([levels[0], levels[-1]]))) for levels, _ in parts]
    return [(name, roots) for name, (_, roots) in zip(names, parts, strict=True) if roots]


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
