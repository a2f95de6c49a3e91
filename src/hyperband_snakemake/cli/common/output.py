"""Standard output and standard error for the commands."""

import io
import os
import sys
from typing import Any


class Unheard(io.FileIO):
    """Output whose reader, such as head, may have stopped reading: the command does its work anyway."""

    gone = False

    def write(self, data: Any) -> int:
        """Write, or pretend to."""
        try:
            return super().write(data)
        except BrokenPipeError:
            self.gone = True
            return memoryview(data).nbytes


def lenient(stream: Any) -> Any:
    """Write to the same file, even if nobody reads it or it cannot represent all characters."""
    if stream is None:  # closed
        return open(os.devnull, "w")
    raw = io.BufferedWriter(Unheard(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(raw, stream.encoding, "replace", line_buffering=stream.line_buffering)


def is_read() -> bool:
    """Whether the output may still be read, for commands that do nothing but print."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, Unheard) and raw.gone)
