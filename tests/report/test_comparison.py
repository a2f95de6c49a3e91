"""Searches next to each other: the numbers, the words, what is refused, and the page."""

import json
import re
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import end_text, start_text
from hyperband_snakemake.errors import UsageError
from hyperband_snakemake.report.comparison.figures import charts_of
from hyperband_snakemake.report.comparison.measures import pairings
from hyperband_snakemake.report.comparison.page import comparison_html
from hyperband_snakemake.report.comparison.parts import parts_of
from hyperband_snakemake.report.comparison.spaces import differences
from hyperband_snakemake.report.comparison.words import compare, compare_text

from ..conftest import Shell, write_tree


def search_of(path: Path, results: list[float | None], plan: Plan | None = None, start: int = 0, **more: object) -> Path:
    """A search of single-stage brackets: what each of its configurations ended with, one after the other."""
    plan = plan or make_plan(Settings(0, 3, repeat=len(results)))
    files = {"plan.json": plan_to_json(plan, random_seed=1, **more)}
    slots = (f"bracket-{b.index}/stage-0/config-{c}" for b in plan.brackets for c in range(b.stages[0].configurations))
    for number, (slot, result) in enumerate(zip(slots, results, strict=False), start):
        begun, ended = (json.dumps(f"2026-01-01T00:{number:02}:{second}Z") for second in ("00", "30"))
        record = start_text(1, "r") + end_text(seconds=30, status=0, result=str(result) if result is not None else "", reason="" if result is not None else "why")
        record = re.sub(r'"start": "[^"]*"', f'"start": {begun}', re.sub(r'"end": "[^"]*"', f'"end": {ended}', record))
        outcome = "failed: why\n" if result is None else f"completed: {result}\n"
        files |= {f"{slot}/attempts": record, f"{slot}/outcome": outcome, f"{slot}/config": f"x: {number / 2}\nkind: {'ab'[number % 2]}\n"}
    return write_tree(path, files)


def test_the_best_at_the_same_budget_in_all(tmp_path: Path) -> None:
    """The longer search is better in the end and not after what the shorter one has spent; failures are spent, too."""
    long = search_of(tmp_path / "long", [0.9, None, 0.8, 0.7, 0.1])
    short = search_of(tmp_path / "short", [0.5, 0.6, 0.7])
    comparison = compare(parts_of([long, short]))
    assert (comparison.budget, comparison.equal) == (1, 3)
    assert [(m.spent, m.failed, m.best and m.best.result, m.equal) for m in comparison.measures] == [(5, 1, 0.1, 0.8), (3, 0, 0.5, 0.5)]
    text = compare_text(comparison)
    assert "Best at budget 1, the largest that all have: long with 0.1 (0.5 in short)." in text
    assert "After the same budget in all, 3: short with 0.5 (0.8 in long)." in text
    assert re.search(r"^training runs done +5 of 5 +3 of 3$", text, re.MULTILINE)


def test_searches_of_two_directions_are_refused(tmp_path: Path) -> None:
    low = search_of(tmp_path / "low", [0.5])
    high = search_of(tmp_path / "high", [0.5], make_plan(Settings(0, 3, maximize=True)))
    with pytest.raises(UsageError, match=r"low: lower is better; .*high: higher is better .*nothing is compared"):
        parts_of([low, high])
    with pytest.raises(UsageError, match="named twice"):
        parts_of([low, tmp_path / "x" / ".." / "low"])
    with pytest.raises(UsageError, match="not extended and has one sampler"):
        parts_of([low])


def test_higher_is_better_where_it_is(tmp_path: Path) -> None:
    plan = make_plan(Settings(0, 3, maximize=True, repeat=5))
    good, bad = search_of(tmp_path / "good", [1, 9, 8, 9, 7], plan), search_of(tmp_path / "bad", [1, 2, 3, 1, 2], plan)
    comparison = compare(parts_of([good, bad]))
    assert "good with 9 (3 in bad)" in comparison.words[0]
    assert [(one.share, one.numbers) for one in pairings(comparison.parts)] == [(0.84, (5, 5))]


def test_a_difference_that_chance_makes_is_not_called_one(tmp_path: Path) -> None:
    one, other = search_of(tmp_path / "a", [1, 2, 3, 4]), search_of(tmp_path / "b", [2, 3, 4, 5])
    assert any("not clearly better or worse" in line for line in compare(parts_of([one, other])).words)
    other = search_of(tmp_path / "c", [12, 13, 14, 15])
    assert any("of a are better than those of c (better in 100 % of all pairs, 4 and 4" in line for line in compare(parts_of([one, other])).words)


def test_what_differs_is_said(tmp_path: Path) -> None:
    one = search_of(tmp_path / "a", [1, 2])
    other = search_of(tmp_path / "b", [1, 2, 3], make_plan(Settings(1, 2)), sampler="sobol")
    write_tree(one, {"run.sh": "a", "bracket-0/stage-0/config-0/config": "x: 1\ny: 2\nkind: a\n"})
    write_tree(other, {"run.sh": "b"})
    found = differences(parts_of([one, other]))
    assert "eta: 3 in a; 2 in b" in found
    assert "sampler: random in a; sobol in b" in found
    assert "space: a has y, which not all have" in found
    assert any(line.startswith("budgets: ") for line in found)
    assert any(line.startswith("run.sh is not the same") for line in found)


def test_an_extension_is_compared_with_what_was_before(tmp_path: Path) -> None:
    more = {"extensions": [{"command": ["extend", "--repeat", "2"], "brackets": [2, 3], "grown": [], "before": {}, "absent": []}]}
    search = search_of(tmp_path / "S", [0.5, 0.6, 0.2, 0.3], **more)
    parts = parts_of([search])
    assert [(part.name, [row.bracket for row in part.rows]) for part in parts] == [("original", [0, 1]), ("extension 1", [2, 3])]
    text = compare_text(compare(parts))
    assert "The search was extended, and the best at budget 1 went from 0.5 to 0.2." in text
    assert "extension 1: added by hyband extend." in text


def test_searches_without_a_common_budget(tmp_path: Path) -> None:
    one, other = search_of(tmp_path / "a", [1]), search_of(tmp_path / "b", [None])
    text = compare_text(compare(parts_of([one, other])))
    assert "their results cannot be compared" in text
    assert charts_of(parts_of([one, other]), None) == {}


def test_the_page_has_charts_words_and_spaces_and_escapes_names(tmp_path: Path) -> None:
    one, other = search_of(tmp_path / "<b>&one", [0.5, 0.6]), search_of(tmp_path / "other", [0.4, 0.9, 1e30])
    html = comparison_html(parts_of([one, other]))
    assert "<b>&one" not in html.replace("\\u003cb>&one", "")
    assert "&lt;b&gt;&amp;one" in html
    data = json.loads(re.search(r'id="data">(.*?)</script>', html)[1])  # type: ignore[index]
    assert list(data["charts"]) == ["chart-spent", "chart-time", "chart-edf-0"]
    edf = data["charts"]["chart-edf-0"]["data"]
    assert (edf[0]["x"], edf[0]["y"]) == ([0.5, 0.6], [50, 100])
    assert "0 to 1 <small>best 0</small>" in html


def test_the_commands(shell: Shell) -> None:
    search_of(shell.cwd / "A", [0.5])
    search_of(shell.cwd / "B", [0.4], make_plan(Settings(0, 3, maximize=True)))
    search_of(shell.cwd / "C", [0.3])
    done = shell.try_run("hyband", "compare", "A", "B")
    assert (done.returncode, done.stdout.count("\n")) == (2, 1)
    assert "C with 0.3 (0.5 in A)" in shell.run("hyband", "compare", "A", "C")
    assert "Written to comparison.html" in shell.run("hyband", "report", "A", "C")
    assert (shell.cwd / "comparison.html").exists()
    assert shell.try_run("hyband", "report", "A", "C", "-o", "C/plan.json").returncode == 2
