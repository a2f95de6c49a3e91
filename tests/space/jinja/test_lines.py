"""Line ends in templates: no line is joined to the next one, and a tag alone on its line still leaves nothing."""

from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.tree.proposals import JOINED, KEPT
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.lines import JINJA, KeepLines, joined_lines
from hyperband_snakemake.space.jinja.rendering import Renderer

from ...conftest import ROOT, write_tree

PLAIN = jinja2.Environment(**JINJA)
OURS = jinja2.Environment(**JINJA, extensions=[KeepLines])


def render(text: str, **names: object) -> str:
    return OURS.from_string(text).render({"yes": True, "no": False, "two": [1, 2]} | names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p: {% if yes %}l1{% else %}l2{% endif %}\nC: 1\n", "p: l1\nC: 1\n"),
        ("foo: {% if no %}bla{% endif %}\nother: test\n", "foo: \nother: test\n"),  # ansible/ansible#16344
        ("d: 1 {# note #}\ne: 2\n", "d: 1 \ne: 2\n"),
        ("--act relu {% if yes %}--nesterov{% endif %}\n--layers 1\n", "--act relu --nesterov\n--layers 1\n"),
        ("{% for n in two %}\n{{ n }}{% if not loop.last %},{% endif %}\n{% endfor %}\n", "1,\n2\n"),  # pallets/jinja#713
        ("a: {% if yes %}b{% endif %}\n", "a: b\n"),  # the last line has its end, too
        ("a {% raw %}{{ b }}{% endraw %}\nc\n", "a {{ b }}\nc\n"),
        ("a: {% set q = [1,\n 2] %}\nb: 1\n", "a: \nb: 1\n"),  # it ends on a line where no text is
        ("a {# of two\nlines #}\nb\n", "a \nb\n"),
        ("a {% if yes %}b{% endif %}\r\nc\r\n", "a b\nc\n"),
        ("a\n{%+ if yes +%}\nb\n{% endif %}\n", "a\n\nb\n"),
        ("a{% if yes -%}\n b{% endif %}\nc\n", "ab\nc\n"),
        ("p: {% if yes -%}\n  l1\n{%- else -%}\n  l2\n{%- endif %}\nC: 1\n", "p: l1\nC: 1\n"),
        ("a: 1\n{%- if yes %}\nb: 2\n{%- endif %}\nc: 3\n", "a: 1\nb: 2\nc: 3\n"),
        ("a{% if yes %}b{% endif %}\n{%- if yes %}\nc{% endif %}\n", "ab\nc\n"),
        ("a {% if yes -%} b {%- endif -%}\nc\n", "a bc\n"),
        # text on one way to the tag only
        ("s: {% if no %}\n  x: 1\n{% else %}\n  y: 1\n{% endif %}\nz: 1\n", "s: \n  y: 1\nz: 1\n"),
        ("s: {% if no %}\n  x: 1\n{% endif %}\nz: 1\n", "s: \nz: 1\n"),
        ("s: {% if yes %}\n  x: 1\n{% endif %}\nz: 1\n", "s: \n  x: 1\n\nz: 1\n"),  # the price: an empty line
        ("s: {% for n in [] %}\n  - {{ n }}\n{% endfor %}\nz: 1\n", "s: \nz: 1\n"),
    ],
)
def test_a_line_with_text_keeps_its_end(text: str, expected: str) -> None:
    assert render(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{% if yes %}\na\n{% else %}\nb\n{% endif %}\nc\n",
        "  {% for n in two %}\n  {% if n > 1 %}\n{{ n }}\n  {% endif %}\n  {% endfor %}\nz",
        "{% set a = 1 %}{% set b = 2 %}{# both #}\n{{ a }}\n",
        "{% macro f(a) %}{{ a }}{% endmacro %}\n{{ f(1) }}\n",  # its text is not on this line
        "{% set y %}abc{% endset %}\n{% set z | replace(old='a', new='b') %}a{% endset %}\n{{ y }}{{ z }}\n",
        "{% set q = [\n 1,\n] %}\n{# a\n b #}\n{{ q }}\n",
        "{% raw %}\n{% if %}\n{% endraw %}\nz\n",
        "{% if yes %}{% if no %}x\n{% endif %}{% endif %}\ny\n",
    ],
)
def test_a_tag_alone_on_its_line_leaves_nothing_of_it(text: str) -> None:
    assert OURS.preprocess(text) == text


def test_all_templates_in_use_stay_as_they_were() -> None:
    """Those of the examples and of searches of an earlier version: not one tag in them changes."""
    package = ROOT / "src" / "hyperband_snakemake"
    templates = [
        *(package / "templates").rglob("*"), *(package / "slurm" / "templates").iterdir(),
        *(package / "examples").glob("*/run.sh"), *(package / "examples").glob("*/config"),
        *(ROOT / "tests" / "witness").glob("*/search-space/*"), *(ROOT / "examples").glob("*/config"),
        *(ROOT / "tests" / "usercases").glob("*/config"), *(ROOT / "tests" / "usercases").glob("*/run.sh"),
    ]
    texts = [path.read_text() for path in templates if path.is_file()]
    assert len(texts) > 20
    assert [OURS.preprocess(text) for text in texts] == texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n=${#folds[@]}\nx=1\ntag=${HOST%#}\n", "n=${#folds[@]}\nx=1\ntag=${HOST%#}\n"),
        ("n=${#}\nm=${#x} {# a comment #}\nend\n", "n=${#}\nm=${#x} \nend\n"),
        ("n=${#unclosed[@]}\n{# alone #}\nend", "n=${#unclosed[@]}\nend"),
        ("{# not ${#here} #}\nend", "end"),
        ("{% raw %}${#a[@]}{% endraw %}", "${#a[@]}"),
        ("{{ '${#a}' }}", "${#a}"),
        ("^a${# a comment #}", "^a$"),
        ("${{ '{#' }}a[@]}", "${#a[@]}"),  # what had to be written before
    ],
)
def test_the_shell_has_its_number_sign(text: str, expected: str) -> None:
    assert render(text) == expected


MARK = st.sampled_from(["", "-", "+"])
PIECE = st.sampled_from(
    ["a", "b ", "\n", "  ", " c\n", "{{ x }}", "{# n #}", "{#- n -#}", "{# m\n #}", "{% set z = 1 %}", "{{- x -}}", "{% raw %}q\n{% endraw %}"]
)
BLOCKS = (("if x", "endif"), ("if x", "else", "endif"), ("for i in two", "endfor"), ("macro f()", "endmacro"), ("set y", "endset"))


@st.composite
def template(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        if depth and draw(st.booleans()):
            tags = [f"{{%{draw(MARK)} {words} {draw(MARK)}%}}" for words in draw(st.sampled_from(BLOCKS))]
            parts += [part for tag in tags[:-1] for part in (tag, draw(template(depth - 1)))] + tags[-1:]
        else:
            parts.append(draw(PIECE))
    return "".join(parts)


@given(template(), st.booleans(), st.lists(st.just(1), max_size=2))
def test_nothing_but_line_ends_is_added(text: str, x: bool, two: list[int]) -> None:
    before, after = (environment.from_string(text).render(x=x, two=two) for environment in (PLAIN, OURS))
    assert before.replace("\n", "") == after.replace("\n", "")
    assert before.count("\n") <= after.count("\n")
    kept = OURS.preprocess(text)
    assert kept.count("\n") == text.count("\n")  # errors name the same lines
    assert OURS.preprocess(kept) == kept


def test_mistakes_are_told_as_before() -> None:
    for text in ("a {% if x %}b{% endif %}\n{% nix %}\n{# unclosed", "{{ ${#a} }}\n", "{% endif %}{% else %}{% endset %}x\n"):
        with pytest.raises(jinja2.TemplateSyntaxError) as ours:
            OURS.from_string(text)
        with pytest.raises(jinja2.TemplateSyntaxError) as plain:
            PLAIN.from_string(text)
        assert (ours.value.lineno, ours.value.message) == (plain.value.lineno, plain.value.message)


def test_the_draws_are_the_same(tmp_path: Path) -> None:
    text = "p: {% if choice('s', ['a', 'b', 'c']) == 'a' %}1{% endif %}\nC: {{ uniform('C', 0, 1) }} {# note #}\nr: {{ [1, 2, 3] | random }}\n"
    write_tree(tmp_path, {"config": text})
    joined, kept = (Renderer(tmp_path, line_ends=rule).draw("config", {}, Generator(3)) for rule in (JOINED, KEPT))
    assert (joined.data, joined.key) == (kept.data, kept.key)
    assert (joined.text.count("\n"), kept.text.count("\n")) == (1, 3)


def test_included_and_imported_files(tmp_path: Path) -> None:
    write_tree(tmp_path, {
        "config": "{% import 'm' as m %}\n{% include 'part' %}\nx: {{ m.f(1) }}\ny: 1\n",
        "m": "{% macro f(a) %}\na{% if a %}b{% endif %}\nc{% endmacro %}\n",
        "part": "q: {% if folds %}1{% endif %}\nn: ${#a[@]}\n",
    })
    assert Renderer(tmp_path).render("config", {"folds": 5}) == "q: 1\nn: ${#a[@]}\nx: ab\nc\ny: 1\n"


def test_joined_lines_have_numbers() -> None:
    assert joined_lines("a\nb {# c #}\r\n{% if x %}\n{% endif %}\nd{% if x %}e{% endif %}\n") == [2, 5]
