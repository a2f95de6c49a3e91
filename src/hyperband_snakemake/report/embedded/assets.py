"""The parts of the pages that are files of their own: templates, styles and scripts, each of one subject."""

from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

PLACE = resources.files("hyperband_snakemake") / "report" / "assets"
STYLES = ("page", "charts", "table", "panel", "phone", "print")
SCRIPTS = (  # in this order they become one script
    *("base", "colours", "columns", "chart_layout", "charts", "chart_tools", "slices"),
    *("filter", "table", "panel", "panel_parts", "scales"),
    *("parallel", "parallel_paint", "parallel_brushes", "parallel_axes", "scatter", "highlight"),
    *("theme", "print", "reload", "main"),
)
COMPARISON = ("base", "colours", "chart_layout", "theme", "comparison")  # the scripts of a comparison


def template(name: str) -> Template:
    """The HTML of a page; what all pages begin with is in ``head.html``."""
    environment = Environment(loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"g": _number, "seconds": lambda value: "" if value is None else f"{value:.1f}"}
    environment.filters["glued"] = _glued
    return environment.get_template(name)


def _number(value: Any) -> str:
    return "–" if value is None else f"{float(value):.6g}"


def _glued(text: str) -> str:
    """A text whose lines do not end between a number and its percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def style() -> str:
    """All styles."""
    return "\n".join(_read(f"{name}.css") for name in STYLES)


def script(names: Sequence[str] = SCRIPTS) -> str:
    """Scripts as one."""
    return "\n".join(['"use strict";', *(_read(f"{name}.js") for name in names)])


def _read(name: str) -> str:
    return (PLACE / name).read_text(encoding="utf-8")
