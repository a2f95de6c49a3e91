"""The figures that Python draws: each module makes one kind, of rows, from `parts`."""

from .parts import MOST_POINTS, Figure, painted

__all__ = ["MOST_POINTS", "Figure", "painted"]
