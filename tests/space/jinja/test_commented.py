"""Comments to the program that reads a configuration, which draw all the same."""

import pytest

from hyperband_snakemake.space.jinja.commented import commented_draws


@pytest.mark.parametrize(
    "line",
    [
        "# momentum: {{ uniform('momentum', 0, 1) }}",
        "  //momentum = {{ [1, 2] | random }}",
        "; {% set m = integer('m', 1, 3) %}",
        "lr: 0.1  # was {{ uniform('lr', 0, 1) }}",
    ],
)
def test_a_comment_that_draws(line: str) -> None:
    assert commented_draws(f"a: {{{{ uniform('a', 0, 1) }}}}\n{{#\n#}}\n{line}\n") == [4]


@pytest.mark.parametrize(
    "line",
    ["{# # m: {{ uniform('m', 0, 1) }} #}", "# {{ folds }} folds", "#SBATCH --time={{ [1, 2] | random }}", "#define LR {{ uniform('lr', 0, 1) }}",
     "a: {{ choice('a', ['#1', '#2']) }}", "# uniform(0, 1)"],
)
def test_a_comment_that_does_not_draw(line: str) -> None:
    assert commented_draws(f"{line}\n") == []
