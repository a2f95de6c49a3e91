"""Writing a file so that a reader, or a crash, never sees half of it."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write the text beside ``path`` under a name of its own, then rename it into place (UTF-8, line ends as given)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read(path: Path) -> str | None:
    """Text of a file as it is, or None if it cannot be read; bytes that are no UTF-8 become U+FFFD."""
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return None
