r"""The one reader of the file ``result``.

Grammar: blanks, one number, blanks, and nothing else::

    file   = [UTF-8 byte order mark] blanks number blanks
    blanks = any of space, tab, carriage return, line feed; none is fine
    number = ["+" | "-"] (digits ["." [digits]] | "." digits) [("e" | "E" | "d" | "D") ["+" | "-"] digits]
    digits = one or more of 0 to 9

and the value is finite in double precision. ``d`` is how Fortran writes an exponent. Refused although Python's
``float`` takes them: ``1_000``, non-ASCII digits, other kinds of whitespace, ``nan`` and ``infinity``.
"""

import math
import re

LONGEST = 4096  # bytes; a number is shorter, so a longer file is a log by mistake
_NUMBER = re.compile(rb"[ \t\r\n]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?)[ \t\r\n]*")
_NOT_A_NUMBER = re.compile(
    r"[+-]?(1\.#?(qnan|snan|ind|nan)|s?q?nan[0-9]*(\(.*\))?|na|null|none|nil|\.nan|#n/a)", re.IGNORECASE
)
_INFINITE = re.compile(r"[+-]?(\.?inf(inity)?|1\.#inf[0-9]*|∞|\*+)", re.IGNORECASE)
_WRAPPED = re.compile(r"[A-Za-z_][\w.]*\(.*[0-9].*\)", re.DOTALL)  # as Python prints it: np.float64(0.5), tensor(0.5)
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")


class NotANumber(ValueError):
    """The text is not a single finite decimal number; says why, and what to write instead."""


def parse_number(raw: bytes) -> float:
    r"""Read the content of a result file.

    Raises:
        NotANumber: it is anything but one finite number.

    >>> parse_number(b" -9.8e-1\r\n")
    -0.98
    >>> parse_number(b"0,5")
    Traceback (most recent call last):
    ...
    hyperband_snakemake.core.tree.number.NotANumber: it holds '0,5', with a comma; write a decimal point
    """
    if len(raw) > LONGEST:
        raise NotANumber(f"it holds more than {LONGEST} bytes; write one number and nothing else")
    match = _NUMBER.fullmatch(raw.removeprefix(b"\xef\xbb\xbf"))
    if match is None:
        raise NotANumber(_reason(raw))
    value = float(match[1].lower().replace(b"d", b"e"))
    if not math.isfinite(value):
        raise NotANumber(f"it holds {match[1].decode()[:40]!r}, which is infinite in double precision")
    return value


def _reason(raw: bytes) -> str:  # noqa: PLR0911 (a list of cases)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        return "it is not plain text (UTF-16, or zero bytes); write it as ASCII or UTF-8"
    text = raw.decode("utf-8", errors="replace").strip(" \t\r\n\ufeff")
    shown = repr(text if len(text) <= 60 else text[:57] + "...")  # noqa: PLR2004
    if not text:
        return "it is empty (nothing written, or no space left on the disk)"
    if _NOT_A_NUMBER.fullmatch(text):
        return f"it holds {shown}: not a number"
    if _INFINITE.fullmatch(text):
        return f"it holds {shown}: infinite or too large to print"
    if _COMMA.fullmatch(text):
        return f"it holds {shown}, with a comma; write a decimal point"
    if _WRAPPED.fullmatch(text):
        return f"it holds {shown}, an object with a number in it; write float(x) instead of x"
    if all(_NUMBER.fullmatch(word.encode()) for word in text.split()):
        return f"it holds several numbers ({shown}); write one"
    return f"it holds {shown}; write one decimal number and nothing else"
