"""docs/plan.md shows what is printed, and its tables are those of the plan."""

import re
import shlex
from fractions import Fraction

import pytest

from hyperband_snakemake.core.plan import Plan, Settings, brackets_for, make_plan

from ..conftest import ROOT, Shell

DOCS, FOLDS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("plan.md", "folds.md"))
BLOCKS = [block for block in re.findall(r"(?ms)^```\n(.*?)^```", DOCS + FOLDS) if block.startswith("> hyband")]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_what_is_shown_is_printed(shell: Shell, block: str) -> None:
    """Line by line, with ... for what is left out."""
    command, *shown = block.splitlines()
    printed = shell.run(*shlex.split(command.removeprefix("> "))).splitlines()
    at = 0
    for before, line in zip(["", *shown], shown, strict=False):
        if line != "...":
            at, last = printed.index(line, at) + 1, at
            assert before == "..." or at == last + 1, line
    assert at == len(printed)


@pytest.mark.parametrize("largest_and_smallest", [("100", "1"), ("1", "1/81")])
def test_tables(shell: Shell, largest_and_smallest: tuple[str, str]) -> None:
    largest, smallest = map(Fraction, largest_and_smallest)
    heading = f"R = {largest}, r = {smallest}"
    words = re.search(rf"^{heading}.*\(`hyband (plan .*)`\)", DOCS, re.MULTILINE)
    assert words
    shell.run("hyband", *words[1].split())
    lines = DOCS[words.end() :].split("\n\n")[1].splitlines()[2:]
    rows = [[cell.split(" x ") for cell in line.strip("| ").split(" | ")[1:] if " x " in cell] for line in lines]
    plan: Plan = make_plan(Settings(brackets_for(largest, smallest, 3), 3, max_budget=largest))
    assert [[(int(n), Fraction(budget)) for n, budget in row] for row in rows] == [
        [(stage.configurations, stage.budget) for stage in bracket.stages] for bracket in plan.brackets]
