"""Texts that cannot be read in the format that they seem to have."""

import pytest

from hyperband_snakemake.space.reading.faults import find_fault


@pytest.mark.parametrize(
    ("text", "name", "kind", "line"),
    [
        ("lr: 0.1\nname: run: 0.3\n", "config", "YAML", 2),
        ("lr: 0.1\nlayers: [1, 2\nact: relu\n", "config", "YAML", 3),
        ("a:\n\t- 1\n", "config.yml", "YAML", 2),
        ('{"lr": 0.1,\n "act": relu"}\n', "config", "JSON", 2),
        ("{'lr': 0.1}\n", "config.json", "JSON", 1),
        ('lr = 0.1\nact = "relu"\nn = 3 4\n', "config", "TOML", 3),
        ("[net\n", "config.toml", "TOML", 1),
    ],
)
def test_a_text_that_cannot_be_read(text: str, name: str, kind: str, line: int) -> None:
    fault = find_fault(text, name)
    assert fault is not None
    assert (fault.format, fault.line) == (kind, line)
    assert fault.reason


@pytest.mark.parametrize(
    "text",
    [
        "lr: 0.1\nlayers: !!python/tuple [1, 2]\n---\nact: relu\n",
        '{"lr": 0.1, // tuned\n "act": "relu",}\n',
        "{'lr': 0.1, 'act': None}\n",
        '[main]\nname = "x"\npath = /tmp/x\nother: y: z\n',
        'lr = 0.1\nact = "relu"\nnet = None\n',
        'lr = 0.1\nact = "relu"\nnet.optimizer = @Adam\n',
        "--lr 0.1\n--act relu: x\n",
        "export LR=0.1\nA=b\n",
        "",
    ],
)
def test_a_text_of_which_nothing_is_said(text: str) -> None:
    assert find_fault(text, "config") is None
