"""What the texts of configurations show, in each format, and what is left out."""

import pytest

from hyperband_snakemake.space.parameters import read_parameters, read_texts

JSONNET = """local dim = 5;
{
  "reader": { "type": "characters" },
  model: {
    dropout: 0.1, // why
    embedder: {
      tokens: { embedding_dim: 7, size: dim },
      embedding_dim: 4,
    },
    bidirectional: true,
  },
  path: std.extVar("DATA"),
}
"""


@pytest.mark.parametrize(("text", "expected"), [
    ('{"a": {"b": 1}, "c": true, "d": null}', {"a.b": 1, "c": True, "d": None}),
    ('// why\n{a: 1.5, "b": [1, 2,], /* c */ "d": "1.10",}', {"a": 1.5, "b": [1, 2], "d": "1.10"}),
    ("[opt]\nlr = 0.5\nname = 'x'\nversion = '1.10'\n", {"opt.lr": 0.5, "opt.name": "x", "opt.version": "1.10"}),
    ("[Opt]\nLr = 1e-3\nname = plain words\nsub = 001\n", {"Opt.Lr": 0.001, "Opt.name": "plain words", "Opt.sub": "001"}),
    ("lr: !ref <lr>\nopt: !name:torch.optim.Adam\n  lr: 1e-05\nt: !!python/tuple [1, 2]\n",
     {"lr": "!ref <lr>", "opt": "!name:torch.optim.Adam", "opt.lr": 1e-05, "t": "!!python/tuple [1, 2]"}),
    ("a: 1\n---\nb: {c: 2}\n", {"a": 1, "b.c": 2}),
    ('a: "1.10"\nb: 001\nc: no\nd: ~\ne: 2026-01-02\nf: [1e-3, x, null]\ng: "1e-5"\n',
     {"a": "1.10", "b": "001", "c": "no", "d": None, "e": "2026-01-02", "f": [0.001, "x", None], "g": "1e-5"}),
    ("base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  x: 3\n", {"base.x": 1, "base.y": 2, "c.x": 3, "c.y": 2}),
    ('export LR=0.1\nMODEL=bert-base  # why\nDATA=sst2/train\nLAYERS=64,32\nQ="a b"\n',
     {"LR": 0.1, "MODEL": "bert-base", "DATA": "sst2/train", "LAYERS": "64,32", "Q": "a b"}),
    ("++optim.betas=[0.9,0.95]\n+trainer.profiler=simple\nmodel.lr=1e-4\n~callbacks\nname='a b'\n",
     {"optim.betas": [0.9, 0.95], "trainer.profiler": "simple", "model.lr": 1e-4, "~callbacks": True, "name": "a b"}),
    ("model.lr=0.1 model.layers=3", {"model.lr": 0.1, "model.layers": 3}),
    ("--lr 0.1 --layers 64 32 \\\n  --nesterov --clip=-1e-3 -y -0.5", {"lr": 0.1, "layers": [64, 32], "nesterov": True, "clip": -0.001, "y": -0.5}),
    ("from math import log\nm = dict(a=dict(b=None), c=[1, log(2)])\nlr = 0.1  # why\nx: int = 3\n",
     {"m.a.b": None, "m.c": "[1, log(2)]", "lr": 0.1, "x": 3}),
    ("metric = binary_logloss,auc\ndata = a/b.train\nlearning_rate = 0.1\nis_metric = true # why\n",
     {"metric": "binary_logloss,auc", "data": "a/b.train", "learning_rate": 0.1, "is_metric": True}),
    ("import my.module\ntrain.lr = 0.1\ntrain.net = @net()\na/b.x = %M\n", {"train.lr": 0.1, "train.net": "@net()", "a/b.x": "%M"}),
    ("dedal.Dedal:\n  cls = @T\n\nopen/tf.C:\n  value = 11.0\nend/tf.C:\n  value = 0.5\n", {"dedal.Dedal.cls": "@T", "open/tf.C.value": 11.0, "end/tf.C.value": 0.5}),
    (JSONNET, {"dim": 5, "reader.type": "characters", "model.dropout": 0.1, "model.embedder.tokens.embedding_dim": 7,
               "model.embedder.tokens.size": "dim", "model.embedder.embedding_dim": 4, "model.bidirectional": True, "path": 'std.extVar("DATA")'}),
    ("o.lr = 0.1;\no.name = 'adam'; % why\no.layers = [64 32];\n", {"o.lr": 0.1, "o.name": "adam", "o.layers": "[64 32]"}),
    ('lr=0.1,\nname="a, b",\n', {"lr": 0.1, "name": "a, b"}),
    ("lr 0.1\nnet bert-base\n", {"lr": 0.1, "net": "bert-base"}),
    ("solver { lr: 0.1\n  net { width: 3 }\n}\n", {"solver.lr": 0.1, "solver.net.width": 3}),
    ("# x = 1\nlr = 2 * 0.1\n", {"lr": "2 * 0.1"}),
    ("- 1\n- 2\n", {}), ("only words", {}), ("", {}), ("\0\1", {}), ("{{{", {}), ("__import__('os').abort()\n", {}),
])
def test_parameters_of_every_format(text: str, expected: dict[str, object]) -> None:
    found = dict(read_parameters(text))
    assert {name: (type(value), value) for name, value in found.items()} == {name: (type(value), value) for name, value in expected.items()}


@pytest.mark.parametrize(("text", "unclear"), [
    ("a: 1\na: 2\nb: 3\n", ("a",)),
    ("a: 1\n---\na: 2\nb: 3\n", ("a",)),
    ('{"a": 1, "a": 2, "b": 3}', ("a",)),
    ("A=1\nA=2\nB=x\n", ("A",)),
    ("--a 1 --a 2 --b 3", ("a",)),
    ("net {\n layer { width: 3 }\n layer { width: 4 }\n depth: 2\n}\n", ("net.layer.width",)),
])
def test_a_name_with_several_values_is_left_out(text: str, unclear: tuple[str, ...]) -> None:
    (found,) = read_texts([text])
    assert found.unclear == unclear
    assert len(found.values) == 1


def test_all_texts_of_a_search_are_read_alike() -> None:
    """Alone, the first would be an expression of Python and the other none."""
    found = read_texts(["MODEL=bert-base\nDATA=sst2/train\n", "MODEL=roberta\nDATA=/my/sst2\n", "nothing that can be read"])
    assert [dict(one.values) for one in found] == [{"MODEL": "bert-base", "DATA": "sst2/train"}, {"MODEL": "roberta", "DATA": "/my/sst2"}, {}]
