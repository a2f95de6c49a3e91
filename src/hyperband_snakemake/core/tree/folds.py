"""The file ``folds``, a table of fold results, for configurations whose folds are separate training runs."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from ..disk.files import exists, read, version_of
from . import layout
from .layout import Slot
from .number import NotANumber, parse_number
from .outcome import EMPTY, INTERRUPTED, Outcome, Status, completed, failed, read_outcome, read_verdict
from .planfile import read_plan
from .record import read_attempts

_HEAD = "repetition\tfold\tresult"
_NONE = "nan"
_ENDED = (Status.COMPLETED, Status.FAILED, Status.EMPTY)
AGGREGATES: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = {  # exact, so large sums cannot overflow
    "mean": lambda values: sum(values, Fraction()) / len(values),
    "median": lambda values: (sorted(values)[(len(values) - 1) // 2] + sorted(values)[len(values) // 2]) / 2,
    "min": min,
    "max": max,
}


def table_text(outcomes: Mapping[str, Outcome]) -> str:
    r"""Text of the table; each fold is named "REPETITION-FOLD".

    >>> table_text({"0-0": completed(b"0.5"), "0-1": failed("exit status 3")})
    'repetition\tfold\tresult\n0\t0\t0.5\n0\t1\tnan\n'
    """
    rows = ["\t".join([*part.split("-"), outcome.text or _NONE]) for part, outcome in outcomes.items()]
    return "\n".join([_HEAD, *rows]) + "\n"


def read_table(directory: Path) -> dict[str, str]:
    """Read the text of each fold's result from the table; empty if there is none, or it cannot be read."""
    text = read(directory / layout.FOLDS) or ""
    if not text.startswith(_HEAD):
        return {}
    try:
        rows = [line.split("\t") for line in text.splitlines()[1:]]
        return {f"{repetition}-{fold}": result for repetition, fold, result in rows}
    except ValueError:
        return {}


def fold_of(reason: str) -> tuple[str, str]:
    """Split the reason of a failed configuration into its failed fold (empty if there is none) and the cause.

    >>> fold_of("repetition 0, fold 1: exit status 3"), fold_of("exit status 3")
    (('0-1', 'exit status 3'), ('', 'exit status 3'))
    """
    match = re.match(r"repetition (\d+), fold (\d+): ", reason)
    return (f"{match[1]}-{match[2]}", reason[match.end() :]) if match else ("", reason)


def known_by_its_configuration(fold: Slot) -> Outcome | None:
    """Give a fold without files of its own its configuration's outcome; None if it must be trained.

    A lost fold is restored from the table. If the configuration's result was put there by hand, the fold is empty.
    """
    if read_attempts(fold.path) or exists(fold.path / layout.RESULT):
        return None
    parts, directory = read_plan(Path()).stage(fold.bracket, fold.stage).fold_names, fold.configuration.path
    whole = read_whole(directory, parts)
    if whole.status not in (Status.COMPLETED, Status.FAILED):
        return None
    result = read_table(directory).get(fold.fold)
    if result is not None and _is_number(result):
        return completed(result.encode())
    if result is not None and whole.status is Status.FAILED:
        return failed(fold_of(whole.reason)[1])
    by_hand = not exists(directory / layout.OUTCOME)
    return EMPTY if by_hand or whole.status is Status.COMPLETED else None


def read_whole(directory: Path, parts: Sequence[str]) -> Outcome:
    """Read the outcome of a configuration; ``parts`` names its folds, if they are separate training runs.

    A fold can write anything into its configuration's directory. So once one has begun, the outcome there counts only
    if it follows from the folds; otherwise it must be computed from them again.
    """
    whole = (parts and read_verdict(directory)) or read_outcome(directory)
    if not parts or whole.status not in _ENDED or _is_of_its_folds(directory, parts, whole):
        return whole
    return INTERRUPTED


def _is_of_its_folds(directory: Path, parts: Sequence[str], whole: Outcome) -> bool:
    folds = {part: directory / f"fold-{part}" for part in parts}
    begun = [part for part, path in folds.items() if read_attempts(path)]
    if not begun:  # put there by hand, or all of them are lost
        return True
    outcomes = {part: read_outcome(path) for part, path in folds.items()}
    table = read_table(directory)
    known = {part: o.text or _NONE for part, o in outcomes.items() if o.status in (Status.COMPLETED, Status.FAILED)}
    if any(o.status is Status.RUNNING for o in outcomes.values()) or not known.keys() & set(begun):
        return False
    if any(table.get(part, known[part]) != known[part] for part in begun if part in known):
        return False
    texts = [known.get(part) or table.get(part, "") for part in parts]
    if not all(map(_is_number, texts)):
        return whole.status is Status.FAILED and all(text == _NONE or _is_number(text) for text in texts)
    values = [Fraction(parse_number(text.encode())) for text in texts]
    near = 1e-9 * float(max(map(abs, values)))  # 0.1.0 added them up with rounding errors
    search = directory.parents[2]
    how = AGGREGATES[_aggregate_of(search, version_of(search / layout.PLAN))]
    return whole.result is not None and abs(how(values) - Fraction(whole.result)) <= near


@lru_cache(maxsize=8)
def _aggregate_of(search: Path, version: tuple[int, int, int] | None) -> str:
    """Read how a search combines the results of folds; cached until its plan has another ``version``."""
    del version
    return read_plan(search).settings.aggregate


def _is_number(text: str) -> bool:
    try:
        parse_number(text.encode())
    except NotANumber:
        return False
    return True


def aggregate(outcomes: Mapping[str, Outcome], how: str) -> Outcome:
    """Combine the outcomes of all folds, named "REPETITION-FOLD". If one has failed, so has the whole, and it is named.

    >>> aggregate({"0-0": completed(b"0.5"), "0-1": completed(b"0.25")}, "mean").result
    0.375
    >>> aggregate({"0-0": completed(b"0.5"), "0-1": failed("exit status 3")}, "mean").reason
    'repetition 0, fold 1: exit status 3'
    """
    for part, outcome in outcomes.items():
        if outcome.status is Status.EMPTY:
            return EMPTY
        if outcome.status is not Status.COMPLETED:
            repetition, _, fold = part.partition("-")
            return failed(f"repetition {repetition}, fold {fold}: {outcome.reason}")
    values = [Fraction(outcome.result) for outcome in outcomes.values() if outcome.result is not None]
    return completed(repr(float(AGGREGATES[how](values))).encode())


def read_folds(directory: Path) -> tuple[float, ...]:
    """Results of a configuration's folds, in order; empty if it has none, or they cannot be read."""
    table = read_table(directory)
    try:
        return tuple(map(float, table.values()))
    except ValueError:
        return ()


def spread(values: Sequence[float]) -> float | None:
    """Sample standard deviation; None for fewer than two values, if one is not a number, or on overflow.

    >>> spread([0.5, 0.25, 0.75]), spread([0.5]), spread([1.7e308, -1.7e308])
    (0.25, None, None)
    """
    import statistics  # noqa: PLC0415 (slow, and training runs do not need it)

    try:
        return statistics.stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
    except OverflowError:
        return None
