"""Singular and plural in messages."""


def counted(number: int, word: str) -> str:
    """Write how many there are of something whose plural ends in s.

    >>> counted(1, "promotion"), counted(0, "promotion")
    ('1 promotion', '0 promotions')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"
