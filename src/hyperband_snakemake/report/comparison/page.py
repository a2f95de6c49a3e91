"""`hyband report` with several searches: the comparison as one self-contained HTML file."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ... import __version__
from ...core.disk.files import write
from ...extras import require
from ...snapshot.rows import parameter_names
from ...space.values import Value, value_text
from ..embedded.assets import COMPARISON, script, style, template
from .figures import charts_of
from .parts import Part
from .spaces import differences, ranges
from .words import CAUTION, Comparison, compare

SECTIONS = (
    *(("numbers", "Numbers"), ("words", "In words"), ("differences", "Differences")),
    *(("charts", "Results"), ("space", "Spaces")),
)


def comparison_html(parts: Sequence[Part], now: datetime | None = None) -> str:
    """Make the page.

    Raises:
        HybandError: Plotly is not installed.
    """
    plotly = require("plotly.offline", "report").get_plotlyjs()
    comparison = compare(parts)
    charts = charts_of(parts, comparison.budget)
    return template("comparison.html").render(
        title=" · ".join(part.name for part in parts),
        sections=[one for one in SECTIONS if one[0] != "charts" or charts],
        css=style(),
        js=script(COMPARISON),
        parts=parts,
        comparison=comparison,
        words=[*comparison.words, CAUTION],
        differences=differences(parts),
        space=_space(comparison),
        charts=charts,
        plotly=plotly.replace("</script", "<\\/script"),
        data=json.dumps({"charts": {name: figure for name, (_, figure) in charts.items()}}).replace("<", "\\u003c"),
        version=__version__,
        made=(now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _space(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each parameter, the values that each part has trained, and the value of its best."""
    parts, texts = comparison.parts, [ranges(part.rows) for part in comparison.parts]
    best: list[Mapping[str, Value]] = [m.best.parameters if m.best else {} for m in comparison.measures]
    names = list(dict.fromkeys(name for part in parts for name in parameter_names(part.rows)))
    return [
        (name, [(own.get(name, "-"), _value(name, of_best)) for own, of_best in zip(texts, best, strict=True)])
        for name in names
    ]


def _value(name: str, parameters: Mapping[str, Value]) -> str:
    """The best one's value, written as in all views; a dash if it does not have the parameter (different from None)."""
    if name not in parameters:
        return "-"
    value = parameters[name]
    return f"{value:.6g}" if isinstance(value, float) else value_text(value)


def write_comparison(parts: Sequence[Part], path: Path) -> int:
    """Write the page to a file, replacing an older one. Return its size in bytes.

    Raises:
        HybandError: Plotly is not installed.
    """
    write(path, comparison_html(parts))
    return path.stat().st_size
