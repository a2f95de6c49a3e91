"""Charts about parameters: importance and parallel coordinates; made as in `figures`."""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from .figures.parts import Figure, axis, depth, line, sample, short
from .figures.texts import brief, labels, level_text, level_texts, plain
from .importance import Importance, Parameter

MOST_BARS = 40  # in the chart of importance
MOST_LINES = 900  # all kinds together


def importance_bars(found: Mapping[str, Importance]) -> Figure:
    """What each parameter explains, with its interval, largest on top; muted if it could be chance.

    Next to it is which numbers are better. A parameter that was not judged has no bar.
    """
    shown = list(found.items())[:MOST_BARS][::-1]
    names, kinds = [name for name, _ in shown], [one for _, one in shown]
    ends = [100 * one.high for one in kinds]
    notes = [_beside(name, end, one) for name, end, one in zip(names, ends, kinds, strict=True)]
    left_out = len(found) - len(shown)
    title = "share explained (%)" + (f"<br>{left_out} less important parameters not shown" if left_out else "")
    ticks = {"tickvals": names, "ticktext": labels(names, 26)}
    most = max([*ends, 10])
    step = next(step for step, until in ((5, 12), (10, 30), (20, most)) if most <= until)
    shares = axis(title, tickvals=list(range(0, 101, step)))
    layout = {
        "xaxis": shares | {"range": [0, 1.7 * most]},  # room for text
        "yaxis": axis("", type="category", categoryorder="array", categoryarray=names, **ticks),
        "bargap": 0.35,
        "annotations": notes,
    }
    narrow = {"layout": {"xaxis": shares | {"range": [0, 2.8 * most]}}}
    return {"data": [_bars(shown)], "layout": layout, "narrow": narrow}


def _bars(shown: Sequence[tuple[str, Importance]]) -> dict[str, Any]:
    """Shares with their intervals; a parameter that was not judged has none."""
    kinds = [one for _, one in shown]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [short(100 * one.share) if one.is_judged else None for one in kinds],
        "y": [name for name, _ in shown],
        "marker": {"color": ["--good" if one.is_told else "--faint" for one in kinds]},
        "hovertext": [importance_text(name, one) for name, one in shown],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [short(100 * (one.high - one.share)) for one in kinds],
            "arrayminus": [short(100 * (one.share - one.low)) for one in kinds],
            "color": "--ink",
            "thickness": 1.5,
        },
    }


def _beside(name: str, end: float, one: Importance) -> dict[str, Any]:
    words = f"{100 * one.share:.0f} %" if one.is_told else "chance?" if one.is_judged else "too few to judge"
    text = f"{words}, {one.better} is better" if one.better else words
    look = {"xanchor": "left", "xshift": 6, "showarrow": False, "font": {"size": 11}}
    return {"x": short(end), "y": name, "text": text} | look


def importance_text(name: str, one: Importance) -> str:
    """Describe a parameter's importance, for the text under the pointer."""
    name = plain(name)
    if not one.is_judged:
        return f"{name}: too few configurations to judge it"
    lines = [f"{name}: {100 * one.share:.0f} % (90 % interval {100 * one.low:.0f} to {100 * one.high:.0f} %)"]
    if not one.is_told:
        lines.append("could be chance")
    if one.partners:
        lines.append(f"depends on: {', '.join(map(plain, one.partners))}")
    if one.direction is not None and one.direction_ends is not None:
        ends = f"95 % interval {one.direction_ends[0]:.2f} to {one.direction_ends[1]:.2f}"
        lines.append(f"rank correlation with better results {one.direction:+.2f} ({ends})")
    return "<br>".join(lines)


def parallel(
    parameters: Sequence[Parameter], scores: Mapping[str, float], reached: Mapping[str, int], best: str | None
) -> Figure:
    """Each configuration as a line across its parameters, skipping those it does not have."""
    last = max(reached.values(), default=0) + 1
    most = MOST_LINES // last
    roots = sorted(root for root in scores if root != best)
    heights = [_heights(parameter) for parameter in parameters]
    heights.append({root: (1 - score / 100, "") for root, score in scores.items()})
    traces = []
    for stage in range(last):
        own = sample([root for root in roots if reached.get(root, 0) == stage], most)
        x, y = _polylines(own, heights)
        name = "not promoted" if stage == 0 else f"reached stage {stage}"
        if own:
            traces.append(
                line(x, y, depth(stage, last), name=name, width=0.7 + stage * 0.5, opacity=0.55, hoverinfo="skip")
            )
    x, y = _polylines([best] if best in scores else [], heights)
    traces.append(line(x, y, "--winner", name="best configuration", width=3.5, hoverinfo="skip"))
    names = [*(parameter.name for parameter in parameters), "initial score"]
    notes = [note for place, parameter in enumerate(parameters) for note in _marks(parameter, place)]
    notes += [_note(len(parameters), at, text, "right") for at, text in ((0.0, "worst"), (1.0, "best"))]
    layout = {
        "xaxis": axis(
            "",
            tickvals=list(range(len(names))),
            ticktext=labels(names),
            side="top",
            range=[-0.2, len(names) - 0.6],
            autotickangles=[0, 90],  # a slanted name would stick out of a small screen
            gridcolor="--muted",
        ),
        "legend": {"y": -0.02, "yanchor": "top"},
        "yaxis": {"visible": False, "range": [-0.04, 1.04]},
        "annotations": notes,
    }
    return {"data": traces, "layout": layout}


def _heights(parameter: Parameter) -> dict[str, tuple[float, str]]:
    """Position of each configuration on a vertical axis from 0 to 1."""
    if parameter.levels:
        number = {value: place / (len(parameter.levels) - 1) for place, value in enumerate(parameter.levels)}
        return {root: (number[value], level_text(value)) for root, value in parameter.values.items()}
    scale: Any = log if parameter.log else lambda value: value  # integers stay exact, however close to each other
    places = {root: scale(value) for root, value in parameter.values.items()}
    low, high = min(places.values()), max(places.values())
    heights = {root: (place - low) / (high - low) for root, place in places.items()}
    return {root: (height, level_text(parameter.values[root])) for root, height in heights.items()}


def _polylines(roots: Sequence[Any], heights: Sequence[Mapping[str, tuple[float, str]]]) -> tuple[list[Any], list[Any]]:
    x: list[Any] = []
    y: list[Any] = []
    for root in roots:
        points = [(place, round(height[root][0], 4)) for place, height in enumerate(heights) if root in height]
        x += [*(place for place, _ in points), None]
        y += [*(height for _, height in points), None]
    return x, y


def _marks(parameter: Parameter, place: int) -> list[dict[str, Any]]:
    """Names of the levels, or of the ends of the scale."""
    if parameter.levels:
        steps = len(parameter.levels) - 1
        names = labels(level_texts(parameter.levels))
        return [_note(place, i / steps, name) for i, name in enumerate(names)]
    numbers = [value for value in parameter.values.values() if isinstance(value, int | float)]
    return [_note(place, 0.0, brief(min(numbers))), _note(place, 1.0, brief(max(numbers)))]


def _note(x: float, y: float, text: str, anchor: str = "left") -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": text,
        "xanchor": anchor,
        "xshift": 4 if anchor == "left" else -4,
        "showarrow": False,
        "font": {"size": 11},
        "bgcolor": "--veil",
    }
