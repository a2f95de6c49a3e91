"""Option files in a search that the user may edit: ``slurm.toml`` and ``limits.toml``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from .units import OptionError

T = TypeVar("T")
FORMAT = 1


def read_options(path: Path, parse: Callable[[str], T], command: str) -> T | None:
    """Read such a file with ``parse``; None if there is none.

    Raises:
        OptionError: it cannot be read, or something in it is not valid; the text names the file and the ``command``
            that writes it.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # it is not UTF-8, not TOML, or an option is wrong
        raise OptionError(f"{path}: {error}. Fix it, or write it again with `{command}`.") from None


def options_from(text: str) -> dict[str, Any]:
    r"""Give the options in such a text, by name.

    Raises:
        OptionError: it has another format.
        TOMLDecodeError: it is not TOML.

    >>> options_from('format = 1\nmem = "4G"')
    {'mem': '4G'}
    """
    import tomllib  # noqa: PLC0415 (slow, and most searches have no such file)

    data = tomllib.loads(text)
    if data.pop("format", None) != FORMAT:
        raise OptionError(f"has a format that this search does not know; expected format = {FORMAT}")
    return data
