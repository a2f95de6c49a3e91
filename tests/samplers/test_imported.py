"""Configurations that the user brings along: known for what they are in the space of the search, or for strangers."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.samplers.imported import ImportedConfig, fitted
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.space.draws import RenderedConfig

from ..conftest import Shell, write_tree

SPACE = """lr: {{ uniform('lr', 0.001, 1, log=true) }}
drop: {{ uniform('drop', 0, 0.5, step=0.1) }}
layers: {{ integer('layers', 1, 9, step=2) }}
z: {{ normal('z', 0, 1) }}
size: {{ ordinal('size', [1, 2, 4]) }}
parts: {{ subset('parts', ['u', 'v', 'w'], 1) | tojson }}
order: {{ permutation('order', [1, 2, 3]) | tojson }}
{% if choice('net', ['deep', 'wide']) == 'wide' %}
net: wide
width: {{ integer('width', 8, 512, log=true) }}
{% else %}
net: deep
{% endif %}
seed: {{ seed() }}
"""
OWN = {"lr": 0.125, "drop": 0.3, "layers": 7, "z": -0.5, "size": 4, "parts": ["u", "w"], "order": [3, 1, 2], "net": "deep", "seed": 77}


def generate(shell: Shell, config: str = SPACE, output: str = "S") -> Path:
    write_tree(shell.cwd / "T", {"config": config, "run.sh": 'echo 0.$RANDOM > "$1/result"\n'})
    return shell.generate(2, 3, template=shell.cwd / "T", output=output)


def text_of(values: dict) -> str:
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items())


def test_every_configuration_of_a_search_is_known(shell: Shell) -> None:
    """By its text alone, and by what another search recorded: the same record, whatever branch it is of."""
    search = generate(shell)
    for config in search.glob("bracket-*/stage-0/config-*/config"):
        record = json.loads((config.parent / "parameters.json").read_text())
        for drawn in (RenderedConfig(config.read_text()), RenderedConfig(config.read_text(), "", json.dumps(record))):
            given = fitted(scan(search), ImportedConfig("mine", drawn))
            assert given.fits
            assert (given.drawn.text, given.drawn.data) == (config.read_text(), record)


@pytest.mark.parametrize("change", [{}, {"seed": None}, {"lr": 0.1234567890123}, {"net": "wide", "width": 100}, {"layers": 3.0}, {"comment": "mine"}])
def test_what_the_template_draws(shell: Shell, change: dict) -> None:
    own = {name: value for name, value in (OWN | change).items() if value is not None}
    given = fitted(scan(generate(shell)), ImportedConfig("mine", RenderedConfig(text_of(own))))
    assert given.fits
    assert given.drawn.data["values"]["lr"] == pytest.approx(own["lr"])
    assert given.drawn.data["seeds"] == ({"seed": 77} if "seed" in own else {})


@pytest.mark.parametrize(
    "change",
    [{"lr": 2.0}, {"lr": "x"}, {"drop": 0.25}, {"layers": 4}, {"layers": 3.5}, {"size": 3}, {"size": True}, {"net": "other"},
     {"net": "wide"}, {"parts": ["u", "q"]}, {"parts": []}, {"order": [1, 2]}, {"order": [1, 2, 4]}],
    ids=str,
)
def test_what_it_does_not_draw(shell: Shell, change: dict) -> None:
    own = {name: value for name, value in (OWN | change).items() if value is not None}
    search = generate(shell)
    for drawn in (RenderedConfig(text_of(own)), RenderedConfig(text_of(own), "", json.dumps({"values": own, "space": {}, "seeds": {}}))):
        given = fitted(scan(search), ImportedConfig("mine", drawn))
        assert (given.fits, given.drawn) == (False, RenderedConfig(text_of(own)))


def test_a_parameter_that_is_printed_as_something_else(shell: Shell) -> None:
    """Of the same name, but twice what was drawn."""
    search = generate(shell, "x: {{ 2 * uniform('x', 0, 10) }}\n")
    given = fitted(scan(search), ImportedConfig("mine", RenderedConfig("x: 3.0\n")))
    assert (given.fits, given.drawn.data["values"]) == (True, {"x": 1.5})


def test_models_learn_from_what_fits(shell: Shell) -> None:
    """The best one is the user's own; what comes from a space with another range leaves the model its parameters."""
    space = "x: {{ uniform('x', 0, 1) }}\ny: {{ uniform('y', 0, 1) }}\n"
    run = """echo "$(sed -n 's/^x: //p' "$1/config") $(sed -n 's/^y: //p' "$1/config")" | awk '{ print ($1 - 0.9) ^ 2 + ($2 - 0.1) ^ 2 }' > "$1/result"\n"""
    write_tree(shell.cwd / "T", {"config": space, "run.sh": run})
    write_tree(shell.cwd / "other", {"config": space.replace("0, 1", "5, 6"), "run.sh": run})
    shell.generate(1, 3, template=shell.cwd / "other", output="O")
    shell.snakemake("O")
    search = shell.generate(1, 3, template=shell.cwd / "T")
    write_tree(shell.cwd, {"mine": "x: 0.9\ny: 0.1\n", "strange": "word"})
    out = shell.run("hyband", "extend", "S", "--config", "mine", "strange", "--from", "O", "--top", "1")
    assert "\nThe template does not draw strange, O/bracket-" in out
    shell.snakemake()
    shell.run("hyband", "refine", "S", "--trials", "1", "--sampler", "cmaes")
    shell.snakemake()
    learned = json.loads((search / "bracket-3/proposal").read_text())
    assert learned["learned"] == {"budget": "3", "results": 4}
    assert [p.parent.name for p in search.glob("bracket-2/*/*/parameters.json")] == ["config-0"]
    assert shell.status()["complete"]
    assert "is complete" in shell.run("hyband", "check", "S")
