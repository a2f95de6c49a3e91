"""A hint about a run.sh that changes its directory although its arguments are relative to the one it started in."""

import os
import re
from pathlib import Path

from ..disk.files import read
from ..tree import environment, layout

_COMMENT = re.compile(r"(?m)(?:^|\s)#.*")
_ASIDE = re.compile(r"\(\s*cd\b(?:[^()]|\([^()]*\))*\)")  # (cd here && pwd): has no effect on what follows
_MOVE = re.compile(r"(?m)(?:^|[\s;&|{])(?:cd|pushd)[ \t]+(?:--[ \t]+)?(\"[^\"\n]*\"|'[^'\n]*'|[^\s;&|]+)")
_MADE_ABSOLUTE = re.compile(
    r"realpath|readlink\s+-\w*f|HYBAND_START|\(\s*cd\s+\"?\$\{?1|(?:\$\{?PWD\}?|\$\(pwd\))/?\"?\$"
)
_OWN = re.compile(r"\"?\$\{?1\b")
_OF_SCRIPT = re.compile(
    r"\$\(dirname [^)\n]*\$\{?(?:0|BASH_SOURCE)[^)\n]*\)|\$\{?HYBAND_SEARCH\b\}?|\$\{(?:0|BASH_SOURCE)%/\*\}"
)
_NAMED = re.compile(r"(?m)(?:^|[\s;])(\w+)=\"?(?:\$\(\s*cd\s+\"?)?@SEARCH@")


def hint_at_directory() -> str:
    """Say what is wrong if the run.sh in this directory changes its directory without making its arguments absolute.

    Returns:
        Part of a sentence, which names a result written in the wrong place if there is one; empty if all is well.
    """
    search = os.environ.get(environment.SEARCH, os.sep)
    text = _COMMENT.sub("", read(Path(layout.RUN)) or "")
    if os.path.isabs(search) or _MADE_ABSOLUTE.search(text):
        return ""
    text = _OF_SCRIPT.sub("@SEARCH@", text)
    for name in _NAMED.findall(text):
        text = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", "@SEARCH@", text)
    text = _ASIDE.sub("", text)
    moves = [move for move in _MOVE.finditer(text) if not _stays_with(move, text)]
    if not moves:
        return ""
    found = next((place for move in moves if (place := _tree_in(move[1], search))), "")
    return (
        (f"results were written below {found}; " if found else "")
        + "run.sh changes its directory with cd, but $1 is relative to where snakemake was started (HYBAND_START): "
        'write out=$(realpath "$1") before the cd, and "$out" after it'
    )


def _stays_with(move: re.Match[str], text: str) -> bool:
    """Whether it changes to the configuration's directory itself and does not use the argument after that."""
    return _OWN.match(move[1]) is not None and not re.search(r"\$\{?[13*@]", text[move.end() :])


def _tree_in(target: str, search: str) -> str:
    """The directory that was created in the wrong place, after a wrong cd; empty if none is found."""
    start = os.environ.get(environment.START, "")
    goal = os.path.expanduser(os.path.expandvars(target.strip("\"'").replace("@SEARCH@", os.getcwd())))
    wrong = Path(os.path.normpath(os.path.join(start, goal, search)))
    results = wrong.glob(f"bracket-*/stage-*/config-*/{layout.RESULT}")
    return str(wrong) if any(results) and not wrong.samefile(Path()) else ""
