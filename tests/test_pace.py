"""What is left, by hand, and in a search that is half done."""

from fractions import Fraction
from pathlib import Path

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.planfile import plan_to_json
from hyperband_snakemake.pace import pace_of, pace_text
from hyperband_snakemake.scan import scan

from .conftest import Shell, write_tree

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
    assert (pace.cost, pace.unit_seconds, pace.at_a_time) == (3, 10.0, 2.0)
    assert pace_text(snapshot, pace) == (
        "Remaining - cost 3.00 of 4.00, about 0:00:30 at 2 trainings at a time; a unit of budget took 10 s (planned: cost 0.5)")


def test_resumed_ones_need_less(tmp_path: Path) -> None:
    """Left are 2 x 2 units and 1 that is added: 50 s of work."""
    pace = pace_of(scan(half(tmp_path, resume=True)))
    assert (pace.cost, str(pace.left)) == (5, "0:00:25")


def test_damaged_records_are_left_out(tmp_path: Path) -> None:
    search = half(tmp_path)
    for c in (0, 1):
        (search / f"bracket-0/stage-0/config-{c}/attempts").write_text((ATTEMPT % 10).replace("2026-01", "then"))
    assert pace_of(scan(search)).left is None


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
