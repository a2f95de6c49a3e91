"""Spaces that people have: each library's file becomes the draw functions that mean the same."""

import json
import os
from pathlib import Path

import pytest

from hyperband_snakemake.errors import UsageError
from hyperband_snakemake.starting.begin import Told, read_start
from hyperband_snakemake.starting.foreign import read_spaces
from hyperband_snakemake.starting.score import Score
from hyperband_snakemake.starting.telling import reading
from hyperband_snakemake.starting.templates import config_text, run_text

WANDB = """\
program: train.py
method: bayes
metric: {name: val_acc, goal: maximize}
parameters:
  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  old_lr: {distribution: log_uniform, min: -2.302585092994046, max: 0}
  batch: {distribution: q_log_uniform_values, q: 8, min: 32, max: 256}
  layers: {min: 1, max: 8}
  dropout: {min: 0.0, max: 0.5}
  step: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
  opt: {values: [adam, sgd], probabilities: [0.75, 0.25]}
  decay: {values: [0, 1e-4, 1e-3]}
  fixed: {value: 3}
  bn: {values: [false, true]}
  model:
    parameters:
      width: {values: [64, null]}
"""
CONFIG_SPACE = {"name": "x", "hyperparameters": [
    {"type": "uniform_float", "name": "lr", "lower": 1e-5, "upper": 0.1, "log": True, "q": None, "default_value": 0.01},
    {"type": "uniform_int", "name": "n", "lower": 1, "upper": 8, "log": False}, {"type": "constant", "name": "c", "value": 3},
    {"type": "categorical", "name": "act", "choices": ["relu", "tanh"], "weights": [1, 3]}, {"type": "ordinal", "name": "s", "sequence": ["a", "b"]},
    {"type": "normal_float", "name": "b", "mu": 0, "sigma": 1, "lower": -2, "upper": 2}], "conditions": []}  # fmt: skip
CONFIG_SPACE_1 = {"format_version": 0.4, "hyperparameters": {"lr": {"type": "float", "lower": 0.1, "upper": 1.0, "log": True},
                                                             "n": {"type": "int", "lower": 1, "upper": 8}}}
NNI = {"lr": {"_type": "loguniform", "_value": [0.0001, 0.1]}, "n": {"_type": "randint", "_value": [1, 8]}, "q": {"_type": "quniform", "_value": [16, 64, 16]},
       "act": {"_type": "choice", "_value": ["relu", True, 3]}}
RAY = {"param_space": 0, "parameters": {"lr": {"_type": "qloguniform", "_value": [4, 64, 4]}, "b": [16, 32]}}
OPTUNA = {"distributions": {"lr": {"name": "FloatDistribution", "attributes": {"step": None, "low": 1e-5, "high": 0.1, "log": True}},
                            "n": {"name": "IntDistribution", "attributes": {"log": False, "step": 2, "low": 1, "high": 9}},
                            "old": {"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 9}},
                            "act": {"name": "CategoricalDistribution", "attributes": {"choices": ["relu", None]}}}}
CASES = [
    (WANDB, {
        "lr": "uniform('lr', 1e-05, 0.1, log=true)", "old_lr": "uniform('old_lr', 0.1, 1.0, log=true)",
        "batch": "integer('batch', 32, 256, log=true, step=8)", "layers": "integer('layers', 1, 8)", "dropout": "uniform('dropout', 0.0, 0.5)",
        "step": "uniform('step', 0.0, 1.0, step=0.25)", "opt": "choice('opt', ['adam', 'sgd'], weights=[0.75, 0.25])",
        "decay": "choice('decay', [0, 0.0001, 0.001])", "fixed": "choice('fixed', [3])", "bn": "choice('bn', [false, true])", "model.width": "choice('model.width', [64, none])"}),
    (CONFIG_SPACE, {
        "lr": "uniform('lr', 1e-05, 0.1, log=true)", "n": "integer('n', 1, 8)", "c": "choice('c', [3])",
        "act": "choice('act', ['relu', 'tanh'], weights=[1, 3])", "s": "ordinal('s', ['a', 'b'])", "b": "normal('b', 0, 1, low=-2, high=2)"}),
    (CONFIG_SPACE_1, {"lr": "uniform('lr', 0.1, 1.0, log=true)", "n": "integer('n', 1, 8)"}),
    (NNI, {"lr": "uniform('lr', 0.0001, 0.1, log=true)", "n": "integer('n', 1, 7)", "q": "integer('q', 16, 64, step=16)",
           "act": "choice('act', ['relu', true, 3])"}),
    (RAY, {"lr": "integer('lr', 4, 64, log=true, step=4)", "b": "choice('b', [16, 32])"}),
    (OPTUNA, {"lr": "uniform('lr', 1e-05, 0.1, log=true)", "n": "integer('n', 1, 9, step=2)", "old": "integer('old', 1, 9, log=true)", "act": "choice('act', ['relu', none])"}),
]


def written(place: Path, data: object) -> Path:
    path = place / ("space.yaml" if isinstance(data, str) else "space.json")
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


@pytest.mark.parametrize(("data", "expected"), CASES, ids=["wandb", "configspace", "configspace-1", "nni", "ray", "optuna"])
def test_the_space_of_another_library(tmp_path: Path, data: object, expected: dict[str, str]) -> None:
    found = read_spaces(written(tmp_path, data))
    assert {name: space.expression(name) for name, space in found.items()} == expected


@pytest.mark.parametrize(("data", "said"), [
    ({"lr": {"_type": "lognormal", "_value": [0, 1]}}, "parameter 'lr': the distribution lognormal has no counterpart"),
    ({"lr": {"_type": "uniform", "_value": [0]}}, "parameter 'lr'"), ({"parameters": {"lr": {"min": 1}}}, "'max' is missing"),
    ({"b": {"_type": "choice", "_value": [{"_name": "conv", "k": {"_type": "randint", "_value": [1, 3]}}]}}, "options have spaces of their own"),
    ({"lr": {"_type": "randint", "_value": [3]}}, "randint has the arguments [3]"), ("parameters: {b: {distribution: q_normal, mu: 1, q: 2}}", "q_normal has no"),
    (CONFIG_SPACE | {"forbiddens": [{"name": "act", "type": "EQUALS", "value": "relu"}]}, "has forbiddens, which are not read"),
    ({"hyperparameters": [{"type": "normal_int", "name": "n", "mu": 3, "sigma": 1}]}, "the type normal_int has no counterpart"),
    ([1, 2], "has no space that is known"), ("a: [", "is neither YAML nor JSON"), ({"a": 1}, "has no space that is known")])
def test_what_has_no_counterpart_is_named(tmp_path: Path, data: object, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_spaces(written(tmp_path, data))
    assert said in str(error.value)


def test_a_parameter_that_the_command_does_not_have_yet_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = Told(space_file=written(tmp_path, WANDB), score=Score("last-line"), variables=dict(os.environ))
    start = read_start(["python", "t.py", "--lr", "0.1", "--epochs", "3"], told)
    assert '--lr "$lr" --epochs "$2" --old_lr="$old_lr" --batch="$batch"' in run_text(start)
    assert "batch={{ integer('batch', 32, 256, log=true, step=8) }}\n" in config_text(start)
    assert "--bn is given as --bn=True or --bn=False" in "\n".join(reading(start))
    switch = read_start(["python", "t.py", "--bn", "--epochs", "3"], told)
    assert 't.py ${bn:+"$bn"} --epochs' in run_text(switch)
    assert " --fixed=3 2>&1" in run_text(start)  # a single value is not drawn
    over = read_start(["python", "t.py", "lr=0.1", "epochs=3"], told)
    assert 'lr="$lr" epochs="$2" old_lr="$old_lr"' in run_text(over)
