"""From a command line and the user's options to the two templates, with reasons for everything that was guessed."""

import os
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from . import roles
from .command import Word, added_word, read_command, read_switches
from .environment import find_activation
from .files import SUFFIXES, ReadFile, read_values
from .foreign import read_spaces
from .roles import BUDGET, CONSTANT, FOLDER, PARAMETER, SEED, Place, Wishes, give_roles, plain
from .score import FORMS, Score
from .spaces import suggestion
from .templates import Start, variable_of

HYDRA = "hydra.run.dir"
_NO_PARAMETER = re.compile(
    r"^[mcv]$|config|threads?$|workers$|jobs$|processes$|nproc|nodes$|verbose|interval|freq|gpus?$|devices?$|port$|host|name$|file$|path$|target|label|col(umn)?s?$|\.\d+$"
)
_SHELLS = ("bash", "sh", "zsh", "/bin/bash", "/bin/sh")
_HEAD = 65_536  # characters of a script that are read


@dataclass(frozen=True)
class Told:
    """What the user says about a command.

    Args:
        spaces: name and short space of each ``--space``.
        space_file: a file with spaces in another library's format.
        budget: name of the value that is the budget; empty: to be guessed.
        folder: name of the value that is the directory; empty: to be guessed.
        constants: names of values that do not change.
        config_file: which file has the parameters; None: one on the command line may be guessed. If it is not on the
            command line, the program finds it by its name, in the directory where it is started.
        score: where the score is; None: not given.
        in_directory: start the program in its training run's directory.
    """

    spaces: Sequence[tuple[str, str]] = ()
    space_file: Path | None = None
    budget: str = ""
    folder: str = ""
    constants: Collection[str] = ()
    config_file: Path | None = None
    score: Score | None = None
    in_directory: bool = False
    variables: dict[str, str] = field(default_factory=lambda: dict(os.environ))


def read_start(command: Sequence[str], told: Told) -> Start:
    """Read a command, and decide what each of its values is for; only names and spaces are checked.

    Raises:
        UsageError: a name, a space or a file is not valid.
    """
    for word in command:
        if "\0" in word or any("\ud800" <= char <= "\udfff" for char in word):
            raise UsageError(f"{word!a} is not UTF-8 text.")
    words, switches = read_switches(read_command(command))
    words = _with_hydra(words, told)
    foreign = dict(read_spaces(told.space_file)) if told.space_file else {}
    file = _parameter_file(words, told, foreign)
    in_file = _places_of(file)
    known = {place.name: place.value for place in [*_places(words, file), *in_file]}
    foreign, constants = roles.split_constants(foreign, known)
    new = [name for name in (*foreign, *constants) if plain(name) not in {plain(one) for one in known}]
    words = (*words, *(added_word(name, words, constants.get(name, "")) for name in new))
    wishes = Wishes([*foreign.items(), *switches, *told.spaces], told.budget, told.folder, told.constants)
    places = give_roles([*_places(words, file), *in_file], wishes)
    program = next(word.before for word in words if not word.is_variable)
    is_found = file is not None and all(
        word.value != str(file.path) for word in words
    )  # found by its name, where it starts
    in_directory = told.in_directory or is_found
    absolute = _absolute(words) if in_directory else None
    home = os.environ.get("PWD", "")
    home = home if home and os.path.realpath(home) == os.getcwd() else os.getcwd()
    activation = find_activation(program, told.variables)
    score = told.score or Score("own")
    start = Start(words, places, file, score, activation, home, in_directory, absolute, is_found)
    _refuse_same_names(start)
    return start


def _with_hydra(words: tuple[Word, ...], told: Told) -> tuple[Word, ...]:
    """Add Hydra's output directory, if the script uses Hydra and the command does not set it."""
    if told.folder or told.in_directory or any(word.name == HYDRA for word in words):
        return words
    overrides = [word for word in words if word.value is not None and word.label and "=" in word.before]
    scripts = [Path(word.before or word.value or "") for word in words]
    scripts += [Path(*(word.value or "").split(".")).with_suffix(".py") for word in words if word.name == "m"]
    if any(not w.label.startswith("-") and not w.is_variable for w in overrides) and any(map(_uses_hydra, scripts)):
        return (*words, Word(f"{HYDRA}=", HYDRA, "DIR", HYDRA))
    return words


def _uses_hydra(path: Path) -> bool:
    try:
        if path.suffix != ".py" or not path.is_file():
            return False
        with path.open(encoding="utf-8", errors="replace") as file:
            return "import hydra" in file.read(_HEAD)
    except OSError:
        return False


def _places(words: Sequence[Word], file: ReadFile | None) -> list[Place]:
    is_file = {number for number, word in enumerate(words) if file is not None and word.value == str(file.path)}
    nameless = [number for number, word in enumerate(words) if word.value is not None and not word.name]
    names = {number: f"argument_{place}" for place, number in enumerate(nameless, 1)}
    return [
        Place(word.name or names[number], word.label, word.value, number)
        for number, word in enumerate(words)
        if number not in is_file and (word.value is not None or word.is_switch)
    ]


def _places_of(file: ReadFile | None) -> list[Place]:
    leaves = file.leaves if file is not None else ()
    return [Place(leaf.name, leaf.name, leaf.value, number, in_file=True) for number, leaf in enumerate(leaves)]


def _parameter_file(words: Sequence[Word], told: Told, foreign: Collection[str]) -> ReadFile | None:
    """Find the file on the command line that has the parameters: named, or with a space or parameter in it."""
    values = [word.value for word in words if word.value is not None]
    if told.config_file is not None:
        return read_values(told.config_file)
    paths = [Path(value) for value in values if Path(value).suffix.lower() in SUFFIXES and os.path.isfile(value)]
    on_line = {plain(word.name) for word in words if word.name}
    wanted = {plain(name) for name in (*foreign, *(name for name, _ in told.spaces))} - on_line
    files, unread = list[ReadFile](), list[UsageError]()
    for path in paths:
        try:
            files.append(read_values(path))
        except UsageError as error:
            unread.append(error)
    for file in files:
        names = {plain(leaf.name) for leaf in file.leaves} | {
            plain(leaf.name.rpartition(".")[2]) for leaf in file.leaves
        }
        if file.is_told or wanted & names:
            return file
    nowhere = {plain(name) for name, _ in told.spaces if not name.startswith("argument_")} - on_line
    if nowhere and unread:
        raise unread[0]
    if len(files) != 1 or any((word.value or "").startswith("~") for word in words):
        return None
    return files[0] if nowhere or not (told.spaces or foreign) else None  # then the user can choose from its names


def _absolute(words: Sequence[Word]) -> dict[int, str]:
    """Give absolute paths for words that name a file here."""
    values = {number: word.value or word.before for number, word in enumerate(words) if word.value or not word.name}
    return {
        number: os.path.abspath(value)
        for number, value in values.items()
        if value and not value.startswith("/") and os.path.exists(value)
    }


def _refuse_same_names(start: Start) -> None:
    seen: dict[str, Place] = {}
    for place in start.places:
        if place.in_file or place.role not in (PARAMETER, SEED):
            continue
        other = seen.setdefault(variable_of(place), place)
        if other is not place:
            raise UsageError(
                f"{other.label or other.shown} and {place.label or place.shown} have the same name in run.sh."
            )


def check_start(start: Start, told: Told) -> None:
    """Refuse a command that is not enough for a search, naming the options that provide what is missing.

    Raises:
        UsageError: the budget, parameters, the score, or a directory that is needed is missing.
    """
    missing = list(_missing(start, told))
    if missing:
        raise UsageError("\n  ".join(["this is missing to write a search:", *missing, "Nothing was written."]))


def _missing(start: Start, told: Told) -> Iterator[str]:
    names = _named(start.places)
    if not start.having(BUDGET) and (drawn := roles.find_drawn_budget(start.places)):
        yield f"- The budget: {drawn} has a space. If it is the budget, and not drawn: --budget {drawn}."
    elif not start.having(BUDGET):
        numbers = [place for place in start.places if roles.whole_number(place.value)]
        found = ", ".join(f"{place.name} ({place.value})" for place in numbers)
        rest = f", one of: {found}." if numbers else ". If it is not there yet, add it: --epochs 27."
        yield (
            "- The budget: no number is called epochs, steps, iterations, rounds or n_estimators. Which one says how "
            f"long a training run takes? --budget NAME{rest}"
        )
    if not start.having(PARAMETER):
        yield "- Parameters: nothing has a space, so all training runs would be the same. Give one or more, such as"
        options = [option_for(place) for place in suggested(start)] or ["--lr '~log(1e-5, 1e-1)' in the command"]
        yield from (f"    {option}" for option in options)
    if any(word.before in _SHELLS for word in start.words) and any(word.name == "c" for word in start.words):
        yield (
            "- Nothing is read in what a shell gets by -c. Write values before it, as variables, and use them there: "
            "LR='~log(1e-5, 1e-1)' EPOCHS=27 bash -c 'python train.py --lr $LR --epochs $EPOCHS'"
        )
    if told.score is None:
        yield f"- The score: --result WHERE. WHERE is {FORMS}."
    elif told.score.in_file and not start.having(FOLDER) and not start.in_directory:
        yield (
            f"- The directory: {told.score.file} must be another file for each training run. Which value says where "
            f"the program writes? --directory NAME, one of: {names}. If none: --in-directory starts the program there."
        )
    elif told.score.kind == "own" and not start.having(FOLDER) and not start.in_directory:
        yield f"- The directory, where the program writes its result: --directory NAME, one of: {names}."


def _named(places: Sequence[Place]) -> str:
    """Name values as an option accepts them, with the value itself if the command line has no name for it."""
    named = [f"{place.name} ({place.value})" if not place.label else place.name for place in places]
    return ", ".join(dict.fromkeys(named)) or "none"


def suggested(start: Start) -> list[Place]:
    """Give the values that could be parameters: numbers and words, but not paths or values with another role."""
    free = [place for place in start.places if place.role == CONSTANT and place.label and not place.why]
    variables = {number for number, word in enumerate(start.words) if word.is_variable}
    return [place for place in free if (place.in_file or place.at not in variables) and _may_vary(place)]


def _may_vary(place: Place) -> bool:
    value = place.value
    if value is None or value in ("", "[...]", "null", "None"):
        return False
    is_word = re.fullmatch(r"[\w.+-]{1,30}", value) is not None and not re.search(r"\.[A-Za-z]+$", value)
    return is_word and not os.path.exists(value) and not _NO_PARAMETER.search(plain(place.name))


def option_for(place: Place) -> str:
    """Write the option that gives a value a space."""
    return f"--space {shlex.quote(f'{place.name}={suggestion(place.value, place.name)}')}"
