"""Draws in lines that are comments for the program that reads the configuration, but not for Jinja2."""

import re

from .rendering import DRAWS

_DRAW = rf"\{{[{{%][^\n]*?(?:\b(?:{'|'.join(DRAWS)})\s*\(|\|\s*random\b)"
_OWN_COMMENT = re.compile(r"(?<!\$)\{#.*?#\}", re.DOTALL)
_DIRECTIVE = re.compile(r"\s*#(?:!|\$|SBATCH\b|PBS\b|BSUB\b|define\b|if|elif\b)")  # not a comment for its reader
_COMMENTED = re.compile(rf"(?:\s*(?:#|//|;)|[^\n]*\s#\s)[^\n]*?{_DRAW}")


def commented_draws(template: str) -> list[int]:
    """Return the numbers, from 1, of lines that look like comments but draw something.

    >>> commented_draws("lr: {{ uniform('lr', 0, 1) }}\\n# m: {{ uniform('m', 0, 1) }}\\n{# # n: {{ seed() }} #}")
    [2]
    """
    text = _OWN_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), template)
    lines = enumerate(text.split("\n"), 1)
    return [number for number, line in lines if _COMMENTED.match(line) and not _DIRECTIVE.match(line)]
