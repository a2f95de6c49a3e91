"""The sampler joint: what one process of all budgets makes of results, in spaces of every kind."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.samplers.joint.columns import Columns, kept, moved
from hyperband_snakemake.samplers.joint.process import Known, Process
from hyperband_snakemake.samplers.joint.sampler import Joint, scaled
from hyperband_snakemake.samplers.observations import Observation, Running
from hyperband_snakemake.space.draws import Drawing
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer

from ...conftest import write_tree
from ..test_models import CALLS, drawings

SPACE = """{% if choice('kind', ['good', 'bad']) == 'good' %}{{ uniform('x', 0, 1) }}{% else %}{{ integer('n', 1, 90, log=true) }}{% endif %}
{{ subset('s', ['a', 'b'], 1) }}{{ permutation('p', [1, 2]) }}{{ normal('z', 0, 1) }}{{ reject(impossible, 'no') }}"""


def drawn_from(path: Path, config: str = SPACE) -> tuple:
    write_tree(path, {"config": config})
    renderer = Renderer(path)
    return lambda slot, source, choose=None: renderer.draw("config", {"impossible": slot.config == 1}, source, choose)


def found(template, number: int) -> list[Observation]:
    """Results at budgets 1 and 3: a good kind at 0.3 is best; the smaller budget adds to all alike."""
    source, made = Generator(1), []
    for c in range(number):
        data = template(Slot(0, 0, 0), source).data
        values = data["values"]
        loss = abs(values["x"] - 0.3) if "x" in values else 1.0
        budgets = [1, 3][: 1 + (c % 3 == 0)]
        made += [Observation(Slot(0, 0, c), Fraction(b), loss + 1 / b, values, data["space"]) for b in budgets]
    return made


def test_it_finds_the_branch_and_the_value(tmp_path: Path) -> None:
    template = drawn_from(tmp_path)
    model = Joint(7, found(template, 24), template, [], Fraction(3))
    points = [model(Slot(1, 0, 0), Generator(2)).data["values"] for _ in range(2)]
    assert not model.failure
    assert [point["kind"] for point in points] == ["good"] * 2
    assert min(abs(point["x"] - 0.3) for point in points) < 0.1
    again = Joint(7, found(template, 24), template, [], Fraction(3))
    assert [again(Slot(1, 0, 0), Generator(2)).data["values"] for _ in range(2)] == points


def test_what_runs_is_not_proposed_again(tmp_path: Path) -> None:
    template = drawn_from(tmp_path, "{{ choice('c', [1, 2, 3]) }}{{ integer('n', 1, 2) }}")
    drawn = {}
    for seed in range(60):
        data = template(Slot(0, 0, 0), Generator(seed)).data
        drawn.setdefault(str(data["values"]), data)
    assert len(drawn) == 6
    known, rest = list(drawn.values())[:4], list(drawn.values())[4:]
    observed = [Observation(Slot(0, 0, c), Fraction(1), c, d["values"], d["space"]) for c, d in enumerate(known)]
    model = Joint(1, observed, template, [Running(rest[0]["values"], rest[0]["space"])], Fraction(1))
    assert model(Slot(1, 0, 0), Generator(1)).data["values"] == rest[1]["values"]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("loss", [0.5, None])
def test_few_results_or_none(tmp_path: Path, number: int, loss: float | None) -> None:
    template = drawn_from(tmp_path)
    few = [Observation(o.slot, o.budget, loss, o.values, o.space) for o in found(template, number)]
    model = Joint(1, few, template, [], Fraction(3))
    assert model(Slot(1, 0, 0), Generator(1)).data["values"]
    assert not model.failure


def test_a_space_that_cannot_be_drawn_from(tmp_path: Path) -> None:
    """Its slot's candidates are all rejected: what is proposed is drawn by the template, which says why."""
    template = drawn_from(tmp_path)
    model = Joint(
        1, found(template, 9), lambda _, source, choose: template(Slot(0, 0, 1), source, choose), [], Fraction(3)
    )
    assert model(Slot(0, 0, 1), Generator(1)).rejected
    assert model.failure


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_near_is_of_the_same_distribution(call: tuple) -> None:
    (name, *args), source = call, Generator(6)
    for drawing in drawings(call, 10):
        (drawn, shown), distribution = drawing._values["p"], drawing._space["p"]
        assert kept(distribution, shown) == (drawn if name != "normal" else pytest.approx(min(max(drawn, -5), 12)))
        near = Drawing(source, lambda _, one, shown=shown: moved(one, shown, 0.1, source))
        getattr(near, name)("p", *args)
        row = Columns([drawing.finish("").data]).rows([drawing.finish("").data, near.finish("").data])
        assert np.isfinite(row).all()
        assert ((row >= -1e-9) & (row <= 1 + 1e-9)).all()


def test_the_process_fits_its_slope() -> None:
    """The slope that fitting follows is that of what it minimizes; small budgets count for what they predict."""
    source = np.random.default_rng(0)
    rows, stages = source.random((30, 3)), source.integers(0, 3, 30).astype(float)
    losses = np.sin(4 * rows[:, 0]) + rows[:, 1] + 0.2 * stages
    process = Process(Known(rows, np.array([0, 1, 1]), stages, (losses - losses.mean()) / losses.std(), 2.0))
    at, step = source.normal(size=7) * 0.3, 1e-5 * np.eye(7)
    slope = [(process._misfit(at + one)[0] - process._misfit(at - one)[0]) / 2e-5 for one in step]
    assert process._misfit(at)[1] == pytest.approx(slope, abs=1e-4)


def test_noise_at_small_budgets_does_not_hide_what_the_largest_says() -> None:
    """With one noise for all budgets, exact results at the largest budget are taken to be as noisy as the others."""
    source = np.random.default_rng(0)
    rows, stages = source.random((60, 2)), np.array([0.0] * 48 + [4.0] * 12)
    losses = np.sin(4 * rows[:, 0]) + source.normal(size=60) * (stages == 0)
    process = Process(Known(rows, np.array([0, 1]), stages, (losses - losses.mean()) / losses.std(), 4.0))
    means, _ = process.predict(rows[48:], 4.0)
    assert means == pytest.approx(process.known.losses[48:], abs=0.05)


def test_lengths_that_nothing_speaks_for_are_as_usual() -> None:
    """They are where the density of the prior is largest; at its median, 20 times as long, all spaces are plains."""
    rows = np.random.default_rng(0).random((2, 6))
    process = Process(Known(rows, np.arange(6), np.zeros(2), np.array([-1.0, 1.0]), 0.0))
    assert np.exp(process.fitted[:6]) == pytest.approx(0.5, rel=0.3)


def test_what_counts_of_losses_is_their_order() -> None:
    def of(*losses: float | None) -> np.ndarray:
        return scaled([Observation(Slot(0, 0, c), Fraction(1), loss, {}, {}) for c, loss in enumerate(losses)])

    plain = of(3.0, 1.0, 2.0, 2.0, 1e9, None)
    assert list(np.argsort(plain, kind="stable")) == [1, 2, 3, 0, 4, 5]
    assert plain[2] == plain[3]
    assert (plain.mean(), plain.std()) == pytest.approx((0, 1))
    assert of(0.3, 0.1, 0.2, 0.2, 0.4, None) == pytest.approx(plain)
    assert list(of(1.0, 1.0)) == [0, 0]
