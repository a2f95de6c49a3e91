"""The draw functions: each follows its distribution, wrong arguments are named, and the documentation shows what they give."""

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from scipy import stats

from hyperband_snakemake.core.layout import Slot
from hyperband_snakemake.draws import Drawing, Drawn, Rejected
from hyperband_snakemake.errors import SpaceTooSmall, TemplateError
from hyperband_snakemake.rendering import Renderer
from hyperband_snakemake.sampling import Generator
from hyperband_snakemake.space import Drawer, count_configurations

from .conftest import write_tree

DOCS = (Path(__file__).parents[1] / "docs/space.md").read_text(encoding="utf-8")
N = 4000
ENOUGH = 0.001  # a right implementation falls below this in one seed of a thousand; the seed is fixed


def draws(name: str, *args: object, n: int = N, **kwargs: object) -> list:
    source = Generator(7)
    return [getattr(Drawing(source), name)("p", *args, **kwargs) for _ in range(n)]


def follows(values: list, distribution: object) -> bool:
    return bool(stats.kstest([float(v) for v in values], distribution.cdf).pvalue > ENOUGH)


def has_shares(values: list, shares: dict) -> bool:
    counts = Counter(values)
    whole = sum(shares.values())
    assert set(counts) <= set(shares)
    observed = [counts[v] for v in shares]
    return bool(stats.chisquare(observed, [len(values) * s / whole for s in shares.values()]).pvalue > ENOUGH)


def test_uniform() -> None:
    assert follows(draws("uniform", -2, 3), stats.uniform(-2, 5))
    assert follows(draws("uniform", 1e-5, 1e-1, log=True), stats.loguniform(1e-5, 1e-1))
    assert has_shares(draws("uniform", 0, 0.5, step=0.1), dict.fromkeys((0.0, 0.1, 0.2, 0.3, 0.4, 0.5), 1))
    assert not follows(draws("uniform", -2, 3), stats.uniform(-2, 5.2)), "the test would notice"


def test_uniform_where_good_values_are_expected() -> None:
    values = draws("uniform", 0, 1, prior=[0.2, 0.3], share=0.6)
    assert has_shares([0.2 <= v <= 0.3 for v in values], {True: 0.6 + 0.04, False: 0.36})
    bell = draws("uniform", 1e-4, 1, log=True, prior=1e-2, share=0.999999)
    assert follows([stats.loguniform(1e-4, 1).cdf(v) for v in bell], stats.truncnorm(-5, 5, 0.5, 0.1))


def test_integer() -> None:
    assert has_shares(draws("integer", -1, 3), dict.fromkeys(range(-1, 4), 1))
    assert has_shares(draws("integer", 2, 20, step=6), dict.fromkeys((2, 8, 14, 20), 1))
    law = stats.loguniform(0.5, 16.5)
    assert has_shares(draws("integer", 1, 16, log=True), {i: law.cdf(i + 0.5) - law.cdf(i - 0.5) for i in range(1, 17)})
    assert set(draws("integer", 5, 5)) == {5}


def test_normal() -> None:
    assert follows(draws("normal", 3, 2), stats.norm(3, 2))
    assert follows(draws("normal", 0, 1, low=-0.5, high=2), stats.truncnorm(-0.5, 2))
    assert follows(draws("normal", 0, 1, low=8, high=9), stats.truncnorm(8, 9))
    assert follows(draws("normal", 0, 1, low=-9, high=-8), stats.truncnorm(-9, -8))


def test_choice_and_ordinal() -> None:
    assert has_shares(draws("choice", ["a", "b", "c"]), dict.fromkeys("abc", 1))
    assert has_shares(draws("ordinal", ["a", "b", "c"]), dict.fromkeys("abc", 1))
    assert has_shares(draws("choice", ["a", "b", "c"], weights=[1, 0, 3]), {"a": 1, "c": 3})
    assert has_shares(draws("choice", ["a", "b", "c"], prior="b", share=0.4), {"a": 0.2, "b": 0.6, "c": 0.2})
    assert has_shares(draws("choice", ["a", "b", "c"], prior=["a", "b"]), {"a": 2.5, "b": 2.5, "c": 1})
    assert Counter(map(repr, draws("choice", [1, True, "1", 1.0], n=200))).keys() == {"1", "True", "'1'", "1.0"}


def test_subset_and_permutation() -> None:
    subsets = [s for k in (1, 2) for s in itertools.combinations("abcd", k)]
    assert has_shares([tuple(v) for v in draws("subset", list("abcd"), 1, 2)], dict.fromkeys(subsets, 1))
    assert len({tuple(v) for v in draws("subset", list("abcd"))}) == 16
    orders = dict.fromkeys(itertools.permutations("abcd"), 1)
    assert has_shares([tuple(v) for v in draws("permutation", list("abcd"))], orders)


def test_seed() -> None:
    source = Generator(7)
    assert follows([Drawing(source).seed() for _ in range(N)], stats.uniform(0, 2**31))
    drawing = Drawing(source)
    assert drawing.seed() == drawing.seed() != drawing.seed("other")


def test_the_same_name_is_the_same_parameter() -> None:
    drawing = Drawing(Generator(1))
    assert drawing.uniform("x", 0, 1) == drawing.uniform("x", 0, 1)
    with pytest.raises(ValueError, match="'x': was drawn before, from something else"):
        drawing.uniform("x", 0, 2)


def render(tmp_path: Path, text: str, seed: int = 1, **files: str) -> Drawn:
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
        ("integer('n', 1, 8, 2)", ""),
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
    if not message:
        assert render(tmp_path, "{{ " + call + " }}").text
        return
    with pytest.raises(TemplateError) as error:
        render(tmp_path, "# a comment\nx: {{ " + call + " }}\n")
    assert "config, line 2: " in str(error.value)
    assert message in str(error.value)
    assert call in str(error.value)


def test_nothing_is_drawn_for_run_sh(tmp_path: Path) -> None:
    write_tree(tmp_path, {"run.sh": "echo\n{{ uniform('x', 0, 1) }}"})
    with pytest.raises(TemplateError, match=r"run.sh, line 2: the function 'uniform' is for configurations"):
        Renderer(tmp_path).render("run.sh", {})


def test_the_documentation_shows_what_is_given(tmp_path: Path) -> None:
    """Each example is rendered with seed 1; rejected ones are drawn anew."""
    examples = re.findall(r"(?ms)^```jinja\n(.*?)^```\n+```\n(.*?)^```", DOCS)
    assert len(examples) == 11
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
    assert functions == {"uniform", "integer", "choice", "ordinal", "normal", "subset", "permutation", "seed", "reject", "prior"}


def test_imported_files_draw_anew(tmp_path: Path) -> None:
    """Also at their top, which Jinja2 runs once for all that import it."""
    write_tree(tmp_path, {"config": "{% import 'm' as m %}{{ m.x }} {{ m.f('y') }}",
                          "m": "{% set x = integer('x', 1, 10**9) %}{% macro f(n) %}{{ integer(n, 1, 10**9) }}{% endmacro %}"})
    renderer, source = Renderer(tmp_path), Generator(1)
    texts = [renderer.draw("config", {}, source).text for _ in range(3)]
    assert len({text.split()[0] for text in texts}) == 3


def record(drawn: Drawn) -> dict:
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
    assert count_configurations(lambda source: renderer.draw("config", {}, source)) == len(found)
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
    from hyperband_snakemake.space import draw_configurations

    write_tree(tmp_path, {"config": "{% set a = integer('a', 1, 50) %}\n{{ reject(a > 2, 'too long') }}"})
    renderer = Renderer(tmp_path)
    with pytest.raises(SpaceTooSmall, match=r"(?s)yields . different.*config, line 2: too long"):
        list(draw_configurations(make_plan(Settings(2, 2)), lambda _, s: renderer.draw("config", {}, s), 1))


def test_reject_raises() -> None:
    with pytest.raises(Rejected):
        Drawing(Generator(1)).reject(True)
    assert Drawing(Generator(1)).reject(False, "x") == ""
