"""The order of a parameter's levels: that of the template, where they were drawn from a list."""

import json
from collections.abc import Sequence
from dataclasses import replace

from ..core.tree.configurations import find_drawn
from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from ..space.configurations import read_record
from ..space.parameters import Value
from .importance import Parameter

MOST_READ = 40  # configurations, until all parameters are known: those of a conditional space are not in each


def in_order(parameters: Sequence[Parameter], snapshot: Snapshot, rows: Sequence[Row]) -> list[Parameter]:
    """Return the parameters with their levels in the order in which the template lists them; others as they are."""
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
    """The options of a distribution over a list; none of another one."""
    options = described.get("options") if isinstance(described, dict) and "min_size" not in described else None
    return list(options) if isinstance(options, list) else []


def _ordered(parameter: Parameter, options: Sequence[Value]) -> Parameter:
    place = {json.dumps(option): number for number, option in reversed(list(enumerate(options)))}
    if not parameter.levels or not all(json.dumps(level) in place for level in parameter.levels):
        return parameter
    return replace(parameter, levels=tuple(sorted(parameter.levels, key=lambda level: place[json.dumps(level)])))
