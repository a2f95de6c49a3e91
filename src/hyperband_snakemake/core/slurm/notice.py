"""A warning signal that Slurm is asked to send before a time limit: ``--signal`` among the sbatch options.

Slurm sends it either to the batch script alone or to every process of a job step, and most programs end when they get
it, including bash. So Slurm is asked for URG instead, which is ignored by default. The program that watches run.sh
(train.sh, train.py, guard.sh) then sends the requested signal to those descendants that handle it.
"""

import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..plan.units import OptionError

CARRIER = "URG"
OPTION = "--signal"
DEFAULT_SECONDS = 60  # Slurm's default


@dataclass(frozen=True)
class Notice:
    """Which signal (a name such as USR1), and how many seconds before the time limit."""

    signal: str
    seconds: int = DEFAULT_SECONDS


def notice_of(options: Iterable[str]) -> Notice | None:
    """Read the requested signal; None if there is none, or if only the batch script should get it (``B:``).

    Raises:
        OptionError: it is not a signal.

    >>> notice_of(["--nice", "--signal=USR1@90"]), notice_of(["--signal", "10"]), notice_of(["--signal=B:USR1"])
    (Notice(signal='USR1', seconds=90), Notice(signal='USR1', seconds=60), None)
    """
    values = [value for value in _values(options) if not value.startswith("B:")]
    if not values:
        return None
    name, _, seconds = values[-1].removeprefix("R:").partition("@")
    try:
        number = int(name) if name.isdecimal() else signal.Signals[f"SIG{name.upper().removeprefix('SIG')}"]
        return Notice(signal.Signals(number).name.removeprefix("SIG"), int(seconds or DEFAULT_SECONDS))
    except (KeyError, ValueError):
        text = f"sbatch-extra has {OPTION}={values[-1]}, which is not a signal; expected for example USR1@90"
        raise OptionError(text, "sbatch-extra") from None


def carried(options: Iterable[str], *, to_the_script: bool) -> list[str]:
    """Replace the signal by its carrier in a job's options; ``to_the_script``: the job has no steps and forwards it.

    >>> carried(["--signal", "USR1@90", "--nice"], to_the_script=True), carried(["--signal=B:10"], to_the_script=True)
    (['--nice', '--signal=B:URG@90'], ['--signal=B:10'])
    """
    options = list(options)
    notice = notice_of(options)
    if notice is None:
        return options
    return [*without(options), f"{OPTION}={'B:' if to_the_script else ''}{CARRIER}@{notice.seconds}"]


def without(options: Iterable[str]) -> list[str]:
    """Remove the option.

    >>> without(["--signal", "USR1@90", "--nice"])
    ['--nice']
    """
    words = iter(options)
    kept = []
    for word in words:
        name, _, value = word.partition("=")
        if name != OPTION:
            kept.append(word)
        elif not value:
            next(words, "")
    return kept


def _values(options: Iterable[str]) -> Iterator[str]:
    words = iter(options)
    for word in words:
        name, _, value = word.partition("=")
        if name == OPTION:
            yield value or next(words, "")
