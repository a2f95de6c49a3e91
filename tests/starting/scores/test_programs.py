"""The programs with which run.sh reads a score: the right number, or none."""

import sys
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.number import NotANumber, parse_number
from hyperband_snakemake.starting.scores.programs import program


def score(path: Path, kind: str, written: str | bytes, key: str, capsys: pytest.CaptureFixture[str]) -> float | None:
    """Run the program of this kind over a file; None if it leaves no number."""
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    name, _, of_many = key.partition("/") if kind in ("json", "jsonl", "csv") else (key, "", "")
    sys.argv[1:] = [str(path), *([name] if name else [])]
    try:
        exec(program(kind, of_many or "last"), {})
        return parse_number(capsys.readouterr().out.encode())
    except NotANumber:
        return None
    except SystemExit as end:
        assert str(end).startswith("No score: ")
        return None


LOSS = "loss=([0-9.]+)"
PRINTED = [
    ("log", "loss=0.5\nloss=9.5e-05\n", LOSS, 9.5e-5),
    ("log", "loss=0.5\nloss=-7.5\n", LOSS, -7.5),
    ("log", "loss=0.5\nloss=nan\n", LOSS, None),
    ("log", "loss=0.5\nloss=-Infinity\n", LOSS, None),
    ("log", "loss=1,234.5\n", LOSS, None),
    ("log", "loss\r\n0.5\r\n", r"loss\n(.*)$", 0.5),
    ("log", "neg=-0.5\n", "neg=-([0-9.]+)", 0.5),
    ("log", "loss: -0.5 reward: -3\n", "loss.*?([0-9.]+)", -0.5),
    ("log", "loss: 0.5 reward: -3\n", "loss.*?([0-9.]+)", 0.5),
    ("log", "loss: nan reward: 3\n", "loss.*?([0-9.]+)", None),
    ("log", "loss = 0.935\n", "loss.*([0-9.]+)", 0.935),
    ("log", "loss(0.9)\nloss(nan)\n", r"loss[(\]]([0-9.]+)", None),
    ("log", "loss=0.5\nloss=3.\n", "loss=(?P<x>.*)", 3),
    ("log", "loss=\x1b[32m0.5\x1b[0m\n", LOSS, 0.5),
    ("log", "loss=0.5\nloss=see above\n", LOSS, 0.5),
    ("log", "loss=93\n", r"loss=\d", None),
    ("last-line", "epoch 10 loss NaN\n", "", None),
    ("last-line", "epoch 10 loss inf\n", "", None),
    ("last-line", "epoch 10 loss -1.#IND\n", "", None),
    ("last-line", "\x1b[1mloss 0.5\x1b[0m\n", "", 0.5),
    ("last-line", "loss \u22120.5\n", "", -0.5),
    ("last-line", "loss 1.5D-03\n", "", 1.5e-3),
    ("last-line", "loss 0,5\n", "", None),
    ("last-line", "loss 1.234,5\n", "", None),
    ("last-line", "10,0.5,0.93\n", "", 0.93),
    ("last-line", "accuracy 0.91 (+/- 0.02)\n", "", 0.91),
    ("last-line", "tensor(0.91, device='cuda:0', dtype=torch.float64)\n", "", 0.91),
    ("text", "loss after 10 epochs: nan\n", "", None),
    ("text", "0,5\n", "", None),
    ("text", b"Pr\xe9cision 0.5\n", "", 0.5),
    ("text", "0.5".encode("utf-16"), "", 0.5),
]
FILES = [
    ("json", '\ufeff{"a": 0.5}', "a", 0.5),
    ("json", '{"a": NaN}', "a", None),
    ("json", '{"a": 0.5}\n{"a": 0.7}\n', "a", 0.7),
    ("json", '{"a": [NaN, 0.5, 0.2]}', "a/min", 0.2),
    ("json", '{"a": [0.5, NaN]}', "a/max", 0.5),
    ("json", '{"a": [NaN]}', "a/max", None),
    ("jsonl", '{"e": 1, "a": 0.5}\n{"e": 2, "a": 0.4}\n{"e": 3, "a": null}\n', "a", None),
    ("jsonl", '{"t": 1, "a": null}\n{"t": null, "a": 0.4}\n{"t": 1, "a": null}\n', "a", 0.4),
    ("jsonl", '{"a": 0.5}\nsaved\n', "a", None),
    ("csv", "\ufeffa;b\r\n0.5;1\r\n", "a", 0.5),
    ("csv", "a;b\n0,5;1\n", "a", None),
    ("csv", "e,loss,a\n1,0.9,0.5\n2,0.8,0.4\n3,0.7,\n", "a", None),
    ("csv", "e,loss,a\n1,0.9,0.5\n2,,\n", "a", None),
    ("csv", "e,loss,a\n0,0.9,0.5\n1,0.8,\n2,0.7,\n", "a", 0.5),
    ("csv", "e,step,loss,a\n0,9,,0.5\n0,9,0.4,\n", "a", 0.5),
    ("csv", "a,b\n1,2\na,b\n3,4\n", "a", 3),
    ("csv", "e,a\n1,2\ne,new,a\n1,9,3\n", "a", 3),
    ("csv", "e,a\n1,2,9\n", "a", None),
    ("csv", ",a\n0,2,\n,3\n", "a", 3),
    ("csv", '#{"t": 3}\nr,l\n1,2\n', "r", 1),
    ("csv", "e,a\n1,NA\n", "a", None),
    ("csv", "a,b\n1," + "x" * 200_000, "a", 1),
]


@pytest.mark.parametrize(("kind", "written", "key", "expected"), PRINTED + FILES, ids=lambda value: ascii(value)[:30])
def test_a_score_is_the_last_number_or_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    kind: str, written: str | bytes, key: str, expected: float | None,
) -> None:  # fmt: skip
    monkeypatch.setattr(sys, "argv", [""])
    assert score(tmp_path / "file", kind, written, key, capsys) == expected
