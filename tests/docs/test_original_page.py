"""docs/from-the-original.md: what is shown is what is printed, and each name on it works in a template."""

import re

from ..conftest import ROOT, Shell
from ..writing.adopting.old_trees import Old

PAGE = (ROOT / "docs/from-the-original.md").read_text(encoding="utf-8")


def test_the_output(shell: Shell) -> None:
    old = Old(shell.cwd / "old-search")
    old.train(0, 0)
    old.promote(0, 0)
    old.train(0, 1, 1)
    command, output = re.findall(r"(?ms)^```(?:sh)?\n(.*?)^```", PAGE)[:2]
    printed = shell.run(*command.split())
    assert sorted(printed.splitlines()) == sorted(output.splitlines())  # notes are on the other stream
    indented = next(line.split() for line in PAGE.splitlines() if line.startswith("    hyband adopt"))
    asked = indented[: indented.index("--template-dir")]
    assert "is not empty" in shell.run(*asked, check=False)
    assert "does not fit" in shell.run(*asked, "-o", "other", check=False)
