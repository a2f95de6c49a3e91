"""Exact numbers, written for people, JSON and run.sh."""

from decimal import Decimal
from fractions import Fraction

MOST_PARTS = 10**6  # largest denominator of a fraction that is recognised from its decimals


def number_text(value: Fraction | float) -> str:
    """Write a number as short decimals; run.sh gets its budget in this form.

    >>> number_text(Fraction(9)), number_text(Fraction("4.50")), number_text(Fraction(1, 3))
    ('9', '4.5', '0.3333333333333333')
    """
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    return format(Decimal(repr(float(exact))), "f")


def json_number(value: Fraction) -> int | float:
    """Give whole numbers as integers, so that JSON shows 9 and not 9.0."""
    return value.numerator if value.denominator == 1 else float(value)


def exact_number(text: str) -> Fraction:
    """Read a fraction that `json_number` wrote: the simplest one with these decimals.

    The same budget must compare equal whether it is read from the file or computed again.

    >>> [str(exact_number(text)) for text in ("0.43333333333333335", "0.0028", "0.1")]
    ['13/30', '7/2500', '1/10']
    """
    value = Fraction(text)
    simple = value.limit_denominator(MOST_PARTS)
    return simple if float(simple) == float(value) else value


def bytes_text(number: int) -> str:
    """Write an amount of disk with three digits.

    >>> bytes_text(122_200_000_000), bytes_text(999), bytes_text(1000)
    ('122 GB', '999 B', '1 kB')
    """
    size, units = Fraction(number), ["B", "kB", "MB", "GB", "TB", "PB"]
    while size >= 1000 and len(units) > 1:  # noqa: PLR2004
        size /= 1000
        units.pop(0)
    return f"{float(size):.3g} {units[0]}"


def short_number(value: Fraction) -> str:
    """Write whole numbers in full, others with six digits.

    >>> short_number(Fraction(1458)), short_number(Fraction(100, 81))
    ('1458', '1.23457')
    """
    return number_text(value) if value.denominator == 1 else f"{float(value):.6g}"


def counted(number: int, word: str) -> str:
    """Write a number with its noun, whose plural ends in s.

    >>> counted(1, "promotion"), counted(0, "promotion")
    ('1 promotion', '0 promotions')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"
