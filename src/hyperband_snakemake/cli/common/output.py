"""Standard output and standard error as the commands write to them."""

import io
import os
import sys
from typing import Any


class Unheard(io.FileIO):
    """Output whose reader, head for example, may have seen enough: the command does its work all the same."""

    gone = False

    def write(self, data: Any) -> int:
        """Write, or do as if."""
        try:
            return super().write(data)
        except BrokenPipeError:
            self.gone = True
            return memoryview(data).nbytes


def lenient(stream: Any) -> Any:
    """Write to the same file, whoever reads it and whatever letters it can hold."""
    if stream is None:  # closed
        return open(os.devnull, "w")
    raw = io.BufferedWriter(Unheard(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(raw, stream.encoding, "replace", line_buffering=stream.line_buffering)


def is_read() -> bool:
    """Whether somebody may still read what is printed: for commands that do nothing else."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, Unheard) and raw.gone)
