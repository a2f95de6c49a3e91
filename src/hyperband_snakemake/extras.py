"""Optional libraries, which only some commands need."""

from importlib import import_module
from typing import Any

from .errors import HybandError


def require(module: str, extra: str) -> Any:
    """Import a module that one of this package's extras installs.

    Raises:
        HybandError: it is not installed; the text says how to install it.

    >>> require("json", "parquet").__name__
    'json'
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise HybandError(
            f"{error.name or module} is not installed. It comes with: pip install 'hyband[{extra}]'"
        ) from None
