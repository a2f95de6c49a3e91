"""How much of a space is left: exact where it can be listed, and unknown, never too little, everywhere else."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.space.configurations import ConfigTemplate
from hyperband_snakemake.space.distinct import Seen
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer
from hyperband_snakemake.space.tally import Tally, shortage, tally

from ..conftest import write_tree

SLOTS = [Slot(bracket, 0, config) for bracket in range(2) for config in range(5)]


def template(tmp_path: Path, text: str) -> ConfigTemplate:
    write_tree(tmp_path, {"config": text, "part": "{{ config_index }}", "tool": "{% macro of(n) %}{{ n }}{% endmacro %}"})
    return ConfigTemplate(Renderer(tmp_path), "config", {})


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("{{ integer('x', 1, 6) }}", 6),
        ("{{ choice('c', ['a', 'b']) }}{{ ordinal('o', [1, 2, 3]) }} {{ seed() }}", 6),
        ("{% set x = integer('x', 1, 9) %}{{ x }}{{ reject(x > 6, 'too large') }}", 6),
        ("{% import 'tool' as tool %}{{ tool.of(integer('x', 1, 6)) }}", 6),
        ("{{ integer('x', 1, 6) }} runs/{{ bracket_index }}-{{ config_index }}", 6),
        ("{% if bracket_index + config_index == 0 %}0{% else %}{{ integer('x', 1, 5) }}{% endif %}", 6),
    ],
)
def test_what_can_be_listed_is_counted(tmp_path: Path, text: str, total: int) -> None:
    """What two slots share counts once, what only one of them has counts too."""
    found = shortage(template(tmp_path, text), SLOTS, Seen())
    assert found is not None
    assert (found.total, found.left) == (total, total)


@pytest.mark.parametrize(
    "text",
    [
        "{{ uniform('x', 0, 1) }}",
        "{{ integer('x', 1, 10) }}",
        "{{ integer('x', 1, 1000000) }}",
        "{{ integer('a', 1, 1000) }}{{ integer('b', 1, 1000) }}",
        "{{ [1, 2] | random }} runs/{{ bracket_index }}-{{ config_index }}",
        "{{ [1, 2] | random }} {% include 'part' %}{{ bracket_index }}",
        "seed: {{ seed() }}",
        "{% if choice('c', [1, 2]) == 1 %}{{ uniform('x', 0, 1) }}{% endif %}",
    ],
)
def test_there_is_enough_or_nobody_knows(tmp_path: Path, text: str) -> None:
    assert shortage(template(tmp_path, text), SLOTS, Seen()) is None


def test_what_is_in_use_is_not_left(tmp_path: Path) -> None:
    """Whatever its seed was; what is no member of the space takes nothing of it."""
    one = template(tmp_path, "{{ integer('x', 1, 6) }} {{ seed() }}")
    other = template(tmp_path / "other", "{{ integer('x', 7, 9) }} {{ seed() }}")
    used = Seen()
    for source in (one, one, other):
        drawn = source.draw(SLOTS[0], Generator(used.number))
        used.add(drawn)
    assert shortage(one, SLOTS, used) in (Tally(6, 4), Tally(6, 5))
    assert shortage(one, SLOTS[:4], used) in (None, Tally(6, 3))
    assert shortage(one, [], used) is None
    assert tally(one, SLOTS) == Tally(6, 6)


def test_the_reason_of_a_rejection_is_kept(tmp_path: Path) -> None:
    found = tally(template(tmp_path, "{% set x = integer('x', 1, 9) %}\n{{ reject(x > 6, 'too large') }}{{ x }}"), SLOTS)
    assert found is not None
    assert "config, line 2: too large" in found.rejected
