"""What is plain about a slot, read with as few imports as can be; train.sh has the same."""

import os
import stat
import time
from collections.abc import Iterable

LONGEST = 4096  # bytes of a plain file
ENDED = ".snakemake/packs"  # what stands for packs that have ended is below it
ENDING = f"{ENDED}/ending"  # has the name of a run that has to end: its packs begin nothing more
_GOOD = ', "reason": ""}\n'  # ends the line of an attempt whose number counts
_BLANKS = " \t\r\n"
_WORD = frozenset("-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def search_from_start(search: str, start: str) -> str:
    """Give the search as seen from where snakemake was started; absolute if links of another node lead astray."""
    if not search.startswith(".."):
        return search
    try:
        return search if os.path.samefile(os.path.join(start, search, "run.sh"), "run.sh") else os.getcwd()
    except OSError:
        return os.getcwd()


def is_stopped() -> bool:
    """Whether the run of snakemake was stopped, or has to end (SIGTERM)."""
    there = (name for name in ("run.stopped", ENDING) if os.path.exists(name))
    return any(read_plain(name, 1 << 20).partition("\n")[0] == os.environ.get("HYBAND_RUN") for name in there)


def is_json_word(text: str) -> bool:
    """Whether a text stands in JSON as it is."""
    return _WORD.issuperset(text)


def read_plain(path: str, most: int = LONGEST) -> str:
    """Text of a regular file; empty if it is anything else, or longer than ``most`` bytes, or cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        found = os.fstat(file)
        data = os.read(file, most) if stat.S_ISREG(found.st_mode) and found.st_size <= most else b""
    except OSError:
        data = b""
    finally:
        os.close(file)
    return data.decode("utf-8", errors="replace")


def is_good(record: str) -> bool:
    """Whether the last line of a record is plainly that of an attempt whose result counts."""
    return record.endswith(_GOOD) and '"exit": 0' in record.rpartition("\n{")[2]


def has_files(directory: str, names: Iterable[str]) -> bool:
    """Whether there are regular files of all these names."""
    return all(os.path.isfile(f"{directory}/{name}") for name in names)


def first_of_each(configurations: int, jobs: int) -> list[int]:
    """Give the number of the first configuration of each job.

    >>> first_of_each(7, 3)
    [0, 2, 4]
    """
    return [configurations * job // jobs for job in range(jobs)]


def number_in(slot: str) -> str:
    """Give the result that run.sh has left, if it is plain and there is no outcome; otherwise nothing."""
    text = read_plain(f"{slot}/result").strip(_BLANKS)
    return text if is_plain_number(text) and not os.path.lexists(f"{slot}/outcome") else ""


def is_plain_number(text: str) -> bool:
    """Whether a text is a number as nearly all are, so that nothing else needs to be known about it.

    >>> is_plain_number("-0.98"), is_plain_number("3e-05"), is_plain_number("nan"), is_plain_number(".5")
    (True, True, False, False)
    """
    mantissa, has_exponent, exponent = text.replace("E", "e").partition("e")
    whole, has_point, fraction = _unsigned(mantissa).partition(".")
    if has_exponent and not _is_digits(_unsigned(exponent), 2):
        return False
    return _is_digits(whole, 20) and (not has_point or _is_digits(fraction, 40))


def _unsigned(text: str) -> str:
    return text[1:] if text[:1] in ("-", "+") else text


def _is_digits(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= most


def now() -> str:
    """Time of day in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def write_all(file: int, text: str) -> None:
    """Write a text to an open file, whole."""
    data = text.encode()
    while data:
        data = data[os.write(file, data) :]
