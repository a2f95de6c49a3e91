"""Code blocks of a page, and its commands as a reader would type them.

What has a title is written to that file, `sh` is executed in order, and `text` is what the commands before it have printed. A block
`sh` whose title says what it needs is left out: such a title begins with "needs" or "takes".
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from .conftest import Shell

FENCE = re.compile(r'(?ms)^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$')
LEFT_OUT = re.compile(r"(needs|takes) ")
OURS = re.compile(r"(hyband|snakemake) [^|&;<>$*?()\[\]{}~`\n]*")  # nothing in it means something to a shell

NEW = re.compile(r"hyband init (\S+)|hyband generate .*(?:--output-dir|-o) (\S+)")
ALONE = re.compile(r"(hyband|snakemake|cat|ls|mkdir|python3?|touch|cp|mv|rm) ")


@dataclass(frozen=True)
class Block:
    """A block between fences; its language, its title and its text."""

    kind: str
    title: str
    body: str

    @property
    def is_executed(self) -> bool:
        return self.kind == "sh" and not LEFT_OUT.match(self.title)


def blocks_of(page: str) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page)]


def play(shell: Shell, page: str, *, without: str = "(?!)") -> None:
    """Do what a page says, without the commands that match, and compare what is printed with what it shows."""
    printed = ""
    for block in blocks_of(page):
        if block.is_executed:
            printed = "".join(typed(shell, command) for command in commands_of(block.body) if not re.match(without, command))
        elif block.kind == "text":
            assert re.fullmatch(pattern_of(block.body), printed), f"{block.body}\n--- but it printed\n{printed}"
        elif block.title and block.kind != "sh":
            (shell.cwd / block.title).parent.mkdir(parents=True, exist_ok=True)
            (shell.cwd / block.title).write_text(block.body, encoding="utf-8")


def commands_of(body: str) -> Iterator[str]:
    """Yield the lines, those that are continued as one; the whole body where a line needs what another has done to the shell."""
    lines = [line for line in re.sub(r"\\\n\s*", "", body).splitlines() if line.strip() and not line.startswith("#")]
    yield from lines if all(map(ALONE.match, lines)) else [body]


def is_ours(line: str) -> bool:
    """Whether a line is one of our commands, with nothing in it that a shell has to do."""
    return OURS.fullmatch(re.sub(r"'[^']*'|[ ]#.*", "", line)) is not None


def typed(shell: Shell, command: str) -> str:
    """Type a command; our own are forked, which takes less time. What it creates is removed first, since each page has a directory for all its blocks."""
    for words in NEW.findall(command):
        for name in filter(None, words):
            shutil.rmtree(shell.cwd / name, ignore_errors=True)
    if is_ours(command):
        words = shlex.split(command, comments=True)
        return shell.run(*words, check=words[1] != "check")  # whose status says whether all is well
    return shell.run("bash", "-euo", "pipefail", "-c", command)


def pattern_of(shown: str) -> re.Pattern[str]:
    """What is shown as a pattern: a line `...` stands for any lines, and `...` at the end of a line for its rest."""
    lines = [re.escape(line) for line in shown.splitlines()]
    text = "".join("(?:.*\n)*?" if line == r"\.\.\." else re.sub(r"\\\.\\\.\\\.$", ".*", line) + "\n" for line in lines)
    return re.compile(text)
