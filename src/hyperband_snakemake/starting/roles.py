"""What each value on a command line is for: a parameter, the budget, the directory, a seed, or a constant."""

import glob
import os
import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..errors import UsageError
from .spaces import SWITCH, Space, is_space, parse_space, refuse_half_spaces

PARAMETER, BUDGET, FOLDER, SEED, CONSTANT = "parameter", "budget", "directory", "seed", "constant"

_BUDGETS = (  # the first kind that occurs is the budget
    re.compile(r"(n|num|max|min|total|train|nr)*(train(ing)?)?epochs?"),
    re.compile(r"(n|num|max|total|train|global|nr)*(train(ing)?)?(time)?steps?"),
    re.compile(r"(n|num|max|total|train|nr)*(iter|iters|iterations?)"),
    re.compile(r"(n|num|max|nr)*(boost(ing)?)?rounds?"),
    re.compile(r"(n|num|max|nr)*(estimators|trees?)"),
)
_FOLDERS = re.compile(
    r"(out|output|save|log|logging|logs?|results?|run|work|working|exp|experiment|checkpoint|checkpoints|ckpt|model|trial)"
    r"(dir|dirs|directory|folder|path|root)|(out|output|save|log|results?|checkpoint|ckpt)(file|filename|prefix|to)"
    r"|(output|save)\w*(dir|directory|folder|path|file)|out|output|outputs|save|dir|defaultrootdir|hydrarundir"
)
_MAY_BE_READ = re.compile(r"model|checkpoint|ckpt|trial|experiment|exp|run|work")
_SEEDS = re.compile(r"(random|rng|manual|global|torch|np|numpy|init)?(seed|randomstate|seeds)")
_SPLITS = re.compile(
    r"(val|valid|validation|test|eval|dev|holdout|train|data)(data)?(size|split|frac|fraction|ratio|share|part|percent|pct|prop)"
    r"|split(s|ratio|size|frac|fraction)?|(n|num|k)?(folds?|splits)|cv"
)
_PLACEHOLDER = re.compile(r"(DIR|DIRECTORY|OUTPUT_DIR)(?:/(.+))?")  # stands for the directory, or for a file in it
_FILES = re.compile(r"[\w.-]+\.[A-Za-z]\w{0,7}")


@dataclass(frozen=True)
class Place:
    """A value that the program gets, and what it is for.

    Args:
        name: its name in a space: ``lr``, ``model.lr``; its number if the command line has no name for it.
        label: how the user sees it.
        value: None for a flag without a value.
        at: index of the word on the command line, or of the value in the file.
        in_file: whether it is in the file that the program reads.
        role: one of the five roles.
        space: what a parameter is drawn from.
        why: why it has this role.
    """

    name: str
    label: str
    value: str | None
    at: int
    in_file: bool = False
    role: str = CONSTANT
    space: Space | None = None
    why: str = ""

    @property
    def file_name(self) -> str:
        """Name of the file written in the directory, if this value does not name a directory: ``--save out/model.pt``.

        It may be a prefix of file names, if there are such files and no directory with this name.
        """
        value = self.value or ""
        if match := _PLACEHOLDER.fullmatch(value):
            return match[2] or ""
        last = value.rstrip("/").rpartition("/")[2]
        named = re.search(r"(file|filename|prefix|name)$", plain(self.name)) is not None
        begins = not os.path.isdir(value) and glob.glob(f"{glob.escape(value)}[._-]*") != []
        is_file = _FILES.fullmatch(last) is not None or named or (begins and "/" not in value)
        return last if is_file else ""

    @property
    def shown(self) -> str:
        """Label and value."""
        if self.value is None or not self.label:
            return self.label or self.value or ""
        return f"{self.label} {self.value}" if self.label.startswith("-") else f"{self.label}={self.value}"


@dataclass(frozen=True)
class Wishes:
    """What the user has said about values by name, without guesses."""

    spaces: Sequence[tuple[str, Space | str]] = ()
    budget: str = ""
    folder: str = ""
    constants: Collection[str] = ()


def plain(name: str) -> str:
    """Normalize a name so that different spellings of it are equal.

    >>> plain("--max-epochs"), plain("trainer.max_epochs")
    ('maxepochs', 'trainer.maxepochs')
    """
    return re.sub(r"[-_]", "", name).lower()


def split_constants(
    spaces: Mapping[str, Space], given: Mapping[str, str | None]
) -> tuple[dict[str, Space], dict[str, str]]:
    """Part spaces from those with a single value, which stay as they are; ``given`` has the values of the command.

    A value that the command gives otherwise is changed by its space, but not a budget: it is the largest one.
    """
    known = {plain(name): value for name, value in given.items()}
    constants = {
        name: only
        for name, space in spaces.items()
        if (only := space.only) is not None
        and (plain(name) not in known or known[plain(name)] == only or _is_budget_name(name))
    }
    return {name: space for name, space in spaces.items() if name not in constants}, constants


def whole_number(value: str | None) -> int | None:
    """Read a whole number as programs take it; None for anything else.

    >>> [whole_number(value) for value in ("27", "27.0", "1e4", "10_000", "2.5", "-3", "adam")]
    [27, 27, 10000, 10000, None, None, None]
    """
    if not re.fullmatch(r"\d+(_\d+)*(\.\d*)?([eE]\+?\d{1,2})?", value or ""):
        return None
    number = Fraction((value or "").replace("_", ""))
    return int(number) if number.denominator == 1 else None


def find_drawn_budget(places: Sequence[Place]) -> str:
    """Find a value that has a space, although its name is that of a budget; empty if there is none."""
    return next((place.name for place in places if place.role == PARAMETER and _is_budget_name(place.name)), "")


def _is_budget_name(name: str) -> bool:
    return any(kind.fullmatch(plain(name).rpartition(".")[2]) for kind in _BUDGETS)


def find_place(places: Sequence[Place], name: str, option: str) -> Place:
    """Find the value with this name, or whose name ends with this part.

    Raises:
        UsageError: there is none, or more than one.
    """
    wanted = plain(name)
    found = [place for place in places if plain(place.name) == wanted]
    found = found or [place for place in places if plain(place.name).endswith(f".{wanted}")]
    if len({place.name for place in found}) < len(found):
        raise UsageError(f"{option}: {found[0].name} is there more than once. Leave one of them.")
    if len(found) != 1:
        what = f"{len(found)} values are" if found else "no value of the command is"
        there = ", ".join(dict.fromkeys(place.name for place in found or places)) or "none"
        raise UsageError(f"{option}: {what} called {name}; expected one of: {there}.")
    return found[0]


def give_roles(places: Sequence[Place], wishes: Wishes) -> list[Place]:
    """Decide what each value is for: as the user says, else by its text if that is clear, else by its name.

    Raises:
        UsageError: the user names a value that does not exist, or a space is not valid.
    """
    found = {place: _by_text(place) for place in places}
    for name, space in wishes.spaces:
        place = find_place(places, name, "--space")
        given = parse_space(place.label or name, space, typed=place.in_file) if isinstance(space, str) else space
        given = SWITCH if place.value is None else given
        found[place] = replace(place, role=PARAMETER, space=given, why="")
    for name in wishes.constants:
        place = find_place(places, name, "--constant")
        found[place] = replace(place, role=CONSTANT, why="as you say")
    for role, name in ((BUDGET, wishes.budget), (FOLDER, wishes.folder)):
        if name:
            place = find_place(places, name, f"--{role}")
            found[place] = replace(place, role=role, why="as you say")
    fixed = {place for place, now in found.items() if now.role != CONSTANT or now.why}
    for place in places:
        if place not in fixed and not (place.name == "c" and " " in (place.value or "")):  # of bash -c: told later
            refuse_half_spaces(place.label or place.name, place.value or "", f"--constant {shlex.quote(place.name)}")
    free = [place for place in places if place not in fixed and place.label and place.value is not None]
    for guess, role in ((_budget, BUDGET), (_folders, FOLDER), (_seeds, SEED)):
        if role == SEED or not any(now.role == role for now in found.values()):
            found |= {place: replace(place, role=role, why=f"by its name{_with_option(role)}") for place in guess(free)}
    return [_kept(found[place], places) for place in places]


def _kept(place: Place, places: Sequence[Place]) -> Place:
    """Keep a seed constant if there is a data split next to it: scores on different data cannot be compared."""
    beside = (one for one in places if one.name != place.name and _group(one) == _group(place))
    if place.role == SEED and any(_SPLITS.fullmatch(_last(one)) for one in beside):
        return replace(place, role=CONSTANT, why="a seed that may split the data: the same for all configurations")
    return place


def _group(place: Place) -> str:
    return place.name.rpartition(".")[0]


def _with_option(role: str) -> str:
    return {BUDGET: " (else: --budget NAME)", FOLDER: " (else: --directory NAME)", SEED: " (else: --constant NAME)"}[
        role
    ]


def _by_text(place: Place) -> Place:
    value = place.value or ""
    if is_space(value):
        return replace(place, role=PARAMETER, space=parse_space(place.label or value, value, typed=place.in_file))
    if match := _PLACEHOLDER.fullmatch(value):
        return replace(place, role=FOLDER, why=f"{match[1]} stands for it")
    return replace(place, role=BUDGET, why="BUDGET stands for it") if value == "BUDGET" else place


def _last(place: Place) -> str:
    name = plain(place.name)
    return name.replace(".", "") if name.startswith("hydra.") else name.rpartition(".")[2]


def _budget(places: Sequence[Place]) -> list[Place]:
    numbers = [place for place in places if whole_number(place.value) is not None]
    for kind in _BUDGETS:
        if found := [place for place in numbers if kind.fullmatch(_last(place))]:
            return found[:1]
    return []


def _named(pattern: re.Pattern[str], test: Callable[[str], bool]) -> Callable[[Sequence[Place]], list[Place]]:
    return lambda places: [place for place in places if pattern.fullmatch(_last(place)) and test(place.value or "")]


def _folders(places: Sequence[Place]) -> list[Place]:
    """Find values that name output directories; existing paths, which may be inputs, are left alone."""
    found = _named(_FOLDERS, lambda value: not re.fullmatch(r"[\d.]*|true|false|none|null|\[\.\.\.\]", value.lower()))(
        places
    )
    return [place for place in found if not (_MAY_BE_READ.match(_last(place)) and os.path.exists(place.value or ""))]


_seeds = _named(_SEEDS, lambda value: re.fullmatch(r"\d+", value) is not None)
