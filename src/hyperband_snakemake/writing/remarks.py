"""Notes about suspicious things in templates, printed when a search is generated; none of them is an error."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ..core.disk.files import read
from ..core.training.starting import quoted
from ..core.tree import layout
from ..snapshot.snakefile import interface_of
from ..space.configurations import read_record
from ..space.jinja.commented import commented_draws
from ..space.parameters import read_texts
from ..space.reading.exponents import find_exponents
from ..space.reading.faults import find_fault
from .create import Templates

FEW = 100  # configurations to check: a template's mistake shows in many of them
_HEAD = 65_536  # bytes of a file that are read
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|(?<!\$)\{#.*?#\}", re.DOTALL)
_PIPE = re.compile(r"(?<![|>])\|&?(?!\|)")
_NO_PIPE = re.compile(r"\[\[.*\]\]|^\s*\(?[-\w.*?]+(\s*\|\s*[-\w.*?]+)+\)")  # a regular expression, options in `case`
_BEFORE_COMMAND = re.compile(r"^[\s({!]*((if|while|until|time|then|do|else|env)\s+|\w+=(\$\(|\S*\s+))*[\s({!]*")
_INCLUDE = re.compile(r"(?m)^[ \t]*\{%[^\S\n]*include[^\S\n]+['\"]([^'\"\n]+)['\"][^-+%\n]*%\}\r?\n(?=.)", re.DOTALL)
_SBATCH = re.compile(
    r"(?:^|[;&|({`!]|\b(?:then|do|else|if|while|time|exec|env)[ \t]|\w=\S*[ \t])[ \t]*sbatch[ \t]", re.MULTILINE
)
_KILL_ALL = re.compile(r"\bkill[ \t]+(?:-\w+[ \t]+|-s[ \t]+\w+[ \t]+)*0(?![\w.])")
_SUBMITIT = re.compile(r"^[ \t]*(?:import|from)[ \t]+submitit\b", re.MULTILINE)
SINGLETON = (
    '--dependency=singleton --job-name="$(realpath "$1")"'  # a job starts only after the last one of its name has ended
)
_OF_TEXT = re.compile(
    "awk|bc|cat|column|cut|date|echo|[ef]?grep|find|gawk|head|jq|ls|nl|paste|printf|rev|sed|seq|sort|tac|tail|tr|uniq|wc"
)


def remarks(templates: Templates, search: Path, mode: str = "") -> list[str]:
    """Return notes on the templates of a newly written search, one per line: file, line and reason.

    ``mode`` is the Slurm mode; without one, run.sh may submit jobs itself.
    """
    run, config = (templates.directory / name for name in (templates.run, templates.config))
    cut = [*_cut_parts(templates.directory, config), *_cut_parts(templates.directory, run)]
    of_run = [*_pipes(run), *_group(run), *([] if mode else [*_jobs(run, search), *_submitit(templates, search)])]
    of_config = [*_commented(config), *_broken(search, config), *_twice(search, config)]
    of_config += _texts_like_numbers(search, config)
    foreign = [*_foreign_snakefile(templates, search), *_foreign_line_ends(templates, search)]
    return [*foreign, *cut, *of_run, *of_config]


def _foreign_snakefile(templates: Templates, search: Path) -> Iterator[str]:
    """Yield a note on a Snakefile that does not use our programs, as in templates of the original tool."""
    path, text = templates.directory / templates.snakefile, read(search / layout.SNAKEFILE)
    if path.is_file() and text is not None and interface_of(text) is None:
        yield (
            f"{path} is not a Snakefile of this version: it starts run.sh itself. With it, no failed training run is "
            "tried again, one that fails holds its bracket up, a number counts even if its run was killed, and status, "
            f"check and extend do not know what was promoted. Delete {path} and generate the search again: it gets the "
            "Snakefile of this version."
        )


def _foreign_line_ends(templates: Templates, search: Path) -> Iterator[str]:
    """Yield notes on Windows line ends: rendering removes them, but other scripts are copied unchanged."""
    for name in templates.names:
        path = templates.directory / name
        if line := _line_with_cr(_head(path)):
            yield f"{path}, line {line}: lines end in CR LF here; in the search they end in LF."
    for path in _copied(search):
        head = _head(path)
        is_script = head.startswith(b"#!") or path.suffix in (".sh", ".bash")
        if is_script and (line := _line_with_cr(head)):
            source = templates.directory / path.relative_to(search)
            yield (
                f"{source}, line {line}: lines end in CR LF, so the script fails on Linux. "
                f"Convert it: sed -i 's/\\r$//' {source} {path}"
            )


def _cut_parts(directory: Path, template: Path) -> Iterator[str]:
    """Yield a note on included files without a final line end: the include tag does not add one."""
    text = _head(template).decode("utf-8", "replace")
    for tag in _INCLUDE.finditer(text):
        part = directory / tag[1]
        if 0 < len(head := _head(part)) < _HEAD and not head.endswith(b"\n"):
            line = text.count("\n", 0, tag.start()) + 1
            yield f"{template}, line {line}: {part} has no final line end, so what follows continues its last line."


def _commented(template: Path) -> Iterator[str]:
    """Yield a note on each draw that was probably meant to be commented out."""
    for line in commented_draws(_head(template).decode("utf-8", "replace")):
        yield (
            f"{template}, line {line}: looks like a comment, but its draw is still a parameter of the search; "
            "write {# ... #} around it to switch it off."
        )


def _broken(search: Path, template: Path) -> Iterator[str]:
    """Yield a note on the first configuration that is invalid in the format it seems to have."""
    for path in islice(sorted(search.glob("bracket-*/stage-0/config-*/config")), FEW // 10):
        text = path.read_bytes().decode("utf-8", "replace")
        if fault := find_fault(text, template.name):
            yield (
                f"{template} looks like {fault.format}, but cannot be read as such: {path}, line {fault.line}: "
                f"{fault.reason}. Fix it if your program reads {fault.format}."
            )
            return


def _copied(search: Path) -> Iterator[Path]:
    """Files that were copied from the template directory unchanged."""
    ours = {layout.CORE, layout.SPACE, layout.RUN, layout.SNAKEFILE}
    for folder, folders, files in os.walk(search):
        at_top = Path(folder) == search
        folders[:] = sorted(f for f in folders if not (at_top and (f in ours or f.startswith("bracket-"))))
        yield from (Path(folder, name) for name in sorted(files) if not (at_top and name in ours))


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():  # reading a pipe would block
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _line_with_cr(head: bytes) -> int:
    """Number of the first line, from 1, that ends in CR LF; 0 if none does."""
    before, found, _ = head.partition(b"\r\n")
    return before.count(b"\n") + 1 if found else 0


def _pipes(script: Path) -> Iterator[str]:
    """Yield a note on a pipe in which a failing program would go unnoticed."""
    text = _JINJA.sub(lambda tag: "\n" * tag[0].count("\n") or "x", _head(script).decode("utf-8", "replace"))
    for number, statement in _statements(text):
        if "pipefail" in statement:
            return
        commands = [
            part for one in re.split(r";|&&|\|\|", _NO_PIPE.sub("", statement)) for part in _PIPE.split(one)[:-1]
        ]
        words = [_BEFORE_COMMAND.sub("", command).split(maxsplit=1) for command in commands]
        if any(word and not _OF_TEXT.fullmatch(word[0]) for word in words):
            yield (
                f"{script}, line {number}: bash only checks the exit status of the last program in a pipe, "
                "so a training run that crashed can count; write `set -o pipefail` above it."
            )
            return


def _jobs(script: Path, search: Path) -> Iterator[str]:
    """Yield a note on jobs that run.sh itself submits and that outlive it."""
    head = _head(script).decode("utf-8", "replace")
    bare = re.sub(r"(?m)(^|\s)#(?!SBATCH).*", r"\1", head)
    if (call := _SBATCH.search(bare)) and "singleton" not in bare:
        line = bare.count("\n", 0, call.end()) + 1
        yield (
            f"{script}, line {line}: after Ctrl-C or kill -9, jobs of sbatch keep running, and the next attempt "
            f"would train next to them in the same directory. Add {SINGLETON} to sbatch; or let run.sh only train, and "
            f"let the search submit it: hyband slurm {quoted(search)} jobs"
        )


def _group(script: Path) -> Iterator[str]:
    """Yield a remark on a signal to the process group, in which snakemake and all other training runs are, too."""
    bare = re.sub(r"(?m)(^|\s)#.*", r"\1", _head(script).decode("utf-8", "replace"))
    if call := _KILL_ALL.search(bare):
        line = bare.count("\n", 0, call.end()) + 1
        yield f"{script}, line {line}: `{call[0]}` ends the whole run, with all that trains; write kill $(jobs -p)."


def _submitit(templates: Templates, search: Path) -> Iterator[str]:
    """Yield a note on a program that submits jobs in a similar way."""
    paths = {templates.directory / templates.run: search / layout.RUN}
    paths |= {templates.directory / path.relative_to(search): path for path in _copied(search) if path.suffix == ".py"}
    for source, path in paths.items():
        text = _head(path).decode("utf-8", "replace")
        if match := _SUBMITIT.search(text):
            yield (
                f"{source}, line {text.count(chr(10), 0, match.end()) + 1}: after Ctrl-C or kill -9, jobs of submitit "
                "keep running, and the next attempt would train next to them in the same directory. Let the program "
                f"only train, and let the search submit it: hyband slurm {quoted(search)} jobs"
            )
            return


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines of a script without comments and quoted texts, each joined with its continuation lines."""
    start, statement = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"(^|\s)#.*", "", _QUOTED.sub("q", line)).rstrip()
        start, statement = (start, statement) if statement else (number, "")
        statement += bare.removesuffix("\\")
        if not bare.endswith(("\\", "|")):
            yield start, statement
            statement = ""


def _twice(search: Path, template: Path) -> Iterator[str]:
    """Yield a remark on what is drawn under a name that has another value, too: that one may be trained."""
    paths = list(islice(sorted(search.glob("bracket-*/stage-0/config-*/config")), FEW))
    readings = read_texts([_head(path).decode("utf-8", "replace") for path in paths])
    for path, reading in zip(paths, readings, strict=True):
        drawn = (read_record(read(path.with_name(layout.PARAMETERS))) or {}).get("values", {})
        for name in reading.unclear:
            if any(one == name or one.startswith(f"{name}.") for one in drawn):
                yield (
                    f"{template}: {name} stands there more than once. Most programs take the last one, and others "
                    "refuse it; tables show what is drawn."
                )
                return


def _texts_like_numbers(search: Path, template: Path) -> Iterator[str]:
    """Yield a note on numbers such as ``1e-05``, which are texts in YAML 1.1: it requires a point and a sign."""
    said = set()
    lines = _head(template).decode("utf-8", "replace").splitlines()
    for path in islice(sorted(search.glob("bracket-*/stage-0/config-*/config")), FEW):
        text = _head(path).decode("utf-8", "replace")
        for number, value in find_exponents(text):
            line = text.splitlines()[number - 1]  # YAML knows fewer line ends, so there are enough
            key = line.partition(value)[0].strip()
            if key in said:
                continue
            said.add(key)
            places = [at for at, other in enumerate(lines, 1) if key and other.strip().startswith(key)]
            where = f"{template}, line {places[0]}" if len(places) == 1 else f"{path}, line {number}"
            yield (
                f"{where}: YAML 1.1, and so PyYAML, reads {value} as a text, not as a number; "
                "write a number with a point (1.0e-05), and an expression with the filter toyaml."
            )
