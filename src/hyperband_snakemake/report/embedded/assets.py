"""The parts of the page that are files of their own: its template, its styles and its scripts, each of one subject."""

from importlib import resources

PLACE = resources.files("hyperband_snakemake") / "report" / "assets"
STYLES = ("page", "charts", "table", "panel", "phone", "print")
SCRIPTS = (  # in this order they become one script
    *("base", "colours", "columns", "charts", "chart_tools", "slices"),
    *("filter", "table", "panel", "panel_parts", "scales"),
    *("parallel", "parallel_paint", "parallel_brushes", "parallel_axes", "scatter", "highlight"),
    *("theme", "print", "reload", "main"),
)


def template() -> str:
    """The HTML of the page, for Jinja2."""
    return _read("report.html")


def style() -> str:
    """All styles."""
    return "\n".join(_read(f"{name}.css") for name in STYLES)


def script() -> str:
    """All scripts as one."""
    return "\n".join(['"use strict";', *(_read(f"{name}.js") for name in SCRIPTS)])


def _read(name: str) -> str:
    return (PLACE / name).read_text(encoding="utf-8")
