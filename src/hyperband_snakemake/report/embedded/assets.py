"""Parts of the pages that are separate files: templates, styles and scripts, one per subject."""

from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

PLACE = resources.files("hyperband_snakemake") / "report" / "assets"
STYLES = ("page", "charts", "table", "panel", "phone", "print")
SCRIPTS = (  # joined to one script in this order
    *("base", "colours", "columns", "chart_layout", "charts", "chart_tools", "slices"),
    *("filter", "table", "panel", "panel_parts", "scales"),
    *("parallel", "parallel_paint", "parallel_brushes", "parallel_axes", "scatter", "highlight"),
    *("theme", "print", "reload", "main"),
)
COMPARISON = ("base", "colours", "chart_layout", "theme", "comparison")  # the scripts of a comparison


def template(name: str) -> Template:
    """The HTML of a page; the common start of all pages is in ``head.html``."""
    environment = Environment(loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"g": _number, "seconds": lambda value: "" if value is None else f"{value:.1f}"}
    environment.filters["glued"] = _glued
    return environment.get_template(name)


def _number(value: Any) -> str:
    return "–" if value is None else f"{float(value):.6g}"


def _glued(text: str) -> str:
    """A text without line breaks between a number and its percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def style() -> str:
    """All styles."""
    return "\n".join(_read(f"{name}.css") for name in STYLES)


def script(names: Sequence[str] = SCRIPTS) -> str:
    """The scripts, joined to one."""
    return "\n".join(['"use strict";', *(_read(f"{name}.js") for name in names)])


def _read(name: str) -> str:
    return (PLACE / name).read_text(encoding="utf-8")
