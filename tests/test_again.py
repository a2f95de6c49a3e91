"""What the report says to type makes the same search again, whatever it was made with."""

import json
import shlex

import pytest

from hyperband_snakemake.again import again_text
from hyperband_snakemake.scan import scan

from .conftest import Shell


@pytest.mark.parametrize("options", [
    "2 3",
    "2 3 --maximize --guaranteed-budget 0.5 --retries 0 --last-stage 1",
    "--eta 3 --max-budget 20 --min-budget 2 --resume --start-cost 0.25",
    "2 2 --repeat 2 --bracket-sizes floor --bracket 1 --bracket 4",
    "2 3 --repeat 2 --folds 3 --repetitions 2 --cost-one-epoch-full-dataset 0.0028",
    "2 3 --max-budget 30 --integer-budgets --carry '*.pt' --carry 'check points/*' --discard '*.pt'",
    "3 --fit-cost 30",
])
def test_the_same_again(shell: Shell, options: str) -> None:
    given = shlex.split(options)
    given = ["--eta", "3", *given[1:]] if "--fit-cost" in given else given
    shell.run("hyband", "generate", *given, "--random-seed", "7", "-o", "one")
    words = shlex.split(again_text(scan(shell.cwd / "one")).splitlines()[0].removesuffix("\\"))
    assert words[:2] == ["hyband", "generate"]
    shell.run(*words, "-o", "two")
    one, two = ((shell.cwd / name / "plan.json").read_text(encoding="utf-8") for name in ("one", "two"))
    assert json.loads(one) == json.loads(two)
    assert one == two
