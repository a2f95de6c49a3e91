"""Plan, write, run and monitor Hyperband searches that are stored in a plain folder tree.

The command `hyband` does all of this; for scripts and notebooks there are three functions::

    import hyperband_snakemake as hb

    print(hb.plan(5, 3))         # what a search costs
    s = hb.generate("my-search", "my-templates", max_budget=27)  # write it; s.run(cores=2) runs it
    s = hb.load("my-search")     # a search on disk, in its present state
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import HybandError as HybandError
    from .notebook import Search as Search
    from .notebook import generate as generate
    from .notebook import load as load
    from .planning.search_plan import SearchPlan as SearchPlan
    from .planning.search_plan import plan as plan

__version__ = "0.1.0"
__all__ = ["HybandError", "Search", "SearchPlan", "__version__", "generate", "load", "plan"]

_MODULES = {
    "HybandError": "errors",
    "Search": "notebook",
    "SearchPlan": "planning.search_plan",
    "generate": "notebook",
    "load": "notebook",
    "plan": "planning.search_plan",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that commands and programs of a search start faster."""
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
