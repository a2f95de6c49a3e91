"""The two templates that a search needs, written for a command: ``config`` with what is drawn, and ``run.sh``."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.tree import layout
from .command import Word
from .environment import Activation, environment_lines
from .files import ReadFile
from .roles import BUDGET, CONSTANT, FOLDER, PARAMETER, SEED, Place
from .score import OUTPUT, Score, score_lines
from .spaces import Space

_TAKEN = {"out", "text", "PATH", "HOME", "IFS", "PWD", "UID", "EUID", "PPID", "GROUPS", "RANDOM", "SECONDS", "LINENO"}
_TAKEN |= {"SHELLOPTS", "BASHOPTS", "ENV", "_"}
BUDGET_MARK, FOLDER_MARK = "__BUDGET__", "__DIRECTORY__"  # valid as a text in every format
_PYTHON = re.compile(r"(^|/)python[\d.]*$|\.py$")
_NOT_BARE = re.compile(r"(^|[\[ ])none\b|['\"][^'\"]*[^\w/+.$%*@?|: '\"-][^'\"]*['\"](?=[],])")
_FILTERS = {"yaml": "toyaml", "json": "tojson", "toml": "totoml"}


@dataclass(frozen=True)
class Start:
    """Everything known about a command, from which run.sh and config are made.

    Args:
        words: the command's words.
        places: the values on it and in the file, with their roles.
        file: the file from which the program reads its parameters, if any.
        score: where the score is.
        activation: how to activate its environment.
        home: the directory where the command works.
        in_directory: start the program in its training run's directory instead.
        absolute: absolute paths for words that name files there.
        finds_file: the file is not on the command line; the program finds it by name where it is started.
    """

    words: tuple[Word, ...]
    places: Sequence[Place]
    file: ReadFile | None
    score: Score
    activation: Activation
    home: str
    in_directory: bool = False
    absolute: Mapping[int, str] | None = None
    finds_file: bool = False

    def having(self, role: str) -> list[Place]:
        """Give the values with this role."""
        return [place for place in self.places if place.role == role]

    @property
    def given_file(self) -> str:
        """Name of the file in a training run's directory that the program reads; empty if there is none."""
        if self.file is None:
            return ""
        return self.file.path.name if self.finds_file else f"{layout.CONFIG}{self.file.path.suffix}"


def literally(text: str) -> str:
    """Write a text so that a template yields it: character pairs that open a tag are split.

    >>> literally("${#a[@]} {{x}} {% y")
    "${{ '{' }}#a[@]} {{ '{' }}{x}} {{ '{' }}% y"
    """
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def config_text(start: Start) -> str:
    """Write the template ``config``: a line ``name=value`` for each parameter, or the file that the program reads."""
    if start.file is not None:
        return _file_text(start.file, [place for place in start.places if place.in_file])
    filters = {place: "tohydra | toshell" if _is_quoted(start, place) else "toshell" for place in start.places}
    lines = [f"{variable_of(place)}={{{{ {_drawn(place, filters[place])} }}}}" for place in filters if _is_drawn(place)]
    return "".join(f"{line}\n" for line in lines)


def _is_quoted(start: Start, place: Place) -> bool:
    """Whether a value of Hydra has an option that it takes for something else: None for a text, a comma for a list."""
    is_override = place.label != "" and not place.label.startswith("-") and not start.words[place.at].is_variable
    is_hydra = any(word.name.startswith("hydra.") for word in start.words)
    return is_hydra and is_override and place.space is not None and _NOT_BARE.search(place.space.arguments) is not None


def _is_drawn(place: Place) -> bool:
    return place.role in (PARAMETER, SEED)


def _drawn(place: Place, written: str) -> str:
    """Write the expression that draws a parameter; ``written`` is the filter for values that need quoting."""
    if place.role == SEED:
        return "seed()" if place.name.rpartition(".")[2] == "seed" else f"seed({place.name!r})"
    space = place.space or Space("choice", "[]")
    call = space.expression(place.name)
    if space.switch:
        if place.in_file:
            return call
        yes, no = ("true", "false") if place.value is not None else (place.label, "")
        return f"{yes!r} if {call} else {no!r}"
    return f"{call} | {written}" if space.texts else call


def variable_of(place: Place) -> str:
    """Name the shell variable that holds a drawn value.

    >>> variable_of(Place("trainer.max-lr", "", "1", 0)), variable_of(Place("2d", "", "1", 0))
    ('trainer_max_lr', '_2d')
    """
    name = re.sub(r"\W", "_", place.name, flags=re.ASCII)
    name = f"_{name}" if name[0].isdigit() else name
    name = f"{name}_" if place.label.startswith("-") and name.isupper() else name  # LANG may be exported already
    return f"{name}_" if name in _TAKEN or name.startswith(("HYBAND_", "BASH")) else name


def _file_text(file: ReadFile, places: Sequence[Place]) -> str:
    text, at = "", 0
    for place in sorted((p for p in places if p.role != CONSTANT), key=lambda p: file.leaves[p.at].start):
        leaf = file.leaves[place.at]
        if leaf.start < at:  # within a list that is drawn as a whole
            continue
        text += literally(file.text[at : leaf.start]) + _in_file(place, _FILTERS[leaf.kind or file.kind])
        at = leaf.end
    return text + literally(file.text[at:])


def _in_file(place: Place, written: str) -> str:
    if place.role == BUDGET:
        return f'"{BUDGET_MARK}"'
    if place.role == FOLDER:
        return f'"{FOLDER_MARK}{f"/{place.file_name}" if place.file_name else ""}"'
    call = _drawn(place, written)
    is_ready = place.role == SEED or (place.space is not None and place.space.texts)
    return f"{{{{ {call if is_ready else f'{call} | {written}'} }}}}"


def run_text(start: Start) -> str:
    """Write the template ``run.sh``."""
    folders, unit = start.having(FOLDER), next((place.label for place in start.having(BUDGET)), "")
    head = [
        "#!/usr/bin/env bash",
        "# Trains one configuration. $1 is its directory, relative to where the search was started; $2 is its budget"
        + (f" ({unit})." if unit else "."),
        '# What is printed goes to "$1/attempt-1.log". This file is a template, as config is: docs/space.md.',
        "",
        *environment_lines(start.activation),
        "",
        'out=$(realpath "$1") # absolute: it stays valid after cd',
        *(
            []
            if start.file is not None or not any(map(_is_drawn, start.places))
            else ['. "$out/config" # the parameters, as variables']
        ),
        *_place(start),
    ]
    lines = [*head, *_given_file(start), *_fresh(start), *_training(start), "", *score_lines(start.score)]
    assert folders or start.in_directory or not start.score.in_file
    return literally("\n".join(lines) + "\n")


def _place(start: Start) -> list[str]:
    """Change to the directory where the program is started."""
    if not start.in_directory:
        return [f"cd {shlex.quote(start.home)}"]
    has_modules = any(word.before == "-m" for word in start.words)
    path = f"export PYTHONPATH={shlex.quote(start.home)}${{PYTHONPATH:+:$PYTHONPATH}} # for python -m"
    return ['cd "$out" # the program reads and writes where it is started', *([path] if has_modules else [])]


def _fresh(start: Start) -> list[str]:
    """Remove the score file of an earlier attempt, if the program writes that file as a whole."""
    score = start.score
    if score.kind not in ("json", "text") or not score.in_file or "*" in score.file:
        return []
    return [f'rm -f "$out"/{shlex.quote(score.file)} # of an earlier attempt, which must not count']


def _given_file(start: Start) -> list[str]:
    """Write the file that the program reads, with its budget and directory."""
    if start.file is None:
        return []
    target = f'"$out"/{shlex.quote(start.given_file)}'
    inside = {place.role for place in start.places if place.in_file}
    if not inside & {BUDGET, FOLDER}:
        return [f'cp "$out/config" {target} # the same, with an ending that the program knows']
    lines = ['text=$(<"$out/config")']
    lines += [f'text=${{text//\\"{BUDGET_MARK}\\"/"$2"}}'] if BUDGET in inside else []
    lines += [f'text=${{text//{FOLDER_MARK}/"$out"}}'] if FOLDER in inside else []
    return [*lines, f"printf '%s\\n' \"$text\" > {target}"]


def _training(start: Start) -> list[str]:
    given = {place.at: place for place in start.places if not place.in_file}
    words = [_word(start, number, word, given.get(number)) for number, word in enumerate(start.words)]
    for number, word in enumerate(start.words[:-1]):
        if _would_be_a_flag(start, word, given.get(number + 1)):
            words[number : number + 2] = [f"{words[number]}={words[number + 1]}", ""]
    command = " ".join(word for word in words if word)
    return [f'{command} 2>&1 | tee "$out/{OUTPUT}"' if start.score.in_output else command]


def _would_be_a_flag(start: Start, word: Word, value: Place | None) -> bool:
    """Whether Python's argparse takes a drawn value for another flag, as it does with -1e-05; not after ``--bias=``."""
    if not word.before.startswith("--") or value is None or value.label != word.before or value.role != PARAMETER:
        return False
    texts = (one.before or one.value or "" for one in start.words)
    return value.space is not None and value.space.has_minus and any(map(_PYTHON.search, texts))


def _word(start: Start, number: int, word: Word, place: Place | None) -> str:
    before = shlex.quote(word.before) if word.before else ""
    if word.is_variable:
        before = word.before
    if start.file is not None and word.value is not None and word.value == str(start.file.path):
        return f'{before}"$out"/{start.given_file}'
    if place is None or place.role == CONSTANT:
        value = (start.absolute or {}).get(number, word.value)
        before = "" if word.value is None and value is not None else before
        return before + ("" if value is None else shlex.quote(value))
    if place.role == BUDGET:
        return f'{before}"$2"'
    if place.role == FOLDER:
        return f'{before}"$out{f"/{place.file_name}" if place.file_name else ""}"'
    name = variable_of(place)
    if word.is_switch:
        return f'${{{name}:+"${name}"}}'
    return f'{before}"${name}"'
