"""Python assignments of literals. Nothing is evaluated: anything that is not a literal stays text."""

import ast
import warnings
from typing import Any

from ..values import Spelled, SpelledNumber, number_of
from .names import TWICE, Unreadable, refuse_ended_lines


def read_python(text: str) -> Any:
    """Read assignments of literals and calls of dict."""
    refuse_ended_lines(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's warnings about the text
        body = ast.parse(text).body
    found: dict[str, Any] = {}
    for node in body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets: list[ast.expr] = [node.target]
        else:
            targets = list(node.targets) if isinstance(node, ast.Assign) else []
        for target in targets:
            name = _source(text, target)
            if isinstance(target, ast.Name | ast.Attribute):
                value = getattr(node, "value")  # noqa: B009 (both kinds have one)
                found[name] = TWICE if name in found else _read(text, value)
    if not found:
        raise Unreadable
    return found


def _read(text: str, node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
        if all(keyword.arg for keyword in node.keywords):
            return {str(keyword.arg): _read(text, keyword.value) for keyword in node.keywords}
    elif isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return {_key(key): _read(text, value) for key, value in zip(node.keys, node.values, strict=True)}
    source = _source(text, node)
    if number_of(source) is not None:
        return SpelledNumber(source)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return Spelled(source)


def _key(node: ast.expr | None) -> str:
    assert isinstance(node, ast.Constant)
    return str(node.value)


def _source(text: str, node: ast.expr) -> str:
    return " ".join((ast.get_source_segment(text, node) or "").split())
