"""What `hyband check` finds."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem: where it is, its kind (a sentence that explains it), and how to repair it if that is safe."""

    where: str
    what: str
    repair: Callable[[], str] | None = None
