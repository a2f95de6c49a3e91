"""The parameters in the texts of configurations, whatever their format: possible columns of a table.

Nothing is evaluated, and values keep their spelling. All texts of a search have one format, the first whose parser
reads them all. So a column never mixes two parsers' readings of the same value.
"""

import configparser
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from .reading.documents import read_ini, read_json, read_json5, read_toml, read_yaml
from .reading.flags import read_dotenv, read_flags, read_overrides
from .reading.lines import read_lines
from .reading.names import Reading, Unreadable, flat
from .reading.python import read_python
from .values import Value, settled_parameters

Reader = Callable[[str], Any]
SAMPLE = 100  # texts to look at, if no parser reads them all

READERS: tuple[Reader, ...] = (
    read_json,
    read_json5,
    read_toml,
    read_yaml,
    read_ini,
    read_dotenv,
    read_overrides,
    read_flags,
    read_python,
    read_lines,
)
_REFUSALS = (
    *(Unreadable, ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError),
    *(yaml.YAMLError, configparser.Error),
)


def read_texts(texts: Sequence[str]) -> list[Reading]:
    """Read the parameters of a search's configurations, as spelled there; empty if the format is not known.

    >>> [dict(one.values) for one in read_texts(["MODEL=bert-base\\nLR=0.1", "MODEL=/my/bert\\nLR=0.2"])]
    [{'MODEL': 'bert-base', 'LR': '0.1'}, {'MODEL': '/my/bert', 'LR': '0.2'}]
    """
    for reader in READERS:
        found = _read_all(reader, texts)
        if found is not None:
            return found
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    best = max(READERS, key=lambda reader: sum(_read(reader, text) is not None for text in sample))
    return [next((one for reader in (best, *READERS) if (one := _read(reader, text))), Reading()) for text in texts]


def _read_all(reader: Reader, texts: Sequence[str]) -> list[Reading] | None:
    found = []
    for text in texts:
        reading = _read(reader, text)
        if reading is None:
            return None
        found.append(reading)
    return found


def _read(reader: Reader, text: str) -> Reading | None:
    try:
        data = reader(text)
    except _REFUSALS:
        return None
    return flat(data) if isinstance(data, dict) and data else None


def read_parameters(text: str) -> Mapping[str, Value]:
    """Read the parameters of one configuration; empty if its format is not known.

    >>> dict(read_parameters("lr: 1e-05\\nnet: {layers: 2, act: relu}\\nsizes: [8, 4]"))
    {'lr': 1e-05, 'net.layers': 2, 'net.act': 'relu', 'sizes': [8, 4]}
    >>> dict(read_parameters("train.lr = 0.1\\ntrain.net = @resnet"))
    {'train.lr': 0.1, 'train.net': '@resnet'}
    >>> dict(read_parameters("net = dict(width=64, act='relu')\\nlr = 2 * 0.1"))
    {'net.width': 64, 'net.act': 'relu', 'lr': '2 * 0.1'}
    """
    return settled_parameters([reading.values for reading in read_texts([text])])[0]
