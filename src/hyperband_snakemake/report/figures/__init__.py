"""The figures that Python makes: each module makes one kind from rows, using `parts`."""

from .parts import MOST_POINTS, Figure, painted

__all__ = ["MOST_POINTS", "Figure", "painted"]
