"""The order of a parameter's levels: as in the template, if they were drawn from a list."""

from collections.abc import Sequence
from dataclasses import replace

from ..core.tree.configurations import find_drawn
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from ..space.configurations import read_record
from ..space.values import Value, value_text
from .importance import Parameter

MOST_READ = 40  # configurations read until all parameters are known: conditional ones are not in each


def in_order(parameters: Sequence[Parameter], snapshot: Snapshot, rows: Sequence[Row]) -> list[Parameter]:
    """Return the parameters with their levels in the template's order, if it lists them; others unchanged."""
    orders: dict[str, list[Value]] = {}
    wanted = {parameter.name for parameter in parameters if parameter.levels}
    for row in [row for row in rows if row.stage == 0][:MOST_READ]:
        if wanted <= orders.keys():
            break
        drawn = find_drawn(row.slot, snapshot.path)
        space = (read_record(drawn.record) or {}).get("space", {}) if drawn else {}
        for name in wanted - orders.keys():
            if name in row.parameters:
                orders[name] = _options(space.get(name))
    return [_ordered(parameter, orders.get(parameter.name, [])) for parameter in parameters]


def _options(described: object) -> list[Value]:
    """The options of a distribution over a list; empty for other distributions."""
    options = described.get("options") if isinstance(described, dict) and "min_size" not in described else None
    return list(options) if isinstance(options, list) else []


def _ordered(parameter: Parameter, options: Sequence[Value]) -> Parameter:
    """With mixed types, a level is an option's text; with integers and other numbers, it is a float."""
    places: dict[str, int] = {}
    for number, option in enumerate(options):
        is_whole = isinstance(option, int) and not isinstance(option, bool)
        for text in (value_text(option), *([value_text(float(option))] if is_whole else [])):  # type: ignore[arg-type]
            places.setdefault(text, number)
    for text_of in (value_text, str):
        if parameter.levels and all(text_of(level) in places for level in parameter.levels):
            return replace(parameter, levels=tuple(sorted(parameter.levels, key=lambda one: places[text_of(one)])))
    return parameter
