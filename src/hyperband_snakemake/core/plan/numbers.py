"""Exact numbers as people, JSON and run.sh get them."""

from decimal import Decimal
from fractions import Fraction

MOST_PARTS = 10**6  # of a fraction that is recognised by its decimals


def number_text(value: Fraction | float) -> str:
    """Write a number as short decimals: what run.sh gets as its budget.

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
    """Read what `json_number` wrote of a fraction: the simplest one that is written so.

    Budgets that are the same must be equal, also where one comes from the file and one is worked out again.

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
    """Whole numbers as they are, others with six digits.

    >>> short_number(Fraction(1458)), short_number(Fraction(100, 81))
    ('1458', '1.23457')
    """
    return number_text(value) if value.denominator == 1 else f"{float(value):.6g}"


def counted(number: int, word: str) -> str:
    """Write how many there are of something whose plural ends in s.

    >>> counted(1, "promotion"), counted(0, "promotion")
    ('1 promotion', '0 promotions')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"
