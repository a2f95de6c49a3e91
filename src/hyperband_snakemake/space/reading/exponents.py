"""Numbers such as ``1e-05`` in YAML, which YAML 1.1 takes for texts: it wants a point and a sign."""

import json
import re
from collections.abc import Iterator

import yaml

_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")


def find_exponents(text: str) -> Iterator[tuple[int, str]]:
    """Give line and text of each such number; none if the text is not YAML, or is JSON, too."""
    if not re.search(r"\d[eE][-+]?\d", text):
        return
    try:
        json.loads(text)
    except ValueError:
        pass
    else:
        return
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return
    nodes = [root] if isinstance(root, yaml.CollectionNode) else []
    for node in nodes:  # which grows, but for what an alias repeats
        if isinstance(node, yaml.MappingNode):
            nodes += [value for _, value in node.value if value not in nodes]
        elif isinstance(node, yaml.SequenceNode):
            nodes += [value for value in node.value if value not in nodes]
        elif isinstance(node, yaml.ScalarNode) and node.style is None and node.tag == "tag:yaml.org,2002:str":
            yield from [(node.start_mark.line + 1, node.value)] if _EXPONENT.fullmatch(node.value) else []
