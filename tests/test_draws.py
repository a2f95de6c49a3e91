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

from hyperband_snakemake.draws import Drawing, Drawn
from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.rendering import DRAWS, Renderer
from hyperband_snakemake.sampling import Generator

from .conftest import USERCASES, Shell, read_tree, write_tree

RUN = """awk -v budget="$2" '{ print $2 + 1 / budget }' "$1/config" > "$1/result"\n"""
VALUES = [1e-05, 1.5e-07, 1e22, 0.5, 2.0, 3, True, None, "no", "1e5", "a: b # c", 'ü\U0001f600\t"', [1e-05, "yes"]]


def draw(tmp_path: Path, text: str, seed: int = 1, **more: str) -> Drawn:
    write_tree(tmp_path, {"config": text} | more)
    return Renderer(tmp_path).draw("config", {"folds": 5}, Generator(seed))


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
        text = draw(tmp_path, f"{{{{ {call} }}}}", seed).text
        number = float(text)
        assert yaml.safe_load(text) == json.loads(text) == tomllib.loads(f"x = {text}")["x"] == ast.literal_eval(text) == number
        assert isinstance(yaml.safe_load(text), float)


def test_the_record(tmp_path: Path) -> None:
    text = "{{ uniform('lr', 1e-05, 0.1, log=true) }} {{ choice('s', ['no', true]) }} {{ seed() }} {{ integer('n', 2, 2) }}"
    drawn = draw(tmp_path, text)
    record = json.loads(drawn.record or "")
    lr, s, seed, n = drawn.text.split()
    assert record["values"] == {"lr": float(lr), "s": True if s == "True" else s, "n": int(n)}
    assert record["seeds"] == {"seed": int(seed)}
    assert record["space"]["lr"] == {"kind": "uniform", "low": 1e-05, "high": 0.1, "log": True}
    assert record["space"]["s"] == {"kind": "choice", "options": ["no", True]}


def test_identity(tmp_path: Path) -> None:
    """Seeds do not count, what the filter draws beside does, and a name that is used twice is one parameter."""
    one, two = (draw(tmp_path, "{{ integer('n', 3, 3) }} {{ seed() }}", seed) for seed in (1, 2))
    assert one.text != two.text
    assert one.identity == two.identity
    assert len({draw(tmp_path, "{{ integer('n', 3, 3) }} {{ [1, 2, 2] | random }}", seed).identity for seed in range(20)}) == 2
    twice = draw(tmp_path, "{{ uniform('x', 0, 1) }} {{ uniform('x', 0, 1) }}").text.split()
    assert twice[0] == twice[1]


def test_no_record_without_draw_functions(tmp_path: Path) -> None:
    assert draw(tmp_path, "{{ [1, 2] | random }}").record is None
    assert draw(tmp_path, "{{ [1, 2] | random }}").identity is None


def test_draws_in_imported_files_are_drawn_each_time(tmp_path: Path) -> None:
    write_tree(tmp_path, {"config": "{% import 'm' as m %}{{ m.lr }}", "m": "{% set lr = uniform('lr', 0, 1) %}"})
    renderer, generator = Renderer(tmp_path), Generator(1)
    drawn = [renderer.draw("config", {}, generator) for _ in range(5)]
    assert len({d.text for d in drawn}) == 5
    assert all(d.record for d in drawn)


def test_names_of_a_template_come_first(tmp_path: Path) -> None:
    """A template written before there were draw functions may call a variable or a macro like one of them."""
    text = "{% macro uniform(a) %}<{{ a }}>{% endmacro %}{% set seed = 3 %}{{ uniform(seed) }}"
    assert draw(tmp_path, text).text == "<3>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n{{ uniform('lr', 1, 0) }}", "config, line 2: parameter 'lr': low (1) must be below high (0)\n    {{ uniform('lr', 1, 0) }}"),
        ("{{ uniform(0, 1) }}", "line 1: uniform(name, low, high, log, step, prior, share): missing a required argument: 'high'"),
        ("{{ uniform(0, 1, 2) }}", "parameter 0: the name comes first, in quotes"),
        ("{{ uniform('lr', 0, 1, log=true) }}", "low (0) must be above 0"),
        ("{{ uniform('lr', '0', 1) }}", "must be numbers, not '0' and 1"),
        ("{{ uniform('lr', 0, 1, logarithmic=true) }}", "unexpected keyword argument 'logarithmic'"),
        ("{{ uniform('lr', lo, 1) }}", "'lo' is undefined"),
        ("{{ integer('n', 1, 2.5) }}", "must be whole numbers"),
        ("{{ choice('c', []) }}", "there are no options"),
        ("{{ choice('c', 'abc') }}", "the options must be a list"),
        ("{{ choice('c', [1, 1]) }}", "two options are the same"),
        ("{{ choice('c', [1, 2], weights=[1]) }}", "1 weights for 2 options"),
        ("{{ choice('c', [1, 2], prior=3) }}", "prior must be one of the options"),
        ("{{ uniform('x', 0, 1, prior=2) }}", "prior must be a number"),
        ("{{ uniform('x', 0, 1, prior=0.5, share=1) }}", "share must lie between 0 and 1"),
        ("{{ normal('x', 0, 0) }}", "sigma above 0"),
        ("{{ subset('s', [1, 2], min_size=3) }}", "sizes must lie between 0 and 2"),
        ("{{ uniform('x', 0, 1) }}\n{{ uniform('x', 0, 2) }}", "line 2: parameter 'x': was drawn before"),
        ("{{ seed }}", "seed is a function: write seed(...)"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        draw(tmp_path, text)
    assert message in str(error.value)


def test_nothing_is_drawn_elsewhere(tmp_path: Path) -> None:
    write_tree(tmp_path, {"run.sh": "x\n{{ uniform('x', 0, 1) }}"})
    with pytest.raises(TemplateError, match=r"run.sh, line 2: the function 'uniform' is for configurations"):
        Renderer(tmp_path).render("run.sh", {})


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
    before = read_tree(shell.cwd / "S")
    generate(shell, config, "--overwrite")
    assert read_tree(shell.cwd / "S") == before


@pytest.mark.parametrize(
    ("case", "digest"),
    [("00", "7a8c85342df04c84"), ("03", "a52baa73f95a915d"), ("05", "de805bd77b3d7000"), ("06", "0d2413702ff4066d"),
     ("10", "aad81011381265d0"), ("14", "ea87ae41c2a2bc1c")],
)  # fmt: skip
def test_the_filter_draws_as_it_always_did(shell: Shell, case: str, digest: str) -> None:
    """Checksums of the configurations of seed 123456, from before there were draw functions."""
    template = next(USERCASES.glob(f"{case}-*"))
    shell.run("hyband", "generate", "3", "3", "--template-dir", template, "-o", "S", "--random-seed", "123456")
    assert hashlib.sha256((shell.cwd / "S/configurations.sha256").read_bytes()).hexdigest()[:16] == digest


def examples() -> list[str]:
    text = (Path(__file__).parents[1] / "docs/space.md").read_text(encoding="utf-8")
    return re.findall(r"(?ms)^```\n(.*?)^```", text)


@pytest.mark.parametrize("example", examples(), ids=range(len(examples())))
def test_the_examples_of_the_docs(tmp_path: Path, example: str) -> None:
    """Each is drawn, each value is recorded, and the first is YAML."""
    drawn = [draw(tmp_path, example, seed) for seed in range(20)]
    kept = [one for one in drawn if not one.rejected]
    assert len({one.text for one in kept}) > 1
    for one in kept:
        values = json.loads(one.record or "")["values"]
        assert values
        if example.startswith("lr:"):
            assert {key: value for key, value in yaml.safe_load(one.text).items() if key != "seed"} == values


def test_every_function_is_in_the_docs() -> None:
    text = (Path(__file__).parents[1] / "docs/space.md").read_text(encoding="utf-8")
    for name in DRAWS:
        parameters = inspect.signature(getattr(Drawing, name)).parameters
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}("))
        assert all(re.search(rf"\b{p}\b", row) for p in parameters if p != "self")
