"""Smaller plans over results that are there."""

from math import inf

from hyperband_snakemake.report.statistics.replay import replay


def test_a_single_lucky_draw_does_not_make_a_small_plan_enough() -> None:
    """The best is one of four in the last bracket: one draw of these has it in a quarter of the cases."""
    lives = {2: [[0.5, 0.9]] + [[0.6, None]] * 3, 1: [[0.1], [0.5], [0.6], [0.7]]}
    found = replay(lives, {1: [1]}, 0.1)
    assert found.surely == found.perhaps
    assert 0.15 < found.surely / found.draws < 0.35


def test_ties_make_it_enough() -> None:
    assert replay({1: [[0.1], [0.1], [0.1]]}, {1: [1]}, 0.1).surely == 400


def test_what_was_never_trained_is_not_known() -> None:
    """Two of three are promoted, but only one was: the other may take no place from it, and may itself be as good."""
    lives = [[0.1, 0.5], [0.2, None], [0.3, None]]
    assert replay({2: lives}, {2: [3, 2]}, 0.5) == replay({2: lives}, {2: [3, 1]}, 0.5)
    found = replay({2: lives}, {2: [3, 2]}, 0.4)
    assert (found.surely, found.perhaps) == (0, 400)


def test_the_unknown_takes_the_places_of_others() -> None:
    lives = [[0.1, None, None], [0.2, 0.3, 0.3], [0.3, 0.4, 0.4]]
    found = replay({3: lives}, {3: [3, 2, 1]}, 0.3)
    assert (found.surely, found.perhaps) == (0, 400)
    assert replay({3: lives}, {3: [3, 2, 2]}, 0.3).surely == 400


def test_failures_are_never_promoted() -> None:
    assert replay({2: [[inf, None], [0.5, 0.5]]}, {2: [2, 1]}, 0.5).surely == 400
