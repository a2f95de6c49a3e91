"""JSON, TOML, YAML, INI: formats with a real parser that handles nested names."""

import configparser
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

import yaml

from ..values import Spelled, SpelledNumber, number_of
from .names import TWICE, Unreadable, refuse_ended_lines, within

_BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_TRUTH = {"true": True, "false": False}


def read_json(text: str) -> Any:
    """Read JSON."""
    return json.loads(text, object_pairs_hook=_distinct)


def read_json5(text: str) -> Any:
    """Read JSON with comments, trailing commas and names without quotes."""
    start = text.lstrip()[:2]
    if start[:1] != "{" and start not in {"//", "/*"}:
        raise Unreadable
    loads = import_module("json5").loads  # slow to import
    return loads(text, object_pairs_hook=_distinct)


def read_toml(text: str) -> Any:
    """Read TOML."""
    return tomllib.loads(text, parse_float=SpelledNumber)


def read_yaml(text: str) -> Any:
    """Read one or several YAML documents; tags that are not YAML's own stay as text."""
    documents = [one for one in yaml.load_all(text, Loader=_Loader) if one is not None]
    if not all(isinstance(one, dict) and all(map(_is_name, one)) for one in documents):
        raise Unreadable
    return _distinct(pair for one in documents for pair in one.items())


def _is_name(key: Any) -> bool:
    """Whether this is a key rather than a line of another format that happens to contain a colon."""
    return not isinstance(key, str) or not key.startswith(("-", "+", "~", "export "))


def read_ini(text: str) -> Any:
    """Read sections of ``name = value``; all values are text."""
    refuse_ended_lines(text)
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read_string(text)
    return {section: {name: Spelled(value) for name, value in parser[section].items()} for section in parser.sections()}


def _distinct(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Make a mapping in which a name that occurs twice has no known value."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        found[key] = TWICE if key in found else value
    return found


class _Loader(_BASE):  # type: ignore[misc,valid-type]  # the C parser, if available
    """A safe loader that keeps the spelling of numbers, and unknown tags."""


def _construct_text(loader: Any, node: Any) -> Any:
    value = loader.construct_scalar(node)
    return SpelledNumber(value) if not node.style and number_of(value) is not None else value


def _construct_truth(loader: Any, node: Any) -> Any:
    """Accept only true and false, which are the same in all YAML versions: ``no`` is a text in YAML 1.2."""
    value = loader.construct_scalar(node)
    return _TRUTH.get(value.lower(), value)


def _construct_mapping(loader: Any, node: Any) -> Iterator[Any]:
    found: dict[Any, Any] = {}
    yield found
    if any(_is_of_gin(key, one) for key, one in node.value):
        raise Unreadable
    own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != f"{_CORE}merge"]
    loader.flatten_mapping(node)
    found |= {
        loader.construct_object(key, deep=True): loader.construct_object(one, deep=True) for key, one in node.value
    }
    found |= {name: TWICE for name in own if own.count(name) > 1}


def _is_of_gin(key: Any, value: Any) -> bool:
    """Whether a text (for YAML) really consists of gin assignments below the name of a block."""
    plain = isinstance(value, yaml.ScalarNode) and not value.style and " = " in value.value
    return plain and value.start_mark.line > key.end_mark.line


def _construct_tagged(loader: Any, suffix: str, node: Any) -> Any:
    """Keep the tag: as part of the text of a scalar or list, or as a separate name for a mapping."""
    tag = f"!!{suffix.removeprefix(_CORE)}" if suffix.startswith(_CORE) else suffix
    if isinstance(node, yaml.ScalarNode):
        return f"{tag} {node.value}".rstrip()
    if isinstance(node, yaml.SequenceNode):
        return f"{tag} {json.dumps(within(loader.construct_sequence(node, deep=True)), ensure_ascii=False)}"
    return Tagged(tag, loader.construct_mapping(node, deep=True))


class Tagged(dict[Any, Any]):
    """A mapping that has a tag."""

    def __init__(self, tag: str, data: Mapping[Any, Any]) -> None:
        super().__init__(data)
        self.tag = tag


for _kind in ("int", "float", "str", "timestamp"):
    _Loader.add_constructor(f"{_CORE}{_kind}", _construct_text)
_Loader.add_constructor(f"{_CORE}bool", _construct_truth)
_Loader.add_constructor(f"{_CORE}map", _construct_mapping)
_Loader.add_multi_constructor("", _construct_tagged)
