"""Values as text that JSON, TOML, YAML 1.1, YAML 1.2 and Python all read as the same values."""

import json
import math
import re
import shlex
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

BASIC_PLANE = 0xFFFF
_BARE_HYDRA = re.compile(r"[A-Za-z_/][\w/.-]*")
SAFE_OPERATIONS: tuple[str, ...] = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
SAFE_OPERATIONS += tuple(f"r{name}" for name in SAFE_OPERATIONS)


def float_text(value: float) -> str:
    """Write a number so that every format reads a number: Python's ``1e-05`` is a string in YAML 1.1.

    >>> [float_text(value) for value in (1e-05, 0.5, 1e22, 2.0, -1.5e-07)]
    ['1.0e-05', '0.5', '1.0e+22', '2.0', '-1.5e-07']
    """
    text = float.__repr__(value)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text


class Real(float):
    """A drawn number: a float that prints itself as `float_text`, even after calculations.

    >>> print(Real(1e-05), Real(0.0001) / 10, 1 - Real(0.25))
    1.0e-05 1.0e-05 0.75
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return float_text(self)

    __str__ = __repr__

    def __format__(self, form: str) -> str:
        return float.__format__(self, form) if form else str(self)

    def __round__(self, digits: Any = None) -> Any:
        """Round as a float does."""
        return as_drawn(float.__round__(self, digits))

    def __neg__(self) -> "Real":
        return Real(float.__neg__(self))

    def __abs__(self) -> "Real":
        return Real(float.__abs__(self))


def _operation(name: str) -> Any:
    plain = getattr(float, f"__{name}__")

    def operation(self: Real, *others: Any) -> Any:
        return as_drawn(plain(self, *others))

    return operation


for _name in SAFE_OPERATIONS:
    setattr(Real, f"__{_name}__", _operation(_name))


def as_drawn(value: Any) -> Any:
    """Make floats print themselves safely; other values are returned unchanged."""
    if isinstance(value, float):
        return Real(value)
    if isinstance(value, list):
        return [as_drawn(item) for item in value]
    return {key: as_drawn(item) for key, item in value.items()} if isinstance(value, dict) else value


def contains_real(value: Any) -> bool:
    """Whether this value contains a drawn number."""
    if isinstance(value, Mapping):
        return any(map(contains_real, value.values()))
    return any(map(contains_real, value)) if isinstance(value, list | tuple) else isinstance(value, Real)


def to_json(value: Any, indent: int | None = None) -> str:
    """Write JSON, with numbers that YAML reads as numbers; keys are sorted.

    >>> to_json({"lr": 1e-05, "bias": True, "solver": "no", "units": [3, None]})
    '{"bias": true, "lr": 1.0e-05, "solver": "no", "units": [3, null]}'

    Raises:
        ValueError: JSON has no such value.
    """
    return _written(value, _json_real, indent)


def to_yaml(value: Any) -> str:
    """Write YAML on one line: JSON, plus ``.inf`` and ``.nan``, which JSON does not have.

    >>> to_yaml(["no", 1e-05, float("-inf")])
    '["no", 1.0e-05, -.inf]'
    """
    return _written(value, _yaml_real, None)


def to_toml(value: Any) -> str:
    """Write a TOML value: text, numbers, true, false and lists of them.

    >>> to_toml(["no", 1e-05, float("-inf")])
    '["no", 1.0e-05, -inf]'

    Raises:
        ValueError: TOML has no such value on one line.
    """
    if value is None or isinstance(value, Mapping):
        raise ValueError(f"{value!r} cannot be written as a TOML value")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return _written(value, lambda real: _yaml_real(real).replace(".inf", "inf").replace(".nan", "nan"), None)


def to_python(value: Any) -> str:
    """Write a Python expression.

    >>> to_python({"bias": True, "lr": Real(1e-05), "name": "no"})
    "{'bias': True, 'lr': 1.0e-05, 'name': 'no'}"
    """
    return repr(value)


def to_shell(value: Any) -> str:
    """Write one word for a shell.

    >>> to_shell("leaky relu"), to_shell(Real(1e-05)), to_shell(True)
    ("'leaky relu'", '1.0e-05', 'True')
    """
    return shlex.quote(str(value))


def to_hydra(value: Any) -> str:
    """Write the value of an override of Hydra.

    >>> to_hydra(None), to_hydra("relu"), to_hydra("a,b"), to_hydra([True, 'say "x"'])
    ('null', 'relu', '"a,b"', '[true,"say \\\\"x\\\\""]')
    """
    if isinstance(value, str):
        if _BARE_HYDRA.fullmatch(value) and value.lower() not in ("null", "true", "false", "nan", "inf"):
            return value
        return '"' + re.sub(r'(\\*)("|$)', lambda end: 2 * end[1] + end[2].replace('"', '\\"'), value) + '"'
    if isinstance(value, list | tuple):
        return f"[{','.join(map(to_hydra, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{to_hydra(str(key))}:{to_hydra(each)}' for key, each in value.items())}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _json_real(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value!r} cannot be written as JSON")
    return float_text(value)


def _yaml_real(value: float) -> str:
    if math.isfinite(value):
        return float_text(value)
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def _written(value: Any, real: Callable[[float], str], indent: int | None, depth: int = 1) -> str:
    if isinstance(value, float):
        return real(value)
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, Mapping):
        pairs = sorted(((str(key), item) for key, item in value.items()), key=itemgetter(0))
        return _enclosed(
            [f"{quoted(key)}: {_written(i, real, indent, depth + 1)}" for key, i in pairs], "{}", indent, depth
        )
    if isinstance(value, list | tuple):
        return _enclosed([_written(item, real, indent, depth + 1) for item in value], "[]", indent, depth)
    raise ValueError(f"{value!r} is neither text, number, true, false, none, list nor mapping")


def _enclosed(parts: list[str], ends: str, indent: int | None, depth: int) -> str:
    if indent is None or not parts:
        return ends[0] + ", ".join(parts) + ends[1]
    line = "\n" + " " * indent * depth
    return ends[0] + line + f",{line}".join(parts) + line[: len(line) - indent] + ends[1]


def quoted(text: str) -> str:
    """Quote a text; characters outside the basic plane are not escaped, since YAML cannot read surrogate pairs."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or ord(c) > BASIC_PLANE else f"\\u{ord(c):04x}" for c in plain)
