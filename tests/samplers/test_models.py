"""Samplers: parameters survive the way to Optuna and back, models learn, even spreading is even."""

import itertools
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from types import ModuleType

import numpy as np
import optuna
import pytest
from scipy.stats import qmc

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.errors import HybandError
from hyperband_snakemake.samplers.models import Model, check_installed
from hyperband_snakemake.samplers.names import OPTUNA as MODELS
from hyperband_snakemake.samplers.observations import Observation, to_learn_from
from hyperband_snakemake.samplers.sobol import SobolRender
from hyperband_snakemake.samplers.translate import Translator, distribution_from, distributions_of, drawn_of, encoded
from hyperband_snakemake.space.distributions import Integer
from hyperband_snakemake.space.draws import Drawing
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer
from hyperband_snakemake.space.selections import Choice, Subset

from ..conftest import write_tree

CALLS = [
    ("uniform", 1e-5, 1e-1, True), ("uniform", 0, 1, False, 0.3), ("integer", 1, 100, True), ("integer", 2, 9, False, 3),
    ("integer", 8, 70, True, 8), ("uniform", 0.5, 4.2, True, 0.5),
    ("normal", 0, 1), ("normal", 0, 1, 7), ("choice", ["a", 1, 2.5, None]), ("choice", [1, True, [1, 2], {"k": "v"}]),
    ("choice", [1, True, 1.0, "1", 0, False]), ("choice", ["x"]), ("ordinal", [1, True, 1.0]),
    ("ordinal", ["s", "m", "l"]), ("subset", ["a", "b", "c"], 1, 2), ("permutation", ["x", [1], "z"]), ("permutation", ["x"]),
]


def drawings(call: tuple, number: int) -> Iterator[Drawing]:
    """Call the draw function this often, for a parameter named p."""
    name, *args = call
    source = Generator(5)
    for _ in range(number):
        drawing = Drawing(source)
        getattr(drawing, name)("p", *args)
        yield drawing


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_there_and_back(call: tuple) -> None:
    """What was drawn, as Optuna's parameters, is the same value again; so is what is read from the record."""
    for drawing in drawings(call, 50):
        (drawn, shown), distribution = drawing._values["p"], drawing._space["p"]
        read = distribution_from(drawing.finish("").data["space"]["p"])
        values = encoded(read, shown)
        for part, value in zip(distributions_of("p", distribution).items(), values, strict=True):
            assert part[1]._contains(part[1].to_internal_repr(value)), part
        if call[0] == "normal":
            assert drawn_of(read, values) == pytest.approx(min(max(drawn, -5), 12))
        else:
            assert drawn_of(distribution, values) == drawn
        Translator().encode({"p": shown}, {"p": drawing.finish("").data["space"]["p"]})


@pytest.mark.parametrize(("least", "most"), [(0, 3), (1, 2), (2, 2), (3, 3), (0, 0)])
def test_a_subset_that_a_sampler_proposes_has_an_allowed_size(least: int, most: int) -> None:
    """Yes and no for each option, as it likes: taken in or left out are as few as need be, the first ones first."""
    subset = Subset(("1", "2", "3"), least, most)
    for wanted in itertools.product([False, True], repeat=3):
        drawn = drawn_of(subset, list(wanted))
        assert least <= len(drawn) <= most
        assert drawn == sorted(set(drawn))
        chosen = [i for i, yes in enumerate(wanted) if yes]
        assert set(drawn) <= set(chosen) or set(chosen) <= set(drawn)
        assert drawn == chosen or not least <= len(chosen) <= most


SAME_NAME = """{% if choice('kind', ['a', 'b']) == 'a' %}{{ choice('c', [1, 2, 3]) }}{{ integer('n', 1, 3) }}
{% else %}{{ choice('c', ['u', 'v']) }}{{ uniform('n', 0.1, 0.9) }}{% endif %}"""


@pytest.mark.parametrize("name", MODELS)
def test_one_name_in_two_branches_is_two_parameters(tmp_path, name: str) -> None:
    """Of other options and of another kind; a prior or weights make no other one."""
    if name == "gp":
        pytest.importorskip("torch")
    translator, again = Translator(), Choice(("1", "2"), (1.0, 3.0))
    names = [translator.name("c", one) for one in (Choice(("1", "2")), Choice(("1", "3")), again, Integer(1, 2), Choice(("1", "3")))]
    assert names == ["c", "c (2)", "c", "c (3)", "c (2)"]
    write_tree(tmp_path, {"config": SAME_NAME})
    renderer, source, observed = Renderer(tmp_path), Generator(1), []
    for c in range(30):
        data = renderer.draw("config", {}, source).data
        observed.append(Observation(Slot(0, 0, c), Fraction(1), c / 30, data["values"], data["space"]))
    model = Model(name, 7, observed, lambda _, source, choose: renderer.draw("config", {}, source, choose))
    seen = [model(Slot(1, 0, c), Generator(c)).data["values"] for c in range(12)]
    assert all((v["c"] in (1, 2, 3)) == (v["kind"] == "a") == (v["n"] in (1, 2, 3)) for v in seen)


TEMPLATE = """{% if choice('kind', ['good', 'bad']) == 'good' %}{{ uniform('x', 0, 1) }}{% else %}{{ uniform('x', 5, 6) }}{% endif %}
{{ subset('s', ['a', 'b'], 1) }}{{ permutation('p', [1, 2, 3]) }}{{ ordinal('o', [1, 2]) }}"""


def found(renderer: Renderer, number: int) -> list[Observation]:
    """Results of random configurations: x = 0.3 of the good kind is best."""
    source, all_of_them = Generator(1), []
    for c in range(number):
        data = renderer.draw("config", {}, source).data
        values = data["values"]
        all_of_them.append(Observation(Slot(0, 0, c), Fraction(1), abs(values["x"] - 0.3), values, data["space"]))
    return all_of_them


SHARE = {"tpe": 0.5, "cmaes": 0.9}  # of the distance of random ones that its proposals may have


@pytest.mark.parametrize("name", SHARE)
def test_a_model_learns_and_repeats_itself(tmp_path, name: str) -> None:
    write_tree(tmp_path, {"config": TEMPLATE})
    renderer = Renderer(tmp_path)
    observed = found(renderer, 40)

    def proposals() -> list:
        model = Model(name, 7, observed, lambda _, source, choose: renderer.draw("config", {}, source, choose))
        return [model(Slot(1, 0, c), Generator(2)).data["values"] for c in range(12)]

    values = proposals()
    assert values == proposals()
    assert np.mean([abs(v["x"] - 0.3) for v in values]) < SHARE[name] * np.mean([o.loss for o in observed])


@pytest.mark.parametrize("name", ["NSGAIISampler", "NSGAIIISampler", "QMCSampler", "RandomSampler", "TPESampler", "CmaEsSampler"])
def test_samplers_of_optuna_by_their_import(tmp_path, name: str) -> None:
    """They propose what the template allows, and the same for the same seed and results."""
    write_tree(tmp_path, {"config": TEMPLATE})
    renderer = Renderer(tmp_path)
    observed = found(renderer, 40)

    def proposals() -> list:
        model = Model(f"optuna.samplers.{name}", 7, observed, lambda _, source, choose: renderer.draw("config", {}, source, choose))
        return [model(Slot(1, 0, c), Generator(2)).data["values"] for c in range(12)]

    values = proposals()
    assert values == proposals()
    assert len({v["x"] for v in values}) > 6
    assert all((5 <= v["x"] <= 6) == (v["kind"] == "bad") for v in values)


def test_a_sampler_of_the_users(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("my_package")
    samplers = optuna.samplers
    module.make_sampler = lambda seed: samplers.PartialFixedSampler({"x": 0.5}, samplers.RandomSampler(seed=seed))
    module.no_sampler = lambda seed: seed
    monkeypatch.setitem(sys.modules, "my_package", module)
    write_tree(tmp_path, {"config": "{{ uniform('x', 0, 1) }}"})
    renderer = Renderer(tmp_path)
    model = Model("my_package.make_sampler", 7, found(renderer, 5), lambda _, source, choose: renderer.draw("config", {}, source, choose))
    assert model(Slot(1, 0, 0), Generator(2)).data["values"] == {"x": 0.5}
    with pytest.raises(HybandError, match=r"my_package.no_sampler gives int, which is not an Optuna sampler"):
        check_installed("my_package.no_sampler")


@pytest.mark.parametrize(("name", "why"), [
    ("optuna.samplers.NoSuch", "AttributeError"), ("no_such_package.Sampler", "ModuleNotFoundError: No module named 'no_such_package'"),
    ("optuna.samplers.GridSampler", "TypeError: .*search_space"), ("..x", "ModuleNotFoundError|TypeError|ValueError")])
def test_what_is_no_sampler_is_said_at_once(name: str, why: str) -> None:
    with pytest.raises(HybandError, match=rf"The sampler {re.escape(name)} could not be made: ({why})"):
        check_installed(name)


@pytest.mark.parametrize("number", [1, 2, 3, 9, 10, 11])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("config", [TEMPLATE, "{{ uniform('x', 0, 1) }}{{ integer('n', 1, 9) }}", "{{ uniform('x', 0, 1) }}"])
def test_a_model_of_few_results(tmp_path, name: str, number: int, config: str) -> None:
    """However few there are, something is proposed."""
    if name == "gp":
        pytest.importorskip("torch")
    write_tree(tmp_path, {"config": config})
    renderer = Renderer(tmp_path)
    model = Model(name, 7, found(renderer, number), lambda _, source, choose: renderer.draw("config", {}, source, choose))
    for c in range(3):
        assert model(Slot(1, 0, c), Generator(2)).data["values"]


def test_a_failed_training_counts_as_the_worst(tmp_path) -> None:
    write_tree(tmp_path, {"config": "{{ uniform('x', 0, 1) }}"})
    renderer = Renderer(tmp_path)
    observed = [Observation(o.slot, o.budget, None if o.values["x"] > 0.2 else o.values["x"], o.values, o.space) for o in found(renderer, 60)]
    model = Model("tpe", 7, observed, lambda _, source, choose: renderer.draw("config", {}, source, choose))
    assert np.mean([model(Slot(1, 0, c), Generator(2)).data["values"]["x"] < 0.2 for c in range(20)]) > 0.5


@pytest.mark.parametrize(("name", "told"), [("gp", [0.0, 1.0, 2.0, 4.0, 4.0]), ("tpe", [0.0, 1.0, 2.0, 900.0, 900.0])])
def test_what_a_model_is_told_of_trainings_that_went_astray(tmp_path, name: str, told: list[float]) -> None:
    """A Gaussian process: nothing that is further above the median than the best is below it; a failure is the worst.

    The median here is 2, the higher one of the two in the middle.
    """
    if name == "gp":
        pytest.importorskip("torch")
    write_tree(tmp_path, {"config": "{{ uniform('x', 0, 1) }}"})
    renderer = Renderer(tmp_path)
    losses = [0.0, 1.0, 2.0, 900.0, None]
    observed = [Observation(o.slot, o.budget, loss, o.values, o.space) for o, loss in zip(found(renderer, 5), losses, strict=True)]
    model = Model(name, 7, observed, lambda _, source, choose: renderer.draw("config", {}, source, choose))
    assert [trial.value for trial in model._study.trials] == told


def test_a_proposal_that_the_template_rejects_is_told_as_failed(tmp_path) -> None:
    """It is not waited for: what the model still expects are those that are trained."""
    write_tree(tmp_path, {"config": "{{ uniform('x', 0, 1) }}{{ integer('n', 1, 2) }}{{ reject(n_is_odd, 'odd') }}"})
    renderer, taken = Renderer(tmp_path), [True, False, True, False]
    observed = [Observation(Slot(0, 0, c), Fraction(1), c / 9, {"x": c / 9}, {"x": {"kind": "uniform", "low": 0.0, "high": 1.0}}) for c in range(9)]
    model = Model("tpe", 7, observed, lambda slot, source, choose: renderer.draw("config", {"n_is_odd": taken[slot.config]}, source, choose))
    assert [bool(model(Slot(1, 0, c), Generator(2)).rejected) for c in range(4)] == taken
    assert [trial.state.name for trial in model._study.trials[9:]] == ["FAIL", "RUNNING", "FAIL", "RUNNING"]


def test_each_bracket_has_a_sequence_of_its_own(tmp_path) -> None:
    write_tree(tmp_path, {"config": "{{ uniform('a', 0, 1) }}{{ uniform('b', 0, 1) }}"})
    renderer = Renderer(tmp_path)

    def points(seed: int, bracket: int) -> list[dict]:
        sobol = SobolRender(lambda _, source, choose: renderer.draw("config", {}, source, choose), seed, bracket)
        return [sobol(Slot(bracket, 0, c), Generator(0)).data["values"] for c in range(4)]

    assert points(1, 0) == points(1, 0)
    assert len({str(points(seed, bracket)) for seed in (1, 2) for bracket in (0, 1, 2)}) == 6
    assert all(len(set(point.values())) == 2 for point in points(1, 0))


def test_the_largest_budget_with_enough_results() -> None:
    def some(budget: int, number: int) -> list[Observation]:
        return [Observation(Slot(0, 0, c), Fraction(budget), 0.1, {}, {"a": {}, "b": {}}) for c in range(number)]

    assert to_learn_from([], None) == []
    several = some(1, 27) + some(3, 9) + some(9, 5) + some(27, 4)
    assert {o.budget for o in to_learn_from(several, None)} == {9}
    assert {o.budget for o in to_learn_from(several, Fraction(27))} == {27}
    assert {o.budget for o in to_learn_from(some(1, 9) + some(3, 2), Fraction(3))} == {1}
    assert {o.budget for o in to_learn_from(some(1, 4) + some(3, 2), None)} == {1}


def test_sobol_is_more_even_than_chance(tmp_path) -> None:
    """By the discrepancy of three parameters, one of them in a branch, for many seeds; and each keeps its distribution."""
    write_tree(tmp_path, {"config": "{{ uniform('a', 0, 1) }}{{ uniform('b', 0, 1) }}{{ uniform('c', 0, 1) }}{{ seed() }}"})
    renderer = Renderer(tmp_path)

    def point(drawn) -> list[float]:
        return list(drawn.data["values"].values())

    better = 0
    for seed in range(10):
        sobol = SobolRender(lambda _, source, choose: renderer.draw("config", {}, source, choose), seed, 0)
        even = [point(sobol(Slot(0, 0, c), Generator(seed))) for c in range(27)]
        random = Generator(seed)
        chance = [point(renderer.draw("config", {}, random)) for _ in range(27)]
        better += qmc.discrepancy(even) < qmc.discrepancy(chance)
    assert better == 10
