"""What templates see of the plan, with the names of the original tool; its numbers are those of its README."""

from fractions import Fraction
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.space.configurations import template_names
from hyperband_snakemake.space.jinja.rendering import Renderer

from ...conftest import write_tree

README = Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028"), guaranteed_budget=Fraction(3))


def rendered(tmp_path: Path, template: str) -> str:
    write_tree(tmp_path, {"t": template})
    return Renderer(tmp_path).render("t", template_names(make_plan(README), Path("/s")))


def test_names_of_the_original(tmp_path: Path) -> None:
    assert rendered(tmp_path, "{{ search.smax }} {{ search.eta }} {{ search.R }} {{ search.B }} {{ search.folds }} {{ search.repetitions }} "
                    "{{ search.guaranteed_budget }} {{ search.last_stage }} {{ search.brackets|length }}") == "5 3 243 1458 10 2 3 None 6"
    assert rendered(tmp_path, "{{ '%.4f' % search.unit_time }} {{ '%.2f' % search.cost() }}") == "0.0504 426.23"
    assert rendered(tmp_path, "{% for b in search.brackets %}{{ b.s }} {{ b.n }} {{ b.r }} {{ b.eta }} {{ '%.2f' % b.cost() }} "
                    "{{ b.search.smax }}, {% endfor %}").split(", ")[:2] == ["5 243 1 3 73.48 5", "4 98 3 3 67.44 5"]
    assert rendered(tmp_path, "{% for t in search.brackets[1].stages %}{{ t.n }} {{ t.r }} {{ '%.2f' % t.cost() }}, {% endfor %}"
                    ).split(", ")[:3] == ["98 3 14.82", "32 9 14.52", "10 27 13.61"]


def test_names_of_its_snakefile(tmp_path: Path) -> None:
    text = "{{ base_dir }}{% for b in brackets %} {{ b.id }}:{{ b.max_stage }}:{{ b.num_best }}{% endfor %}"
    assert rendered(tmp_path, text) == "/s 0:6:1 1:5:1 2:4:1 3:3:2 4:2:3 5:1:6"
    text = "{% for t in brackets[4].stages %}{{ t.id }} {{ t.configs }} {{ t.budget }} {{ t.promote_count }} {{ t.promote_epochs }},{% endfor %}"
    assert rendered(tmp_path, text) == "0 9 84 3 246,1 3 246 0 None,"


def test_our_own_names_stay(tmp_path: Path) -> None:
    text = "{{ brackets[5].index }} {{ brackets[5].stages[0].configurations }} {{ brackets[5].cost > 74 }} {{ search.bracket_sizes }}"
    assert rendered(tmp_path, text) == "5 6 True paper"


def test_an_unknown_name_is_answered_with_those_there_are(tmp_path: Path) -> None:
    for text, words in (("{{ search.Q }}", "search has no 'Q', but B, R, "), ("{{ brackets[0].stages[0].m }}", "a stage has no 'm', but added, budget, configs,")):
        with pytest.raises(TemplateError, match="line 1") as error:
            rendered(tmp_path, text)
        assert words in str(error.value)
