"""Charts of the parameters: importance, slices, parallel coordinates; made as in `figures`."""

from collections.abc import Mapping, Sequence
from math import log, log10
from statistics import median
from typing import Any

from .figures import Figure, axis, brief, depth, dots, line, sample, short, shortened
from .importance import Importance, Parameter

MOST_SHOWN = 12
MOST_LINES = 900  # of all kinds together


def importance_bars(found: Mapping[str, Importance]) -> Figure:
    """What each parameter explains, the most on top, with its interval; muted if it cannot be told from chance.

    Beside it stands which numbers are better. A parameter that was not judged has no bar.
    """
    shown = list(found.items())[:MOST_SHOWN][::-1]
    names, kinds = [name for name, _ in shown], [one for _, one in shown]
    values = [short(100 * one.share) if one.is_judged else None for one in kinds]
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": names,
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
    ends = [100 * one.high for one in kinds]
    notes = [_beside(name, end, one) for name, end, one in zip(names, ends, kinds, strict=True)]
    layout = {
        "xaxis": axis("share explained (%)", range=[0, 1.7 * max([*ends, 10])]),  # room for words
        "yaxis": axis("", type="category"),
        "bargap": 0.35,
        "annotations": notes,
    }
    return {"data": [bar], "layout": layout}


def _beside(name: str, end: float, one: Importance) -> dict[str, Any]:
    words = f"{100 * one.share:.0f} %" if one.is_told else "chance?" if one.is_judged else "too few to judge"
    text = f"{words}, {one.better} is better" if one.better else words
    look = {"xanchor": "left", "xshift": 6, "showarrow": False, "font": {"size": 11}}
    return {"x": short(end), "y": name, "text": text} | look


def importance_text(name: str, one: Importance) -> str:
    """Say what is known of a parameter's importance, for a pointer."""
    if not one.is_judged:
        return f"{name}: too few configurations to judge it"
    lines = [f"{name}: {100 * one.share:.0f} % (90 % interval {100 * one.low:.0f} to {100 * one.high:.0f} %)"]
    if not one.is_told:
        lines.append("cannot be told from chance")
    if one.partners:
        lines.append(f"depends on: {', '.join(one.partners)}")
    if one.direction is not None and one.direction_ends is not None:
        ends = f"95 % interval {one.direction_ends[0]:.2f} to {one.direction_ends[1]:.2f}"
        lines.append(f"rank correlation with better results {one.direction:+.2f} ({ends})")
    return "<br>".join(lines)


def slice_of(parameter: Parameter, scores: Mapping[str, float], reached: Mapping[str, int], best: str | None) -> Figure:
    """Score of the configurations over one parameter, with the medians; colours say how far they were promoted."""
    roots = sample(sorted(root for root in parameter.values if root in scores))
    at = _places(parameter)
    last = max(reached.values(), default=0) + 1
    traces = []
    for stage in range(last):
        own = [root for root in roots if reached.get(root, 0) == stage and root != best]
        if own:
            text = [f"{root}<br>{parameter.name} = {parameter.values[root]}" for root in own]
            x = [at(root) for root in own]
            traces.append(dots(x, [short(scores[r]) for r in own], depth(stage, last), text, size=5, opacity=0.6))
    if best is not None and best in scores and best in parameter.values:
        text = [f"best configuration<br>{parameter.name} = {parameter.values[best]}"]
        traces.append(dots([at(best)], [scores[best]], "--winner", text, size=11, opacity=1))
    traces.append(_medians(parameter, scores))
    x_axis = axis(parameter.name)
    if parameter.levels:
        names = [shortened(str(value)) for value in parameter.levels]
        x_axis |= {"tickvals": list(range(len(names))), "ticktext": names}
    elif parameter.log:
        x_axis |= {"type": "log", "dtick": _decades(parameter)}
    y_axis = axis("", range=[103, -3], tickvals=[0, 25, 50, 75, 100])
    return {"data": traces, "layout": {"xaxis": x_axis, "yaxis": y_axis, "showlegend": False}}


def _decades(parameter: Parameter) -> int:
    """Powers of ten from one tick to the next, so that there are few."""
    numbers = [value for value in parameter.values.values() if isinstance(value, int | float)]
    return max(1, round(log10(max(numbers) / min(numbers)) / 5))


def _places(parameter: Parameter) -> Any:
    """Where on the axis a configuration is; those with the same level lie side by side."""
    if not parameter.levels:
        return lambda root: parameter.values[root]
    number = {value: place for place, value in enumerate(parameter.levels)}
    aside = {root: ((i * 0.6180339887) % 1 - 0.5) * 0.5 for i, root in enumerate(parameter.values)}
    return lambda root: round(number[parameter.values[root]] + aside[root], 3)


def _medians(parameter: Parameter, scores: Mapping[str, float]) -> dict[str, Any]:
    known = [(value, scores[root]) for root, value in parameter.values.items() if root in scores]
    look: dict[str, Any] = {"hoverinfo": "skip", "width": 2.5}
    if parameter.levels:
        x: list[Any] = []
        y: list[Any] = []
        for place, level in enumerate(parameter.levels):
            here = [score for value, score in known if value == level]
            if here:
                x += [place - 0.32, place + 0.32, None]
                y += [median(here)] * 2 + [None]
        return line(x, y, "--ink", **look)
    known.sort(key=lambda item: item[0])  # type: ignore[arg-type,return-value]  # numbers
    bins = max(2, min(12, len(known) // 8))
    parts = [part for i in range(bins) if (part := known[i * len(known) // bins : (i + 1) * len(known) // bins])]
    middle = [median(value for value, _ in part) for part in parts]  # type: ignore[type-var]
    return line(middle, [median(score for _, score in part) for part in parts], "--ink", **look)


def parallel(
    parameters: Sequence[Parameter], scores: Mapping[str, float], reached: Mapping[str, int], best: str | None
) -> Figure:
    """Each configuration as a line across its parameters; it skips those that it does not have."""
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
    names = [*(parameter.name for parameter in parameters), "score at birth"]
    notes = [note for place, parameter in enumerate(parameters) for note in _marks(parameter, place)]
    notes += [_note(len(parameters), at, text, "right") for at, text in ((0.0, "worst"), (1.0, "best"))]
    layout = {
        "xaxis": axis(
            "",
            tickvals=list(range(len(names))),
            ticktext=[shortened(name) for name in names],
            side="top",
            range=[-0.2, len(names) - 0.6],
            autotickangles=[0, 90],  # a name that lies aslant sticks out of a small screen
            gridcolor="--muted",
        ),
        "legend": {"y": -0.02, "yanchor": "top"},
        "yaxis": {"visible": False, "range": [-0.04, 1.04]},
        "annotations": notes,
    }
    return {"data": traces, "layout": layout}


def _heights(parameter: Parameter) -> dict[str, tuple[float, str]]:
    """Place of each configuration on a vertical axis from 0 to 1."""
    if parameter.levels:
        number = {value: place / (len(parameter.levels) - 1) for place, value in enumerate(parameter.levels)}
        return {root: (number[value], str(value)) for root, value in parameter.values.items()}
    scale = log if parameter.log else float
    places = {root: scale(value) for root, value in parameter.values.items()}  # type: ignore[arg-type]
    low, high = min(places.values()), max(places.values())
    return {root: ((place - low) / (high - low), str(parameter.values[root])) for root, place in places.items()}


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
        return [_note(place, i / steps, str(level)) for i, level in enumerate(parameter.levels)]
    numbers = [value for value in parameter.values.values() if isinstance(value, int | float)]
    return [_note(place, 0.0, brief(min(numbers))), _note(place, 1.0, brief(max(numbers)))]


def _note(x: float, y: float, text: str, anchor: str = "left") -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": shortened(text),
        "xanchor": anchor,
        "xshift": 4 if anchor == "left" else -4,
        "showarrow": False,
        "font": {"size": 11},
        "bgcolor": "--veil",
    }
