"""How numbers, values and states are written for people: the same in every view."""

_ESCAPES = {**{n: f"\\x{n:02x}" for n in (*range(32), *range(127, 160))}, 9: "\\t", 10: "\\n", 13: "\\r"}


def one_line(text: str) -> str:
    r"""Write control characters, including line ends, as escapes: one line that cannot affect a terminal.

    >>> one_line("a\nb\x1b[31m")
    'a\\nb\\x1b[31m'
    """
    return text.translate(_ESCAPES)


def result_text(value: float | None) -> str:
    """Write a result with six digits, everywhere.

    >>> result_text(0.00001), result_text(1000.0), result_text(None)
    ('1e-05', '1000', '-')
    """
    return "-" if value is None else f"{value:.6g}"
