"""What is left, by hand, and in a search that is half done."""

import fcntl
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.proposals import Learner, SamplerFile, sampling_to_json
from hyperband_snakemake.snapshot import pace as pacing
from hyperband_snakemake.snapshot.pace import Speed, pace_of, pace_text
from hyperband_snakemake.snapshot.scan import scan

from ..conftest import Shell, write_tree

ATTEMPT = '{"attempt": 1, "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:09Z", "seconds": %s, "exit": 0, "result": "1", "reason": ""}\n'


def half(root: Path, **settings: object) -> Path:
    """1 2: two of budget 1 and one of budget 2; two of budget 2. Stage 0 of bracket 0 is done, at the same time."""
    slots = {f"bracket-0/stage-0/config-{c}": {"outcome": "completed: 1\n", "attempts": ATTEMPT % 10} for c in (0, 1)}
    write_tree(root, {f"{slot}/{name}": text for slot, files in slots.items() for name, text in files.items()})
    (root / "plan.json").write_text(plan_to_json(make_plan(Settings(1, 2, **settings))))
    return root


def test_by_hand(tmp_path: Path) -> None:
    """10 s for a unit, two at a time; left are 3 x 2 units: 60 s of work, 30 s with two at a time."""
    snapshot = scan(half(tmp_path, cost_one_epoch_full_dataset=Fraction(1, 2)))
    pace = pace_of(snapshot)
    assert (pace.cost, pace.speed, pace.at_a_time) == (3, Speed(10.0), 2.0)
    assert pace_text(snapshot, pace) == (
        "Remaining - cost 3.00 of 4.00, about 30 s, at 2 training runs at a time; a unit of budget took 10 s (planned: cost 0.5)")


def test_resumed_ones_need_less(tmp_path: Path) -> None:
    """Left are 2 x 2 units and 1 that is added: 50 s of work."""
    pace = pace_of(scan(half(tmp_path, resume=True)))
    assert (pace.cost, str(pace.left)) == (5, "0:00:25")


@pytest.mark.parametrize(
    ("unit", "start", "said"),
    [("2/3", "0", "cost 0.666667"), ("2/3", "1/3", "cost 0.666667, a start 0.333333"), ("1458", "1000000", "cost 1458, a start 1000000")],
)
def test_what_is_planned_has_six_digits(tmp_path: Path, unit: str, start: str, said: str) -> None:
    settings = {"cost_one_epoch_full_dataset": Fraction(unit), "start_cost": Fraction(start)}
    snapshot = scan(half(tmp_path, **settings))
    assert pace_text(snapshot, pace_of(snapshot)).endswith(f"(planned: {said})")


def test_starts_are_told_from_budgets(tmp_path: Path) -> None:
    """10 s for one unit, 13 s for two: 3 s a unit, 7 s a start. Left are two training runs of two units, at the same time."""
    search = half(tmp_path)
    write_tree(search / "bracket-0/stage-1/config-0", {"outcome": "completed: 1\n", "attempts": ATTEMPT % 13})
    snapshot = scan(search)
    pace = pace_of(snapshot)
    assert pace.speed == Speed(3.0, 7.0)
    assert pace.left == timedelta(seconds=13)
    assert "a unit of budget took 3 s, a start 7 s (planned: cost 1)" in pace_text(snapshot, pace)


def test_what_runs_has_its_age_behind_it(tmp_path: Path) -> None:
    """Two units are 20 s in each of three training runs; one has run for 15 s: 45 s of work for two at a time."""
    search = half(tmp_path)
    own = search / "bracket-1/stage-0/config-0"
    write_tree(own, {"attempts": '{"attempt": 1, "start": "2026-01-01T00:01:00Z", "host": "n1", "pid": 1, "run": "r"}\n'})
    with (own / "attempts").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as the training holds it
        snapshot = scan(search)
    began = datetime(2026, 1, 1, 0, 1, tzinfo=UTC).timestamp()
    assert pace_of(snapshot, began).left == timedelta(seconds=30)
    assert pace_of(snapshot, began - 100).left == timedelta(seconds=30)  # clocks that differ
    assert pace_of(snapshot, began + 15).left == timedelta(seconds=22)  # the half is rounded
    assert pace_of(snapshot, began + 1000).left == timedelta(seconds=20)


def test_what_ended_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless its result changes."""
    search = half(tmp_path)
    read: list[str] = []
    real = pacing.read_attempts
    monkeypatch.setattr(pacing, "read_attempts", lambda path: read.append(path.name) or real(path))
    reader = pacing.PaceReader()
    first = reader.pace(scan(search), 0.0)
    assert (reader.pace(scan(search), 0.0), read) == (first, ["config-0", "config-1"])
    write_tree(search / "bracket-0/stage-0/config-1", {"outcome": "completed: 2\n", "attempts": (ATTEMPT % 30).replace('"result": "1"', '"result": "2"')})
    assert reader.pace(scan(search), 0.0).speed == Speed(20.0)
    assert read == ["config-0", "config-1", "config-1"]


def test_folds_are_trainings(tmp_path: Path) -> None:
    """Two folds, 10 s each: two of them take the budget of the one configuration of bracket 0 that is left."""
    plan = make_plan(Settings(1, 2, folds=2, parallel_folds=True))
    ended = {"outcome": "completed: 1\n"}
    write_tree(tmp_path, {
        f"bracket-0/stage-0/config-{c}{fold}/{name}": text for c in (0, 1) for fold in ("", "/fold-0-0", "/fold-0-1")
        for name, text in (ended | ({"attempts": ATTEMPT % 10} if fold else {})).items()})
    (tmp_path / "plan.json").write_text(plan_to_json(plan))
    pace = pace_of(scan(tmp_path))
    assert (pace.speed, pace.at_a_time) == (Speed(10.0), 4.0)
    assert pace.left == timedelta(seconds=round(3 * 2 * 20 / 4))


def test_a_budget_that_costs_nothing(tmp_path: Path) -> None:
    assert pace_of(scan(half(tmp_path, cost_one_epoch_full_dataset=Fraction(0)))).speed == Speed(10.0)


def test_brackets_that_learn_wait(tmp_path: Path) -> None:
    """10 s for a unit, two at a time; left are 2 units in bracket 0 and, after them, 2 units in bracket 1."""
    search = half(tmp_path)
    assert pace_of(scan(search)).left == timedelta(seconds=30)
    learners = {1: Learner("tpe", 0.25, (0,))}
    (search / "sampler.json").write_text(sampling_to_json(SamplerFile(learners=learners)))
    assert pace_of(scan(search)).left == timedelta(seconds=40)


def test_damaged_records_are_left_out(tmp_path: Path) -> None:
    search = half(tmp_path)
    for c in (0, 1):
        (search / f"bracket-0/stage-0/config-{c}/attempts").write_text((ATTEMPT % 10).replace("2026-01", "then"))
    assert pace_of(scan(search)).left is None


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e308", "1e15", "1" * 400, "-5"])
def test_seconds_that_make_no_sense_are_left_out(shell: Shell, tmp_path: Path, seconds: str) -> None:
    """Damaged, or measured while the clock was set."""
    search = half(tmp_path)
    for c in (0, 1):
        (search / f"bracket-0/stage-0/config-{c}/attempts").write_text(ATTEMPT % seconds)
    assert pace_of(scan(search)).left is None
    for command in ("status", "export"):
        assert "nan" not in shell.run("hyband", command, str(search)).lower()


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1970-01-01"])
def test_a_clock_that_was_set_changes_little(tmp_path: Path, start: str) -> None:
    search = half(tmp_path)
    (search / "bracket-0/stage-0/config-1/attempts").write_text((ATTEMPT % 10).replace("2026-01-01T00:00:00Z", start))
    assert pace_of(scan(search)).left == timedelta(seconds=60)


def test_in_a_search(shell: Shell) -> None:
    shell.generate(1, 2)
    assert "Remaining - cost 8.00 of 8.00\n" in shell.run("hyband", "status", "S")
    shell.snakemake("S", "--until", "train_bracket_1_stage_0")
    data = shell.status()
    assert data["cost_remaining"] == 4
    assert data["unit_seconds"] > 0
    shell.snakemake("S")
    assert shell.status()["cost_remaining"] == 0
    assert "Remaining" not in shell.run("hyband", "status", "S")
