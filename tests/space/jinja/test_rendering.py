"""Jinja2 as template directories expect it, and errors that name the place."""

from pathlib import Path

import pytest

from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer

from ...conftest import write_tree


def render(tmp_path: Path, text: str, **more: str) -> str:
    write_tree(tmp_path, {"config": text} | more)
    return Renderer(tmp_path).draw("config", {"folds": 5}, Generator(1)).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n", "a\n"),
        ("a", "a"),
        ("a\n\n", "a\n\n"),
        ("  {% if folds %}\nx\n  {% endif %}\n", "x\n"),
        ("<&'\"> {{ '<&>' }}", "<&'\"> <&>"),
        ("{{ 'x' if folds > 9 }}|", "|"),
        ("{{ [true, none] | tojson }}", "[true, null]"),
        ("ü {{ 'η' }}", "ü η"),
        ("A{2,}[CG]%d }}", "A{2,}[CG]%d }}"),
        ("{{ '{#' }}array[@]}", "{#array[@]}"),
        ("echo ${#array[@]}", "echo ${#array[@]}"),
    ],
)
def test_text(tmp_path: Path, text: str, expected: str) -> None:
    assert render(tmp_path, text) == expected


def test_random_is_drawn_anew_each_time(tmp_path: Path) -> None:
    text = render(tmp_path, "{% for i in range(20) %}{{ [1, 2, 3] | random }}{% endfor %}")
    assert set(text) == set("123")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nlr: {{ learning_rte }}\n", "config, line 2: 'learning_rte' is undefined\n    lr: {{ learning_rte }}"),
        ("{{ folds.x.y }}", "line 1"),
        ("a\nb\n{% if %}\n", "line 3: Expected an expression"),
        ("{{ [] | random }}", "line 1: the filter 'random' got an empty list"),
        ("x\n{{ 1 / 0 }}", "line 2: ZeroDivisionError: division by zero"),
        ("{{ x | nosuch }}", "line 1: No filter named 'nosuch'"),
        ("{% include 'other' %}", "template other was not found"),
        ("{% include 'config' %}", "includes or calls itself without end"),
        ("echo {#array[@]}", "'{#' starts a comment"),
        ("a\n{{ choice('x', [1, 1e400]) }}", "line 2: a number here is too large, infinite; expected a finite number"),
        ("{{ 'a' + 1 }}", "line 1: TypeError"),
        ("{{ namespace(a=1).b }}", "line 1"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
    ],
)
def test_errors(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        render(tmp_path, text)
    assert message in str(error.value)


def test_error_in_an_imported_file_names_that_file(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"m.j2, line 2: 'nix' is undefined"):
        render(tmp_path, "{% import 'm.j2' as m %}\n{{ m.f() }}", **{"m.j2": "{% macro f() %}\n{{ nix }}{% endmacro %}"})


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="not UTF-8"):
        Renderer(tmp_path).render("config", {})
