"""Every number that `hyband plan` prints, worked out by hand: three searches, and a clock that ticks for their time.

Each search is written down as (configurations, budget of each) by stage and bracket, from the paper's rule and a pencil.
"""

import re

import pytest

from ..conftest import Shell

Hand = list[list[tuple[int, float]]]
SEED: Hand = [
    [(243, 1), (81, 3), (27, 9), (9, 27), (3, 81), (1, 243)],
    [(98, 3), (32, 9), (10, 27), (3, 81), (1, 243)],
    [(41, 9), (13, 27), (4, 81), (1, 243)],
    [(18, 27), (6, 81), (2, 243)],
    [(9, 81), (3, 243)],
    [(6, 243)],
]
FIVE: Hand = [  # five brackets, in the smallest budget
    [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
    [(34, 3), (11, 9), (3, 27), (1, 81)],
    [(15, 9), (5, 27), (1, 81)],
    [(8, 27), (2, 81)],
    [(5, 81)],
]
HUNDRED: Hand = [[(n, budget * 100 / 81) for n, budget in bracket] for bracket in FIVE]
RESUMED: Hand = [  # 3 3: what each training adds
    [(27, 1), (9, 2), (3, 6), (1, 18)],
    [(12, 3), (4, 6), (1, 18)],
    [(6, 9), (2, 18)],
    [(4, 27)],
]
REACHED = [[1, 3, 9, 27], [3, 9, 27], [9, 27], [27]]


def ticks(takes: list[list[tuple[int, int]]], workers: int) -> int:
    """Time of a schedule, one tick at a time: whoever is free takes of what is ready that with the longest way to go."""
    waiting = [[n for n, _ in bracket] for bracket in takes]
    running: list[list[int]] = []  # bracket, stage, ticks left
    now = 0
    while any(map(any, waiting)) or running:
        ready = sorted(
            (-sum(each for _, each in bracket[s:]), b, s)
            for b, bracket in enumerate(takes)
            for s in range(len(bracket))
            if waiting[b][s] and not any(waiting[b][:s]) and not any(r[0] == b and r[1] < s for r in running)
        )
        for _, b, s in ready:
            while waiting[b][s] and len(running) < workers:
                waiting[b][s] -= 1
                running.append([b, s, takes[b][s][1]])
        now += 1
        for one in running:
            one[2] -= 1
        running = [one for one in running if one[2]]
    return now


def table(out: str) -> list[list[float]]:
    """Numbers of the table: bracket, stage (-1: all), configurations, budget each (of "+2 = 3" both), budget in all, cost."""
    rows = out.split("\n\n", maxsplit=1)[0].splitlines()[1:]
    return [[float(word) for word in re.sub(r"[+=]", "", row.replace(" all ", " -1 ")).split()] for row in rows]


def by_hand(search: Hand, unit: float, start: float = 0, reached: list[list[int]] | None = None) -> list[list[float]]:
    rows = []
    for b, bracket in enumerate(search):
        for s, (n, spends) in enumerate(bracket):
            each = [spends] if reached is None or s == 0 else [spends, reached[b][s]]
            rows.append([b, s, n, *each, n * spends, n * (spends * unit + start)])
        budget = sum(n * spends for n, spends in bracket)
        number = sum(n for n, _ in bracket)
        rows.append([b, -1, number, budget, budget * unit + number * start])
    return rows


def same(one: list[list[float]], two: list[list[float]]) -> bool:
    """To the digits that are printed: six for budgets, two decimals for costs."""
    return one == [[*(pytest.approx(v, rel=5e-6) for v in row[:-1]), pytest.approx(row[-1], abs=0.00501)] for row in two]


def test_the_seed_example(shell: Shell) -> None:
    """One unit costs 2 x 9 x 0.0028 = 0.0504. 364 + 144 + 59 + 26 + 12 + 6 = 611 training runs, 8457 units, 426.2328.

    Budget in all by bracket: 1458, 1338, 1287, 1458, 1458, 1458. Bracket 0 alone takes 1 + 3 + ... + 243 = 364 units,
    18.3456. Files: 5 for each of 611 training runs; an origin for 121 + 46 + 18 + 8 + 3 = 196 that are promoted; 2 for each of
    5 + 4 + 3 + 2 + 1 = 15 promotions; 14 at the top: 3295. Of 611 x 200 MB stay 196 and 1 + 1 + 1 + 2 + 3 + 6 = 14 of
    last stages, 210 x 200 MB. Nobody sleeps in 8457 of 32 x 430 units, that is 61%.
    """
    out = shell.run("hyband", *["plan", "5", "3", "-r", "2", "-k", "10", "-t", "0.0028", "--workers", "32", "--disk-per-config", "200MB"])
    assert same(table(out), by_hand(SEED, 0.0504))
    assert ticks([[(n, int(budget)) for n, budget in bracket] for bracket in SEED], 32) == 430
    assert out.split("\n\n")[1] == (
        "Training runs  611\n"
        "Budget         8457\n"
        "Cost           426.23\n"
        "Shortest time  18.35, with unlimited workers (bracket 0)\n"
        "Time           21.67 with 32 workers, busy 61%\n"
        "Files          3299, without what training runs write\n"
        "Disk           122 GB; 42 GB if what is not promoted is cleaned up\n")


def test_the_seed_example_resumed(shell: Shell) -> None:
    """243 + 5 x 162 = 1053; 294 + 192 + 180 + 162 + 162 = 990; 369 + 234 + 216 + 162 = 981; 486 + 324 + 324 = 1134;
    729 + 486 = 1215; 1458. In all 6831 units, 344.2824. A bracket reaches 243 once, so it takes 243 units: 12.2472."""
    out = shell.run("hyband", *["plan", "5", "3", "-r", "2", "-k", "10", "-t", "0.0028", "--resume"])
    assert "Budget         6831 (8457 without --resume)\nCost           344.28 (426.23 without --resume)\n" in out
    assert "Shortest time  12.25, with unlimited workers (bracket 0)\n" in out
    assert "(cost: 344.28; 426.23 without --resume)" in shell.run("hyband", *["generate", "5", "3", "-r", "2", "-k", "10", "-t", "0.0028", "--resume"])


def test_a_budget_of_one_hundred(shell: Shell) -> None:
    """Five brackets, as 3^4 = 81 is the largest power within 100; the smallest budget is 100 / 81.

    121 + 49 + 21 + 10 + 5 = 206 training runs; 405 + 363 + 351 + 378 + 405 = 1902 times 100 / 81 = 2348.148. Bracket 0:
    (1 + 3 + 9 + 27 + 81) x 100 / 81 = 149.38. Files: 1030 + 40 + 15 + 6 + 2 + 2 x 10 + 14 = 1127.
    """
    out = shell.run("hyband", *["plan", "--max-budget", "100", "--min-budget", "1", "--eta", "3", "--workers", "8", "--fractional-budgets"])
    assert same(table(out), by_hand(HUNDRED, 1))
    units = ticks([[(n, int(budget)) for n, budget in bracket] for bracket in FIVE], 8)
    assert out.split("\n\n")[1].splitlines() == [
        "Training runs  206",
        "Budget         2348.15",
        "Cost           2348.15",
        "Shortest time  149.38, with unlimited workers (bracket 0)",
        f"Time           {units * 100 / 81:.2f} with 8 workers, busy {1902 / (8 * units):.0%}",
        "Files          1130, without what training runs write"]


def test_a_search_that_resumes(shell: Shell) -> None:
    """3 3, each start costs a half: 40 + 17 + 8 + 4 = 69 starts; 81 + 78 + 90 + 108 = 357 units instead of
    108 + 99 + 108 + 108 = 423. Bracket 0 takes 27 units and four starts, 29. Files: 345 + 13 + 5 + 2 + 2 x 6 + 14."""
    out = shell.run("hyband", *["plan", "3", "3", "--resume", "--start-cost", "0.5", "--workers", "4"])
    assert same(table(out), by_hand(RESUMED, 1, 0.5, REACHED))
    halves = ticks([[(n, int(2 * spends + 1)) for n, spends in bracket] for bracket in RESUMED], 4)
    assert out.split("\n\n")[1].splitlines() == [
        "Training runs  69",
        "Budget         357 (423 without --resume)",
        "Cost           391.50 (457.50 without --resume)",
        "Shortest time  29.00, with unlimited workers (bracket 0)",
        f"Time           {halves / 2:.2f} with 4 workers, busy {391.5 * 2 / (4 * halves):.0%}",
        "Files          393, without what training runs write"]
