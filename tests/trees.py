"""Comparing whole searches."""

import json
from pathlib import Path

from .conftest import read_tree


def as_generated(search: Path) -> dict[str, bytes]:
    """All files of a search, its plan without the command lines that made it: these name its directory."""
    tree = read_tree(search)
    plan = json.loads(tree["plan.json"])
    plan.pop("commands")
    for one in plan.get("extensions", ()):
        one.pop("command")
    return tree | {"plan.json": json.dumps(plan).encode()}
