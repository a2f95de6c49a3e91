"""What the report says to type makes the same search again, whatever it was made with."""

import json
import shlex
from pathlib import Path

import pytest

from hyperband_snakemake.report.reproduce import again_text
from hyperband_snakemake.snapshot.scan import scan

from ..conftest import Shell, write_tree


@pytest.mark.parametrize("options", [
    "2 3",
    "2 3 --maximize --guaranteed-budget 0.5 --retries 0 --last-stage 1",
    "--eta 3 --max-budget 20 --min-budget 2 --resume --start-cost 0.25",
    "--eta 3 --max-budget 10 --min-budget 10/3",
    "--eta 3 --max-budget 1 --min-budget 1/243 --guaranteed-budget 0.0000001 --bracket 5",
    "1 2 --folds 2 --parallel-folds --aggregate median --repetitions-at-stage 1=2 --repetitions-at-stage 2=3",
    "2 2 --repeat 2 --bracket-sizes floor --bracket 1 --bracket 4",
    "2 3 --repeat 2 --folds 3 --repetitions 2 --cost-one-epoch-full-dataset 0.0028",
    "2 3 --max-budget 30 --integer-budgets --carry '*.pt' --carry 'check points/*' --discard '*.pt'",
    "3 --fit-cost 30",
    "2 3 --sampler sobol",
    "2 3 --sampler tpe --random-share 0.5",
])
def test_the_same_again(shell: Shell, options: str) -> None:
    given = shlex.split(options)
    given = ["--eta", "3", *given[1:]] if "--fit-cost" in given else given
    named = ("--template-dir", templates(shell)) if "--sampler" in given else ()
    shell.run("hyband", "generate", *given, *named, "--random-seed", "7", "-o", "one")
    words = shlex.split(again_text(scan(shell.cwd / "one")).splitlines()[0].removesuffix("\\"))
    assert words[:2] == ["hyband", "generate"]
    shell.run(*words, *named, "-o", "two")
    one, two = (json.loads((shell.cwd / name / "plan.json").read_text(encoding="utf-8")) for name in ("one", "two"))
    assert one | {"commands": two["commands"]} == two
    assert all(file.read_bytes() == (shell.cwd / "two" / file.relative_to(shell.cwd / "one")).read_bytes()
               for file in (shell.cwd / "one").rglob("config"))


def templates(shell: Shell) -> Path:
    """With parameters that have names, as samplers need them."""
    return write_tree(shell.cwd / "templates", {"config": "x: {{ uniform('x', 0, 1) }}\n", "run.sh": "echo 1 > $1/result\n"})


def test_what_was_added_is_told(shell: Shell) -> None:
    """Its configurations are drawn in another way than those of a search that is generated with all."""
    shell.run("hyband", "generate", "1", "2", "--template-dir", templates(shell), "-o", "S")
    assert "Added" not in again_text(scan(shell.cwd / "S"))
    shell.run("hyband", "extend", "S", "--repeat", "1")
    shell.run("hyband", "refine", "S", "--trials", "2")
    text = again_text(scan(shell.cwd / "S"))
    assert "# Added: brackets 2, 3, 4, 5.\n" in text
    assert "--repeat" not in text
