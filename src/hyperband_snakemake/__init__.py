"""Plan, write, run and watch Hyperband searches that live in a plain folder tree."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .notebook import Search, load

__version__ = "0.1.0"
__all__ = ["Search", "__version__", "load"]


def __getattr__(name: str) -> Any:
    """Load what a notebook uses only there: commands start faster without."""
    if name in ("Search", "load"):
        from . import notebook  # noqa: PLC0415

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
