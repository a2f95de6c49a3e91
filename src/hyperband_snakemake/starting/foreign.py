"""Reading spaces from files of other libraries: a W&B sweep, ConfigSpace, NNI, and JSON from Ray Tune and Optuna."""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from ..errors import UsageError
from .spaces import Space, literal, of_options

Entry = Mapping[str, Any]


class Unknown(ValueError):
    """A distribution without a counterpart here; the text names it."""


def read_spaces(path: Path) -> dict[str, Space]:
    """Read the spaces in another library's file, by parameter name.

    Raises:
        UsageError: it cannot be read, or contains something without a counterpart here.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))  # JSON is also YAML
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    found: dict[str, Space] = {}
    for name, entry in _entries(path, data).items():
        try:
            found[name] = _space(entry)
        except (Unknown, KeyError, TypeError, ValueError, IndexError) as error:
            why = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(
                f"{path}: parameter {name!r}: {why}. Give it by --space instead, and delete it there."
            ) from None
    return found


def _entries(path: Path, data: object) -> dict[str, Any]:
    """Find the table of parameters in a file from W&B, ConfigSpace or Optuna; in NNI and Ray it is the whole file."""
    if isinstance(data, dict):
        if isinstance(data.get("hyperparameters"), list | dict):  # ConfigSpace
            listed = data["hyperparameters"]
            _refuse_relations(path, data)
            return dict(listed) if isinstance(listed, dict) else {str(entry["name"]): entry for entry in listed}
        for key in ("parameters", "search_space", "searchSpace", "distributions"):
            if isinstance(data.get(key), dict):
                return _flat(data[key])
        if data and all(isinstance(entry, dict | list) for entry in data.values()):
            return _flat(data)
    raise UsageError(
        f"{path} has no space that is known; expected a W&B sweep (parameters:), a ConfigSpace (hyperparameters), "
        "Optuna's distributions, or names with _type and _value, as NNI and Ray have them."
    )


def _refuse_relations(path: Path, data: Mapping[str, Any]) -> None:
    """Refuse what says that not every combination is in the space: here, it is written into the template."""
    for key in ("conditions", "forbiddens"):
        if data.get(key):
            raise UsageError(
                f"{path} has {key}, which are not read. Delete them there, and write them into config afterwards, "
                "as {% if %} and reject(): docs/space.md."
            )


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Join the names of nested parameters by dots, as W&B does."""
    found: dict[str, Any] = {}
    for name, entry in table.items():
        if isinstance(entry, dict) and isinstance(entry.get("parameters"), dict):
            found |= _flat(entry["parameters"], f"{before}{name}.")
        else:
            found[f"{before}{name}"] = entry
    return found


def _space(entry: Any) -> Space:  # noqa: PLR0911 (a list of cases)
    if isinstance(entry, list):
        return _options(entry)
    if "attributes" in entry:  # Optuna: {"name": "FloatDistribution", "attributes": {...}}
        return _of_optuna(str(entry["name"]), entry["attributes"])
    if "_type" in entry or "_value" in entry:
        return _of_call(str(entry.get("_type", "choice")), entry["_value"])
    if "type" in entry and ("name" in entry or "lower" in entry or "choices" in entry):
        return _of_config_space(entry)
    if "values" in entry:
        return _weighted(entry["values"], entry.get("probabilities"))
    if "value" in entry:
        return of_options([entry["value"]])
    if "distribution" in entry:
        return _of_wandb(str(entry["distribution"]), entry)
    low, high = entry["min"], entry["max"]
    return _whole(low, high) if isinstance(low, int) and isinstance(high, int) else _real(low, high)


def _of_optuna(name: str, entry: Entry) -> Space:
    if name == "CategoricalDistribution":
        return _options(entry["choices"])
    low, high, log, step = entry["low"], entry["high"], bool(entry.get("log")), entry.get("step")
    if name.startswith("Int"):
        return _whole(low, high, log=log or "Log" in name, step=int(step or 1))
    return _real(low, high, log=log or "Log" in name, step=step or entry.get("q"))


def _of_config_space(entry: Entry) -> Space:
    """Read ConfigSpace's own JSON, from versions before and after 1.0."""
    kind = str(entry["type"]).lower()
    if kind == "constant":
        return of_options([entry["value"]])
    if kind == "ordinal":
        return of_options(entry.get("sequence") or entry["values"], "ordinal")
    if kind == "categorical":
        return _weighted(entry["choices"], entry.get("weights") or entry.get("probabilities"))
    if "beta" in kind or ("normal" in kind and ("int" in kind or entry.get("log") or entry.get("q"))):
        raise Unknown(f"the type {entry['type']}{' with log or q' * ('float' in kind)} has no counterpart here")
    if "normal" in kind:
        return Space("normal", _arguments(entry["mu"], entry["sigma"], low=entry.get("lower"), high=entry.get("upper")))
    log, step = bool(entry.get("log")), entry.get("q")
    if "int" in kind:
        return _whole(entry["lower"], entry["upper"], log=log, step=int(step or 1))
    if "float" in kind:
        return _real(entry["lower"], entry["upper"], log=log, step=step)
    raise Unknown(f"the type {entry['type']} has no counterpart here")


def _of_wandb(kind: str, entry: Entry) -> Space:
    if kind == "constant":
        return of_options([entry["value"]])
    if kind == "normal":
        return Space("normal", _arguments(entry.get("mu", 0), entry.get("sigma", 1)))
    low, high, step = entry.get("min"), entry.get("max"), entry.get("q", 1)
    if kind in ("log_uniform", "q_log_uniform"):  # in W&B, these limits are logarithms
        kind, low, high = f"{kind}_values", _exp(low), _exp(high)
    return _of_call(kind, [low, high, step] if kind.startswith("q_") else [low, high])


def _exp(value: Any) -> float:
    """Give e to the power of a number, without the last digits, which are rounding noise."""
    return float(f"{math.exp(float(value or 0)):.10g}")


def _of_call(kind: str, value: Any) -> Space:
    """Read a distribution given by name and a list of arguments, as in NNI, Ray and W&B."""
    if kind in ("choice", "grid_search", "categorical"):
        return _options(value)
    calls: dict[str, Callable[..., Space]] = {
        "uniform": _real,
        "loguniform": lambda low, high: _real(low, high, log=True),
        "log_uniform_values": lambda low, high: _real(low, high, log=True),
        "quniform": lambda low, high, step: _real(low, high, step=step),
        "q_uniform": lambda low, high, step: _real(low, high, step=step),
        "qloguniform": _stepped_log,
        "q_log_uniform_values": _stepped_log,
        "int_uniform": _whole,
        "randint": lambda low, high: _whole(low, high - 1),
        "lograndint": lambda low, high: _whole(low, high - 1, log=True),
        "qrandint": lambda low, high, step: _whole(low, high, step=step),
        "normal": lambda mu, sigma: Space("normal", _arguments(mu, sigma)),
        "randn": lambda mu, sigma: Space("normal", _arguments(mu, sigma)),
    }
    if kind not in calls:
        raise Unknown(f"the distribution {kind} has no counterpart here")
    try:
        return calls[kind](*value)
    except TypeError:
        raise Unknown(f"{kind} has the arguments {value!r}, and not those that it needs") from None


def _real(low: float, high: float, *, log: bool = False, step: float | None = None) -> Space:
    low, high = float(low), float(high)
    if step and float(step).is_integer() and low.is_integer() and high.is_integer():
        return _whole(int(low), int(high), step=int(step))
    return Space("uniform", _arguments(low, high, log=log or None, step=step))


def _whole(low: float, high: float, *, log: bool = False, step: int = 1) -> Space:
    low, high = int(low), int(high)
    if log and step != 1:
        return _stepped_log(low, high, step)
    return Space("integer", _arguments(low, high, log=log or None, step=None if step == 1 else step))


def _stepped_log(low: float, high: float, step: float) -> Space:
    """Draw multiples of a step evenly in their logarithm."""
    unit, lowest, highest = (Fraction(str(number)) for number in (step, low, high))
    first, last = max(1, math.ceil(lowest / unit)) * unit, highest // unit * unit
    if unit.denominator == 1:
        return Space("integer", _arguments(int(first), int(last), log=True, step=None if step == 1 else int(step)))
    return Space("uniform", _arguments(float(first), float(last), log=True, step=float(step)))


def _weighted(options: Any, weights: Any) -> Space:
    found = _options(options)
    return (
        found
        if weights is None
        else Space("choice", f"{found.arguments}, weights={literal(list(weights))}", found.texts)
    )


def _options(values: Any) -> Space:
    """Give the options; numbers such as 1e-5, which YAML 1.1 reads as texts, become numbers."""
    if any(isinstance(value, dict) and {"_name", "_type", "_value"} & set(value) for value in values):
        raise Unknown("its options have spaces of their own; write them into config, as {% if %} (docs/space.md)")
    return of_options(
        [float(v) if isinstance(v, str) and re.fullmatch(r"[\d.]+[eE][+-]?\d+", v) else v for v in values]
    )


def _arguments(*values: float, **named: object) -> str:
    given = [f"{name}={literal(value)}" for name, value in named.items() if value is not None]
    return ", ".join([*map(literal, values), *given])
