"""A word of another library in a template: the message says how it is written here."""

from pathlib import Path

import pytest

from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.foreign_words import WORDS
from hyperband_snakemake.space.jinja.rendering import DRAWS, Renderer


@pytest.mark.parametrize(("text", "said"), [
    ("{{ loguniform('lr', 1, 2) }}", "Instead of loguniform, write uniform(NAME, LOW, HIGH, log=true)"),
    ("{{ trial.suggest_float('lr', 1, 2) }}", "write the draw function alone, without trial"),
    ("{{ suggest_float('lr', 1, 2) }}", "Instead of suggest_float, write uniform("),
    ("{{ q_log_uniform_values('b', 8, 64) }}", "integer(NAME, LOW, HIGH, log=true), with step=STEP"),
    ("{{ randint('n', 1, 9) }}", "write integer(NAME, LOW, HIGH - 1)"),
    ("{{ np.random.uniform(1, 9) }}", "with the name first"),
    ("{{ choice('o', [1, 2], probabilities=[1, 2]) }}", "Instead of probabilities, write weights=[...]"),
    ("{{ uniform('o', 1, 2, q=0.1) }}", "Instead of q, write step=STEP"),
    ("{{ integer('o', 0.5, 64, step=8) }}", "For other numbers, write uniform(NAME, LOW, HIGH, step=STEP)"),
    ("{{ unifrom('o', 1, 2) }}", "Did you mean uniform?"),
    ("{{ nothing_like_it }}", "'nothing_like_it' is undefined"),
])
def test_a_hint_follows(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(TemplateError) as error:
        Renderer(tmp_path).draw("config", {}, Generator(1))
    assert said in str(error.value)


def test_braces_of_a_script_are_told_from_those_of_a_template(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("docker inspect -f '{{.State.Running}}' x\n")
    with pytest.raises(TemplateError, match=r"this file is a template: write \{\{ '\{\{' \}\}"):
        Renderer(tmp_path).render("run.sh", {})


def test_no_word_of_ours_is_foreign() -> None:
    assert not set(DRAWS) & set(WORDS)
