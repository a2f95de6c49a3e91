"""The parameters in a configuration's text, whatever the format: what a table can have as columns."""

import ast
import configparser
import json
import math
import re
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from functools import lru_cache
from typing import Any

import yaml

Value = bool | int | float | str | None

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_LINE = re.compile(r"^\s*([\w./@-]+)\s*[=:]\s*(.+?)\s*$", re.MULTILINE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=65536)  # a promoted configuration has the text of its origin
def read_parameters(text: str) -> Mapping[str, Value]:
    """Read the parameters of a configuration; empty where its format is not known.

    Tried are JSON, TOML, YAML, INI, Python's assignments, then lines ``name = value``. Nested names are joined with
    points, lists become their JSON text, and a text that is a decimal number becomes one (YAML reads ``1e-05`` as a
    word).

    >>> dict(read_parameters("lr: 1e-05\\nnet: {layers: 2, act: relu}\\nsizes: [8, 4]"))
    {'lr': 1e-05, 'net.layers': 2, 'net.act': 'relu', 'sizes': '[8, 4]'}
    >>> dict(read_parameters("train.lr = 0.1\\ntrain.net = @resnet"))
    {'train.lr': 0.1, 'train.net': '@resnet'}
    >>> dict(read_parameters("net = dict(width=64, act='relu')\\nlr = 2 * 0.1"))
    {'net.width': 64, 'net.act': 'relu', 'lr': '2 * 0.1'}
    """
    for read in _READERS:
        with suppress(*_REFUSALS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's about the text
            data = read(text)
            if isinstance(data, dict) and data:
                return dict(_flat("", data))
    return {}


def _yaml(text: str) -> Any:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 (a safe loader)


def _ini(text: str) -> Any:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}


def _python(text: str) -> Any:
    """Assignments of literals and of calls of dict; anything else in a value stays its text."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and all(
            isinstance(target, ast.Name | ast.Attribute) for target in node.targets
        ):
            found[ast.unparse(node.targets[0])] = _evaluated(node.value)
    return found


def _evaluated(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {keyword.arg: _evaluated(keyword.value) for keyword in node.keywords if keyword.arg}
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return ast.unparse(node)


def _lines(text: str) -> Any:
    return {match[1]: _literal(match[2]) for match in _LINE.finditer(text) if not match[0].lstrip().startswith("#")}


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError):
        return text


_REFUSALS = (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, yaml.YAMLError, configparser.Error)
_READERS: tuple[Callable[[str], Any], ...] = (json.loads, tomllib.loads, _yaml, _ini, _python, _lines)


def _flat(prefix: str, data: Mapping[Any, Any]) -> Iterator[tuple[str, Value]]:
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _flat(f"{name}.", value)
        else:
            yield name, scalar(value)


def scalar(value: Any) -> Value:
    """Give a value as one that a table can hold: lists as JSON, a text that is a decimal number as that number.

    What JSON, Parquet and charts cannot hold as a number is text: integers of more than 64 bits, infinity, no number.

    >>> scalar("1e-05"), scalar([8, 4]), scalar(float("inf")), scalar("1e999"), scalar(2**63)
    (1e-05, '[8, 4]', 'inf', '1e999', '9223372036854775808')
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = int(value) if _WHOLE.fullmatch(value) else float(value)
        return number if math.isfinite(number) else value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        fits = -(2**63) <= value < 2**63 if isinstance(value, int) else math.isfinite(value)
        return value if fits else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, default=str, ensure_ascii=False)
