"""Draws: the stream of the seed, distinct configurations, and spaces that are just large enough."""

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.errors import SpaceTooSmall
from hyperband_snakemake.space.distinct import draw_configurations
from hyperband_snakemake.space.draws import RenderedConfig
from hyperband_snakemake.space.generator import Generator, Source, every_path, pick

PLAN = make_plan(Settings(2, 2))  # 4 + 3 + 3


def draw(plan: Plan, text: Callable[[Source], str], seed: int = 1) -> dict[Slot, str]:
    drawn = draw_configurations(plan, lambda _, source: RenderedConfig(text(source)), seed)
    return {slot: one.text for slot, one in drawn}


@given(st.integers(0, 2**40), st.lists(st.integers(1, 10**7), max_size=20))
def test_generator_is_the_standard_stream(seed: int, sizes: list[int]) -> None:
    """The numbers of `random.choice` over a range, which the original tool's templates drew from."""
    ours, reference = Generator(seed), random.Random(seed)
    assert [ours.below(n) for n in sizes] == [reference.choice(range(n)) for n in sizes]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_path_is_the_product(sizes: list[int]) -> None:
    found = [path for path, _ in every_path(lambda s: ",".join(str(s.below(n)) for n in sizes))]
    assert found == list(itertools.product(*map(range, sizes)))


@given(st.integers(0, 10**6), st.integers(10, 13))
def test_a_space_as_large_as_the_search_is_filled(seed: int, size: int) -> None:
    texts = draw(PLAN, lambda s: str(s.below(size)), seed)
    assert len(set(texts.values())) == 10
    assert set(texts.values()) <= set(map(str, range(size)))


def test_a_space_too_small_says_how_many() -> None:
    with pytest.raises(SpaceTooSmall, match="yields 9 different configurations, but the search needs 10"):
        draw(PLAN, lambda s: str(s.below(3) * 3 + s.below(3)))


def test_a_template_that_draws_nothing_is_told_so() -> None:
    with pytest.raises(SpaceTooSmall, match=r"^nothing in the configuration template is drawn, .* needs 10 different"):
        draw(PLAN, lambda _: "{ uniform('lr', 0, 1) }")
    with pytest.raises(SpaceTooSmall, match="yields 1 different configuration, but the search needs 10"):
        draw(PLAN, lambda s: "x" * (s.below(2) >= 0))


def test_a_large_space_with_few_texts_ends() -> None:
    """More paths than are counted, all with the same few texts."""
    with pytest.raises(SpaceTooSmall, match="yields 2 different"):
        draw(PLAN, lambda s: str(s.below(10**6) % 2))


def test_conditional_spaces_are_filled() -> None:
    """Branches of different depth: 1 + 9 texts."""
    texts = draw(PLAN, lambda s: "a" if s.below(2) else f"b{s.below(9)}")
    assert sorted(texts.values()) == sorted(["a", *(f"b{i}" for i in range(9))])


def test_pick() -> None:
    assert pick(Generator(1), "abc") in "abc"
    assert pick(Generator(1), range(5)) in range(5)
    assert pick(Generator(1), (x for x in [7])) == 7
    assert pick(Generator(1), {"k": 1}) == "k"
    with pytest.raises(ValueError, match="empty"):
        pick(Generator(1), [])
