"""Times and memory sizes, as Slurm and people write them."""

import math
import re
from fractions import Fraction

_CLOCK = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
UNLIMITED = ("UNLIMITED", "INFINITE")  # how Slurm writes that there is no time limit; so does 0
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|d)")
_SPANS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_SIZES = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", re.IGNORECASE)
_MEGABYTES = {"K": Fraction(1, 1024), "": Fraction(1), "M": Fraction(1), "G": Fraction(1024), "T": Fraction(1024**2)}


class OptionError(ValueError):
    """Something in ``slurm.toml`` or ``limits.toml`` is not valid; the text says what, and what was expected.

    The text begins with ``option``, its name in that file ("" if it is about something else).
    """

    def __init__(self, text: str, option: str = "") -> None:
        super().__init__(text)
        self.option = option


def parse_duration(text: str) -> int:
    """Read a time as Slurm writes it (minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S), or as 90s, 10min, 1.5h, 2d.

    >>> [parse_duration(text) for text in ("30", "1:30", "12:00:00", "1-6", "10min", "1.5h")]
    [1800, 90, 43200, 108000, 600, 5400]
    """
    if match := _SPAN.fullmatch(text.strip()):
        return math.ceil(Fraction(match[1]) * _SPANS[match[2]])
    if not (match := _CLOCK.fullmatch(text.strip())):
        raise OptionError(f"{text!r} is not a valid time; expected for example 12:00:00, 1-6, 10min or 1.5h")
    days, *rest = match.groups()
    first, second, third = (None if part is None else int(part) for part in rest)
    if days is not None:  # D-H[:M[:S]]
        return ((int(days) * 24 + (first or 0)) * 60 + (second or 0)) * 60 + (third or 0)
    if second is None:  # minutes
        return (first or 0) * 60
    if third is None:  # M:S
        return (first or 0) * 60 + second
    return ((first or 0) * 60 + second) * 60 + third


def parse_time_limit(text: str) -> int:
    """Read a time limit as `parse_duration` does; 0, also for Slurm's words for it, means no limit.

    >>> [parse_time_limit(text) for text in ("1:30", "0", "UNLIMITED")]
    [90, 0, 0]
    """
    return 0 if text.strip().upper() in UNLIMITED else parse_duration(text)


def slurm_time(seconds: float) -> str:
    """Write a time limit for Slurm, rounded up to whole minutes; 0 means no limit.

    >>> slurm_time(43201), slurm_time(59), slurm_time(0)
    ('12:01:00', '00:01:00', 'UNLIMITED')
    """
    if seconds == 0:
        return UNLIMITED[0]
    minutes = max(1, math.ceil(seconds / 60))
    days, rest = divmod(minutes, 24 * 60)
    return (f"{days}-" if days else "") + f"{rest // 60:02d}:{rest % 60:02d}:00"


def megabytes_of(text: str) -> int:
    """Read a memory size; a plain number means megabytes, as in Slurm.

    >>> megabytes_of("8G"), megabytes_of("500")
    (8192, 500)
    """
    if not (match := _MEMORY.fullmatch(text.strip())):
        raise OptionError(f"{text!r} is not a valid amount of memory; expected for example 500M or 8G")
    return math.ceil(Fraction(match[1]) * _MEGABYTES[match[2].upper()])


def duration_text(seconds: int) -> str:
    """Write a time for people, without rounding.

    >>> [duration_text(seconds) for seconds in (0, 45, 5400, 7200, 172801)]
    ['0 s', '45 s', '1 h 30 min', '2 h', '2 d 1 s']
    """
    parts = []
    for size, unit in _SIZES:
        number, seconds = divmod(seconds, size)
        parts += [f"{number} {unit}"] if number else []
    return " ".join(parts) or "0 s"


def memory_text(megabytes: int) -> str:
    """Write a memory size in the form that `megabytes_of` reads.

    >>> memory_text(4096), memory_text(1500)
    ('4G', '1500M')
    """
    return f"{megabytes // 1024}G" if megabytes % 1024 == 0 else f"{megabytes}M"
