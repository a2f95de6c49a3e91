"""Plan, write, run and watch Hyperband searches that live in a plain folder tree."""

__version__ = "0.1.0"
__all__ = ["__version__"]
