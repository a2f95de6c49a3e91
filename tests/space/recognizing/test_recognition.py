"""Whatever a template prints is known for what was drawn, and what it does not print is not."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.space.configurations import ConfigTemplate
from hyperband_snakemake.space.draws import RenderedConfig
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer
from hyperband_snakemake.space.recognizing.agreement import is_same
from hyperband_snakemake.space.recognizing.recognition import recognize

from ...conftest import write_tree

TEMPLATES = {
    "computed.yaml": """rate: {{ 10 ** uniform('e', -5, -1) }}
keep: {{ 1 - uniform('drop', 0, 0.5) }}
short: {{ "%.2e" | format(uniform('short', 1e-4, 1, log=true)) }}
n: {{ 2 ** integer('n', 4, 8) }}
steps: {{ permutation('steps', ['scale', 'select', 'impute']) | join('-') }}
features: {{ subset('features', ['age', 'weight', 'height']) | join(',') }}
opt: !name:torch.optim.{{ choice('opt', ['Adam', 'SGD']) }}
  lr: !ref <rate>
{% if choice('kind', ['deep', 'wide']) == 'deep' %}
width: {{ integer('width', 1, 5) }}
{% endif %}
seed: {{ seed() }}
""",
    "flags": """--lr {{ choice('lr', ['0.1', '0.10', '0.100']) }} --layers {{ choice('layers', [[64, 32], [8]]) | join(' ') }}
{% if choice('nesterov', [true, false]) %}
--nesterov
{% endif %}
""",
    "json": '{"a": {{ choice("a", [none, 1, true, "1"]) | tojson }}, "act": "{{ ["relu", "tanh"] | random }}", "x": {{ uniform("x", 0, 1) }},}\n',
    "words": "use {{ choice('net', ['a', 'b']) }} then {{ choice('other', ['a', 'b']) }}, {{ integer('n', 1, 9) }} times\n",
}


def template(tmp_path: Path, text: str) -> ConfigTemplate:
    write_tree(tmp_path, {"config": text})
    return ConfigTemplate(Renderer(tmp_path), "config", {})


def find(own: ConfigTemplate, text: str) -> RenderedConfig | None:
    return recognize(lambda choose, source: own.draw(Slot(0, 0, 0), source, choose), text)


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_every_configuration_is_recognized(tmp_path: Path, text: str) -> None:
    own, generator = template(tmp_path, text), Generator(1)
    for _ in range(8):
        drawn = own.draw(Slot(0, 0, 0), generator)
        found = find(own, drawn.text)
        assert found is not None
        assert {**found.data, "values": {}} == {**drawn.data, "values": {}}  # seeds, and what has no name, too
        values, expected = found.data["values"], drawn.data["values"]
        assert values.keys() == expected.keys()
        for name in values.keys() - {"short"}:  # of which three digits are printed
            assert is_same(values[name], expected[name])


@pytest.mark.parametrize(("text", "given", "fits"), [
    ("x: {{ uniform('x', 0, 1) }}\n", "x: 0\n", True),
    ("n: {{ integer('n', 1, 9) }}\n", "n: 7.0  # mine\n", True),
    ("n: {{ integer('n', 1, 9) }}\n", "n: 7.5\n", False),
    ("n: {{ integer('n', 1, 9) }}\n", "n: true\n", False),
    ("n: {{ integer('n', 1, 9) }}\n", "m: 7\n", False),
    ("v: '{{ choice('v', ['1.1', '1.10']) }}'\n", "v: '1.100'\n", False),
    ("v: {{ choice('v', ['0.001', '0.01']) }}\n", "v: 1e-3\n", True),
    ("x: {{ 2 * uniform('x', 0, 10) }}\n", "x: 3.0\n", True),
    ("x: {{ 2 * uniform('x', 0, 10) }}\n", "x: 20.5\n", False),
])
def test_what_a_template_prints_is_what_a_program_reads(tmp_path: Path, text: str, given: str, fits: bool) -> None:
    assert (find(template(tmp_path, text), given) is not None) == fits
