"""Draw functions in templates: what they print, what is recorded, which configurations are the same, what is refused."""

import ast
import hashlib
import inspect
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.errors import SpaceTooSmall, TemplateError
from hyperband_snakemake.space.configurations import ConfigTemplate
from hyperband_snakemake.space.distinct import Drawer
from hyperband_snakemake.space.draws import Drawing, Rejected, RenderedConfig
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import DRAWS, Renderer
from hyperband_snakemake.space.tally import tally

from ..conftest import ROOT, USERCASES, Shell, write_tree
from ..trees import as_generated

DOCS = (ROOT / "docs/space.md").read_text(encoding="utf-8")
RUN = """awk -v budget="$2" '{ print $2 + 1 / budget }' "$1/config" > "$1/result"\n"""
VALUES = [1e-05, 1.5e-07, 1e22, 0.5, 2.0, 3, True, None, "no", "1e5", "a: b # c", 'ü\U0001f600\t"', [1e-05, "yes"]]


def test_the_same_name_is_the_same_parameter() -> None:
    drawing = Drawing(Generator(1))
    assert drawing.uniform("x", 0, 1) == drawing.uniform("x", 0, 1)
    with pytest.raises(ValueError, match="'x': was drawn before, from something else"):
        drawing.uniform("x", 0, 2)


def render(tmp_path: Path, text: str, seed: int = 1, **files: str) -> RenderedConfig:
    write_tree(tmp_path, {"config": text} | files)
    return Renderer(tmp_path).draw("config", {}, Generator(seed))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("uniform('lr', 0, 1, log=true)", "parameter 'lr': low (0) must be above 0 for a logarithmic range"),
        ("uniform('lr', 2, 1)", "low (2) must be below high (1)"),
        ("uniform('lr', 'a', 1)", "low and high must be numbers, not 'a' and 1"),
        ("uniform(0, 1)", "uniform(name, low, high, log, step, prior, share): missing a required argument: 'high'"),
        ("uniform(0, 1, 2)", "parameter 0: the name comes first, in quotes"),
        ("uniform('lr', 0, 1, step=0)", "step must be above 0"),
        ("uniform('lr', 0, 1, prior=3)", "prior must be a number, or two for a range, between low and high"),
        ("uniform('lr', 0, 1, prior=0.5, share=1)", "share must lie between 0 and 1"),
        ("uniform('lr', 0, high)", "'high' is undefined"),
        ("integer('n', 1, 2.5)", "low, high and step must be whole numbers"),
        ("integer('n', 1, 8, 2)", "log must be true or false, not 2"),
        ("normal('n', 0, 0)", "sigma above 0"),
        ("normal('n', 0, 1, low=2, high=1)", "low must be a number below high"),
        ("choice('s', [])", "there are no options"),
        ("choice('s', 'abc')", "the options must be a list"),
        ("choice('s', ['a', 'a'])", "two options are the same"),
        ("choice('s', ['a', 'b'], weights=[1])", "1 weights for 2 options"),
        ("choice('s', ['a', 'b'], weights=[-1, 2])", "weights must be 0 or more"),
        ("choice('s', ['a', 'b'], prior='c')", "prior must be one of the options"),
        ("subset('s', ['a', 'b'], 3)", "sizes must lie between 0 and 2"),
        ("choise('s', ['a'])", "'choise' is undefined"),
        ("uniform", "uniform is a function: write uniform(...)"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, call: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        render(tmp_path, "# a comment\nx: {{ " + call + " }}\n")
    assert "config, line 2: " in str(error.value)
    assert message in str(error.value)
    assert call in str(error.value)


def test_nothing_is_drawn_for_run_sh(tmp_path: Path) -> None:
    write_tree(tmp_path, {"run.sh": "echo\n{{ uniform('x', 0, 1) }}"})
    with pytest.raises(TemplateError, match=r"run.sh, line 2: the function 'uniform' only works in configurations"):
        Renderer(tmp_path).render("run.sh", {})


def test_the_documentation_shows_what_is_given(tmp_path: Path) -> None:
    """Each example is rendered with seed 1; rejected ones are drawn again."""
    examples = re.findall(r"(?ms)^```jinja\n(.*?)^```\n+```\n(.*?)^```", DOCS)
    assert len(examples) == 12
    for text, shown in examples:
        write_tree(tmp_path, {"config": text})
        source, renderer = Generator(1), Renderer(tmp_path)
        while (drawn := renderer.draw("config", {}, source)).rejected:
            pass
        assert drawn.text == shown
    filters = re.findall(r"\| `(to\w+)` \|.*?\| `(.*?)` \|", DOCS)
    for name, shown in filters:
        assert render(tmp_path, "{{ ['no', true, 1e-5, none] | " + name + " }}").text == shown
    functions = set(re.findall(r"(?m)^\*\*`(\w+)[=(]", DOCS))
    assert functions == {*DRAWS, "prior"}
    for name in DRAWS:
        signature = next(line for line in DOCS.splitlines() if line.startswith(f"**`{name}("))
        parameters = inspect.signature(getattr(Drawing, name)).parameters
        assert all(re.search(rf"\b{p}\b", signature) for p in parameters if p != "self")


def test_imported_files_draw_anew(tmp_path: Path) -> None:
    """Also at their top, which Jinja2 runs once for all that import it."""
    write_tree(tmp_path, {"config": "{% import 'm' as m %}{{ m.x }} {{ m.f('y') }}",
                          "m": "{% set x = integer('x', 1, 10**9) %}{% macro f(n) %}{{ integer(n, 1, 10**9) }}{% endmacro %}"})
    renderer, source = Renderer(tmp_path), Generator(1)
    texts = [renderer.draw("config", {}, source).text for _ in range(3)]
    assert len({text.split()[0] for text in texts}) == 3


def record(drawn: RenderedConfig) -> dict:
    return json.loads(drawn.record or "null")


def test_what_was_drawn_is_recorded(tmp_path: Path) -> None:
    text = "{{ choice('s', ['a', [1, true]], weights=[0, 1]) }}{{ seed() }}{{ subset('f', ['u', 'v'], 2) }}{{ ['r'] | random }}"
    data = record(render(tmp_path, text))
    assert data["values"] == {"s": [1, True], "f": ["u", "v"]}
    assert data["seeds"].keys() == {"seed"}
    assert data["space"]["s"] == {"kind": "choice", "options": [[1, True]], "weights": [1.0]}
    assert data["unnamed"] == ["'r'"]
    assert render(tmp_path, "{{ ['r'] | random }}").record is None


def all_of(tmp_path: Path, text: str) -> list[str]:
    """Draw until nothing is left."""
    write_tree(tmp_path, {"config": text})
    renderer = Renderer(tmp_path)
    drawer = Drawer(lambda _, source: renderer.draw("config", {}, source), Generator(3))
    found = []
    while (drawn := drawer.draw(Slot(0, 0, 0))) is not None:
        found.append(drawn.text)
    assert tally(ConfigTemplate(renderer, "config", {}), [Slot(0, 0, 0)]).total == len(found)
    return found


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("{{ integer('a', 1, 6) }} {{ integer('b', 1, 4, log=true) }} {{ seed() }}", 24),
        ("{% if choice('c', ['x', 'y'], weights=[999, 1]) == 'x' %}{{ ordinal('o', ['s', 'm', 'l']) }}{% endif %}", 4),
        ("{{ subset('s', ['a', 'b', 'c']) }}{{ permutation('p', [1, 2, 3]) }}", 48),
        ("{% set a, b = integer('a', 1, 5), integer('b', 1, 5) %}{{ reject(a >= b, 'order') }}{{ a }}{{ b }}", 10),
        ("{{ uniform('a', 0, 1, step=0.25, prior=0.5) }}", 5),
        ("{{ ['a', 'b'] | random }}{{ choice('c', [1, 2]) }}", 4),
        ("{% do integer('not printed', 1, 9) %}{{ choice('c', [1, 2]) }}", 2),
    ],
)
def test_finite_spaces_are_exhausted_exactly(tmp_path: Path, text: str, size: int) -> None:
    found = all_of(tmp_path, text)
    assert len(found) == len(set(found)) == size


def test_configurations_that_differ_in_their_seed_are_the_same(tmp_path: Path) -> None:
    first, second = (render(tmp_path, "{{ choice('c', [1]) }} {{ seed() }}", seed) for seed in (1, 2))
    assert first.text != second.text
    assert first.identity == second.identity


def test_a_template_that_rejects_all_says_why(tmp_path: Path) -> None:
    from hyperband_snakemake.core.plan import Settings, make_plan
    from hyperband_snakemake.space.distinct import draw_configurations

    write_tree(tmp_path, {"config": "{% set a = integer('a', 1, 50) %}\n{{ reject(a > 2, 'too long') }}"})
    renderer = Renderer(tmp_path)
    with pytest.raises(SpaceTooSmall, match=r"(?s)yields . different.*config, line 2: too long"):
        list(draw_configurations(make_plan(Settings(2, 2)), lambda _, s: renderer.draw("config", {}, s), 1))


def test_reject_raises() -> None:
    with pytest.raises(Rejected):
        Drawing(Generator(1)).reject(True)
    assert Drawing(Generator(1)).reject(False, "x") == ""


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_round_trips(tmp_path: Path, value: object) -> None:
    """What is drawn is what each format reads."""
    def printed(filter_: str) -> str:
        (tmp_path / "config").write_text("x: {{ choice('x', options) | FF }}".replace("FF", filter_))
        return Renderer(tmp_path).draw("config", {"options": [value]}, Generator(1)).text.removeprefix("x: ")

    assert json.loads(printed("tojson")) == value
    read = yaml.safe_load("x: " + printed("toyaml"))["x"]
    assert read == value
    assert type(read) is type(value)
    assert ast.literal_eval(printed("topython")) == value
    if value is not None:
        assert tomllib.loads("x = " + printed("totoml"))["x"] == value


@pytest.mark.parametrize("call", ["uniform('x', 1e-9, 1e-6, log=true)", "uniform('x', 1e21, 1e30)", "normal('x', 0, 1e-8)",
                                  "uniform('x', 1e-9, 1e-6) / 3", "1 - uniform('x', 0, 1) * 2"])  # fmt: skip
def test_plain_numbers_are_numbers(tmp_path: Path, call: str) -> None:
    for seed in range(30):
        text = render(tmp_path, f"{{{{ {call} }}}}", seed).text
        number = float(text)
        assert yaml.safe_load(text) == json.loads(text) == tomllib.loads(f"x = {text}")["x"] == ast.literal_eval(text) == number
        assert isinstance(yaml.safe_load(text), float)


def test_identity(tmp_path: Path) -> None:
    """Seeds do not count, what the filter draws beside does, and a name that is used twice is one parameter."""
    one, two = (render(tmp_path, "{{ integer('n', 3, 3) }} {{ seed() }}", seed) for seed in (1, 2))
    assert one.text != two.text
    assert one.identity == two.identity
    assert len({render(tmp_path, "{{ integer('n', 3, 3) }} {{ [1, 2, 2] | random }}", seed).identity for seed in range(20)}) == 2
    twice = render(tmp_path, "{{ uniform('x', 0, 1) }} {{ uniform('x', 0, 1) }}").text.split()
    assert twice[0] == twice[1]


def test_names_of_a_template_come_first(tmp_path: Path) -> None:
    """A template written before there were draw functions may call a variable or a macro like one of them."""
    text = "{% macro uniform(a) %}<{{ a }}>{% endmacro %}{% set seed = 3 %}{{ uniform(seed) }}"
    assert render(tmp_path, text).text == "<3>"


def generate(shell: Shell, config: str, *more: str) -> str:
    write_tree(shell.cwd / "t", {"config": config, "run.sh": RUN})
    done = shell.try_run("hyband", "generate", "2", "2", "--template-dir", "t", "-o", "S", "--random-seed", "1", *more)
    return str(done.stdout)


def test_a_space_as_large_as_the_search(shell: Shell) -> None:
    """Ten configurations, ten slots: each is reached, though some are unlikely and each has a seed."""
    config = "{% do reject(a == 3 and b, 'no') %}{{ a }} {{ b }} {{ seed() }}\n"
    sets = "{% set a = choice('a', [0, 1, 2, 3, 4], weights=[1000, 1, 1, 1, 1]) %}{% set b = choice('b', [true, false]) %}"
    sets += "{% if not b %}{% set c = choice('c', ['x', 'y']) if a == 4 %}{% endif %}"
    out = generate(shell, sets + config)
    assert "Its space has 10 distinct configurations; all brackets together draw 10." in out
    records = [json.loads(p.read_text())["values"] for p in (shell.cwd / "S").rglob("parameters.json")]
    assert len({json.dumps(r) for r in records}) == 10
    assert not any(r["a"] == 3 and r["b"] for r in records)


def test_a_space_too_small_tells_what_was_rejected(shell: Shell) -> None:
    out = generate(shell, "{% set a = integer('a', 1, 12) %}\n{% do reject(a > 8, 'too large') %}\n{{ a }}\n{{ seed() }}\n")
    assert "yields 8 different configurations, but the search needs 10" in out
    assert "Others were rejected: t/config, line 2: too large" in out
    assert not (shell.cwd / "S").exists()
    out = generate(shell, "{% set a = uniform('a', 1, 12) %}\n{% do reject(a > 0, 'too large') %}\n{{ a }}\n")
    assert "yields 0 different configurations" in out
    assert "line 2: too large" in out


def test_endless_spaces_are_not_counted(shell: Shell) -> None:
    assert "distinct" not in generate(shell, "{{ uniform('a', 1, 12) }}")


def test_the_record_goes_with_a_promotion(shell: Shell) -> None:
    """It is no sign of a training, promoted configurations have it, and it comes back when it was lost."""
    generate(shell, "x: {{ uniform('x', 0, 1) }}\n")
    assert {slot["status"] for slot in shell.status()["slots"]} == {"pending"}
    shell.snakemake()
    for table in (shell.cwd / "S").rglob("origin"):
        origin = table.read_text().splitlines()[0].removeprefix("from: ")
        assert (table.parent / "parameters.json").read_bytes() == (shell.cwd / "S" / origin / "parameters.json").read_bytes()
    assert "0 findings" in shell.run("hyband", "check", "S", check=False)


def test_same_seed_same_bytes(shell: Shell) -> None:
    config = "{{ uniform('x', 1e-5, 1, log=true) }} {{ permutation('p', [1, 2, 3]) }} {{ normal('n', 0, 1) }} {{ seed() }}"
    generate(shell, config)
    before = as_generated(shell.cwd / "S")
    generate(shell, config, "--overwrite")
    assert as_generated(shell.cwd / "S") == before


@pytest.mark.parametrize(
    ("case", "digest"),
    [("00", "7a8c85342df04c84"), ("03", "a52baa73f95a915d"), ("05", "de805bd77b3d7000"), ("06", "0d2413702ff4066d"),
     ("10", "aad81011381265d0"), ("14", "f14b6f0106e6c462")],
)  # fmt: skip
def test_the_filter_draws_as_it_always_did(shell: Shell, case: str, digest: str) -> None:
    """Checksums of the configurations of seed 123456, from before there were draw functions; 14 has a line end more."""
    template = next(USERCASES.glob(f"{case}-*"))
    shell.run("hyband", "generate", "3", "3", "--template-dir", template, "-o", "S", "--random-seed", "123456")
    assert hashlib.sha256((shell.cwd / "S/configurations.sha256").read_bytes()).hexdigest()[:16] == digest
