"""Parameters read from a configuration itself, where its template did not name them: YAML, JSON, TOML or INI."""

import configparser
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

Scalar = str | int | float | bool | None


def parameters_in(text: str) -> dict[str, Scalar]:
    """Read the plain values of a configuration, by their path; empty if it has none of these formats.

    >>> parameters_in("lr: 0.1\\nmodel: {layers: 3, name: mlp}\\n")
    {'lr': 0.1, 'model.layers': 3, 'model.name': 'mlp'}
    >>> parameters_in('lr = 0.1\\n[model]\\nname = "mlp"\\n')
    {'lr': 0.1, 'model.name': 'mlp'}
    """
    for read in READERS:
        try:
            data = read(text)
        except (ValueError, yaml.YAMLError, configparser.Error, RecursionError):
            continue
        if isinstance(data, Mapping):
            return dict(_flat(data))
    return {}


def _read_ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: {key: _number(value) for key, value in parser[name].items()} for name in parser.sections()}


READERS: tuple[Callable[[str], Any], ...] = (json.loads, tomllib.loads, yaml.safe_load, _read_ini)


def _number(text: str) -> Scalar:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _flat(data: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Scalar]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is None or isinstance(value, str | int | float):
            yield f"{prefix}{key}", value
        else:
            yield f"{prefix}{key}", json.dumps(value, default=str)
