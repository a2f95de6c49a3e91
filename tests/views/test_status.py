"""What `hyband status` prints, and that nothing it finds makes it crash."""

import random
import shutil
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.errors import NotASearch
from hyperband_snakemake.report.words import promotion_words, sentence, state_text
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.state import whole_line
from hyperband_snakemake.views.status import status_json, status_text

from ..conftest import Shell, write_tree

GOLDEN = """\
Bracket 0 - Stages completed: 1 of 3
  Stage 1 - 4 configurations
    | Completed (C) | Failed (F) | In progress (R) | Pending (.) | Empty (-) | Total |
    |             1 |          1 |               1 |           0 |         1 |     4 |

      CFR-

  Top completed configuration(s):
    1. 0.1500 - Conf. 0

Bracket 1 - Stages completed: 0 of 2
  Stage 0 - 6 configurations
    | Completed (C) | Failed (F) | In progress (R) | Pending (.) | Total |
    |             2 |          0 |               0 |           4 |     6 |

      CC... .

  Top completed configuration(s):
    1. -0.5000 - Conf. 1
    2. 0.3000 - Conf. 0

Bracket 2 - Stages completed: 0 of 1
  Stage 0 - 3 configurations
    | Completed (C) | Failed (F) | In progress (R) | Pending (.) | Total |
    |             0 |          0 |               0 |           3 |     3 |

      ...

Failed: 1 - why (bracket-0/stage-1/config-1)
Remaining - cost 100.00 of 136.00
Search - running, 21 of 31 training runs done, 1 failed, budget 32 of 136 spent, best so far -0.5 at budget 4: {path}/bracket-1/stage-0/config-1"""


TABLE = "slot\tfrom\tresult\n0\t5\t0.15\n1\t-\t-\n2\t-\t-\n3\t-\t-\n"


@pytest.fixture
def search(tmp_path: Path) -> Path:
    """16, 4, 1; 6, 1; 3 configurations, half way through."""
    done = {"config": "x", "attempts": ""}
    slots = {f"bracket-0/stage-0/config-{c}": done | {"outcome": f"completed: 0.{c + 10}\n"} for c in range(16)}
    slots |= {
        "bracket-0/stage-1/config-0": done | {"outcome": "completed: 0.15\n"},
        "bracket-0/stage-1/config-1": {"config": "x", "result": "nan", "outcome": "failed: why\n"},
        "bracket-0/stage-1/config-2": {"config": "x", "train.log": "epoch 1"},
        "bracket-0/stage-1/config-3": {"outcome": "empty\n"},
        "bracket-1/stage-0/config-0": {"config": "x", "result": "0.3"},
        "bracket-1/stage-0/config-1": {"config": "x", "result": "-0.5"},
        "bracket-1/stage-0/config-2": {"config": "x"},
    }
    files = {f"{slot}/{name}": text for slot, its in slots.items() for name, text in its.items()}
    plan = plan_to_json(make_plan(Settings(2, 4)))
    return write_tree(tmp_path / "S", files | {"plan.json": plan, "bracket-0/stage-0/promotion": TABLE})


def test_text(search: Path) -> None:
    text = status_text(scan(search)).plain
    assert text.splitlines() == GOLDEN.format(path=search).splitlines()


def test_colours(search: Path) -> None:
    """A letter that matters has the colour of its state, titles are bold, what failed is red; the text is the same without them."""
    text = status_text(scan(search), ["Suspicious - the whole search: x"])
    painted = [(text.plain[span.start : span.end], span.style) for span in text.spans if span.style]  # rich 13.0 notes all
    assert painted[0] == ("Suspicious - the whole search: x", "red")
    assert [(part, style) for part, style in painted if set(part) <= set("CFR-")] == [
        ("F", "bold red"), ("R", "bold magenta"), ("-", "dim")]
    assert ("Bracket 0 - Stages completed: 1 of 3", "bold") in painted
    assert ("Failed: 1 - why (bracket-0/stage-1/config-1)", "red") in painted
    assert painted[-1][0].startswith("Search - running, 21 of 31")
    assert text.plain.split("\n", 1)[1] == status_text(scan(search)).plain


def test_json(search: Path) -> None:
    import json

    data = json.loads(status_json(scan(search)))
    assert len(data["slots"]) == 16 + 4 + 1 + 6 + 1 + 3
    by_path = {s["path"].removeprefix(f"{search}/"): s for s in data["slots"]}
    assert len(by_path) == data["trainings"]
    assert by_path["bracket-0/stage-1/config-0"] | {"path": ""} == {
        "bracket": 0, "stage": 1, "config": 0, "budget": 4, "status": "completed", "result": 0.15, "reason": None,
        "origin": "bracket-0/stage-0/config-5", "path": "", "job": None}
    assert by_path["bracket-0/stage-1/config-1"]["reason"] == "why"
    assert by_path["bracket-0/stage-1/config-2"]["status"] == "running"
    assert by_path["bracket-0/stage-2/config-0"]["status"] == "pending"


@pytest.mark.parametrize("seed", range(30))
def test_survives_what_it_finds(search: Path, seed: int) -> None:
    """Foreign files, missing directories, half-written text, directories in the place of files, in random mixtures."""
    rng = random.Random(seed)
    for _ in range(25):
        victims = [p for p in search.rglob("*") if p.name != "plan.json"]
        if not victims:
            break
        victim = rng.choice(victims)
        what = rng.randrange(5)
        if not victim.exists():
            continue
        if what == 0:
            shutil.rmtree(victim) if victim.is_dir() else victim.unlink()
        elif victim.is_file() and what == 1:
            victim.write_bytes(victim.read_bytes()[: rng.randrange(5)])
        elif victim.is_file() and what == 2:
            victim.write_bytes(rng.randbytes(20))
        elif victim.is_file() and what == 3:
            victim.unlink()
            victim.mkdir()
        elif victim.is_dir():
            (victim / f"foreign-{rng.random()}").write_text("?")
    snapshot = scan(search)
    assert status_text(snapshot).plain
    assert status_json(snapshot)


def test_not_a_search(tmp_path: Path, shell: Shell) -> None:
    with pytest.raises(NotASearch, match=r"There is no search in .* \(plan.json cannot be read: No such file"):
        scan(tmp_path)
    write_tree(tmp_path, {"S/hyperband/__main__.py": ""})
    with pytest.raises(NotASearch, match=r"S/plan.json is lost. Put it back, or generate the search again in another directory"):
        scan(tmp_path / "S")
    done = shell.try_run("hyband", "status", "nowhere")
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)


def test_a_large_search_is_a_screen_and_all_of_it_if_asked(tmp_path: Path) -> None:
    """A line for each bracket, those at work first where there are very many."""
    slots = {f"bracket-{b}/stage-0/config-{c}/outcome": f"completed: 0.{b}{c}\n" for b in range(20, 25) for c in range(1)}
    plan = plan_to_json(make_plan(Settings(4, 2, repeat=12)))
    files = {"plan.json": plan, "bracket-21/stage-0/config-1/outcome": "failed: why\n", "bracket-59/stage-0/config-0/outcome": "completed: 0.5\n"}
    search = scan(write_tree(tmp_path / "S", files | slots))
    lines = status_text(search).plain.splitlines()
    assert len(lines) <= 22
    assert max(len(line) for line in lines if line.startswith("Bracket")) <= 80
    assert any(line.startswith("Bracket 21 - stage 0, budget 2: 2 of ") and "1 failed, best 0.21 at budget 2" in line for line in lines)
    assert "Brackets: 0 of 60 done, 6 at work" in lines
    assert len(status_text(search, everything=True).plain.splitlines()) > 300


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "not begun, 0 of 7 training runs done"),
        ({"bracket-0/stage-0/config-0/outcome": "completed: 1\n"}, "not running, 1 of 7 training runs done"),
        ({"bracket-0/stage-0/config-0/config": "", "bracket-0/stage-0/config-0/x": ""}, "running, 0 of 7"),
        ({f"bracket-0/stage-0/config-{c}/outcome": "failed: x\n" for c in range(4)}, "not running, 4 of 7 training runs done, 4 failed"),
    ],
)
def test_the_state_is_what_is_so(tmp_path: Path, files: dict[str, str], words: str) -> None:
    plan = make_plan(Settings(2, 2)).select((0,))
    search = scan(write_tree(tmp_path / "S", {"plan.json": plan_to_json(plan), **files}))
    assert whole_line(search).startswith(f"Search - {words}")


def test_a_search_that_has_ended_says_so(tmp_path: Path) -> None:
    """With a result, and where everything failed: then nothing more will come, and nothing is left to do."""
    plan = plan_to_json(make_plan(Settings(0, 2)))
    good = scan(write_tree(tmp_path / "A", {"plan.json": plan, "config": "x", "bracket-0/stage-0/config-0/outcome": "completed: 1\n"}))
    assert whole_line(good).startswith("Search - complete, 1 of 1 training run done, budget 1 of 1 spent, best 1 at budget 1: ")
    bad = scan(write_tree(tmp_path / "B", {"plan.json": plan, "bracket-0/stage-0/config-0/outcome": "failed: x\n"}))
    assert whole_line(bad) == "Search - every training run failed, 1 of 1 training run done, 1 failed, budget 1 of 1 spent, no result"
    assert "nothing is promoted" in promotion_words(bad)
    assert sentence(bad, make_rows(bad)).endswith("It has ended, and there is no result.")
    assert state_text(bad) == ("failed", "every training run failed")


@pytest.mark.parametrize(("results", "shown"), [
    (("0.25", "1.5"), ["0.2500", "1.5000"]),
    (("1e-9", "2e-9"), ["1e-09", "2e-09"]),
    (("0.250001", "0.250002"), ["0.250001", "0.250002"]),
])
def test_the_best_of_a_stage_are_told_apart(tmp_path: Path, results: tuple[str, str], shown: list[str]) -> None:
    files = {f"bracket-1/stage-0/config-{c}/outcome": f"completed: {text}\n" for c, text in enumerate(results)}
    write_tree(tmp_path / "S", files | {"plan.json": plan_to_json(make_plan(Settings(1, 2)))})
    lines = status_text(scan(tmp_path / "S")).plain.splitlines()
    start = lines.index("  Top completed configuration(s):") + 1
    assert lines[start : start + 2] == [f"    {place}. {text} - Conf. {place - 1}" for place, text in enumerate(shown, 1)]
