"""Libraries that not every search needs: imported when they are, with a message that says how to install them."""

import importlib
from typing import Any

from .errors import HybandError


def load(module: str, extra: str) -> Any:
    """Import a module that comes with an extra of this package.

    Raises:
        HybandError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise HybandError(
            f"{error.name or module} is not installed. It comes with: pip install 'hyperband-snakemake[{extra}]'"
        ) from None
