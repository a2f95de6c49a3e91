"""Libraries that only some commands need, and that `pip install hyperband-snakemake` leaves out."""

from importlib import import_module
from typing import Any

from .errors import HybandError


def needed(module: str, extra: str) -> Any:
    """Import a module of an extra.

    Raises:
        HybandError: it is not installed; the text says how to.

    >>> needed("json", "parquet").__name__
    'json'
    """
    try:
        return import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise HybandError(
            f"this needs {name}, which cannot be imported ({error}).\n  pip install 'hyperband-snakemake[{extra}]'"
        ) from None
