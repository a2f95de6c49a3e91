"""docs/init.md: each command writes the lines that are shown after it; its words of other libraries are those that are known."""

import re
from pathlib import Path

import pytest

from hyperband_snakemake.space.jinja.foreign_words import WORDS
from hyperband_snakemake.starting.spaces import parse_space

from ..blocks import commands_of, typed
from ..conftest import ROOT, Shell

TEXT = (ROOT / "docs/init.md").read_text(encoding="utf-8")
PARTS = re.split(r"(?m)^(?=```sh\nhyband init )", TEXT)[1:]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.split()[3])
def test_what_a_command_writes(shell: Shell, part: str) -> None:
    command, *blocks = re.findall(r"(?ms)^```(?:sh|bash|yaml|jinja)?\n(.*?)^```", part.partition("\n## ")[0])
    if "conf.yaml" in command:
        (shell.cwd / "conf.yaml").write_text(blocks.pop(0))
    for line in commands_of(command):
        typed(shell, line)
    written = "".join(Path(shell.cwd, command.split()[2], name).read_text() for name in ("config", "run.sh"))
    assert blocks
    assert [line for block in blocks for line in block.splitlines() if f"{line}\n" not in written] == []


def test_the_short_spaces() -> None:
    rows = re.findall(r"(?m)^\| `(\w+\(.*?\))` \| `(\w+\('x', .*?\))`", TEXT)
    assert len(rows) == 7
    assert [parse_space("x", short).expression("x") for short, _ in rows] == [call for _, call in rows]


def test_the_words_of_others() -> None:
    table = TEXT.partition("| W&B |")[2].partition("\n\n")[0]
    words = {word for row in table.splitlines()[2:] for word in re.findall(r"`(\w+)", row.rpartition(" | ")[0])}
    same = {"uniform", "normal", "choice", "values", "min", "max", "probabilities", "weights", "q", "randn", "Normal", "Integer"}
    assert words - same - set(WORDS) == {"qlograndint"} - set(WORDS)
