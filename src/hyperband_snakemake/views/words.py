"""How numbers, values and states are written for people: the same in every view."""

from typing import Any

_ESCAPES = {**{n: f"\\x{n:02x}" for n in (*range(32), *range(127, 160))}, 9: "\\t", 10: "\\n", 13: "\\r"}


def one_line(text: str) -> str:
    r"""Write control characters, line ends among them, as escapes: a text takes a line and does nothing to a terminal.

    >>> one_line("a\nb\x1b[31m")
    'a\\nb\\x1b[31m'
    """
    return text.translate(_ESCAPES)


def value_text(value: Any) -> str:
    """Write the value of a parameter or a result: six digits, and on one line.

    >>> value_text(0.00001), value_text(1000.0), value_text(True), value_text("a\\tb")
    ('1e-05', '1000', 'True', 'a\\\\tb')
    """
    return f"{value:.6g}" if isinstance(value, float) else one_line(str(value))
