"""Time spans written for people; all of them are written here.

`duration` is for texts; `time_unit` is for an axis, whose numbers share one unit. Measurements with fractions of a
second are written in seconds.
"""

UNITS = (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1))  # each with the next smaller unit


def duration(seconds: float) -> str:
    """Write a time span in its two largest units, rounded to seconds; the smaller unit is left out if it is 0.

    >>> duration(42), duration(75), duration(7500), duration(200000)
    ('42 s', '1 min 15 s', '2 h 5 min', '2 d 7 h')
    >>> duration(3600), duration(-3)
    ('1 h', '0 s')
    """
    whole = max(0, round(seconds))
    for unit, size, smaller, smaller_size in UNITS:
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def time_unit(seconds: float) -> tuple[float, str]:
    """Choose the unit for an axis of this length: its length in seconds, and its name.

    >>> time_unit(200), time_unit(2000), time_unit(20_000), time_unit(2_000_000)
    ((1.0, 'seconds'), (60.0, 'minutes'), (3600.0, 'hours'), (86400.0, 'days'))
    """
    units = ((3 * 86400, 86400.0, "days"), (3 * 3600, 3600.0, "hours"), (300, 60.0, "minutes"))
    return next(((size, name) for least, size, name in units if seconds > least), (1.0, "seconds"))
