"""What remains of a search is packed, and nothing else."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.plan.packs import Packs
from hyperband_snakemake.core.run.packs.local import pack_remaining
from hyperband_snakemake.core.run.rules import Rules
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import end_text, start_text

from ....conftest import write_tree

PLAN = make_plan(Settings(3, 2, last_stage=1))
GOOD = start_text(1, "r") + end_text(seconds=0.01, status=0, result="0.5", reason="")
FAILED = start_text(1, "r") + end_text(seconds=0.01, status=3, result="", reason="exit status 3")
SETTLED = [
    (GOOD, "completed: 0.5\n"),
    (FAILED + FAILED, "failed: exit status 3\n"),
    ("", "empty\n"),
    (GOOD + start_text(2, "r") + end_text(seconds=1, status=0, result="1", reason="", late=1), "completed: 1\n"),
]
OPEN = [
    (GOOD, None),  # killed before its outcome was written
    (start_text(1, "r"), "completed: 0.5\n"),  # run.sh has written that, and was killed
    (start_text(1, "r"), "failed: x\n"),
    (FAILED, "completed: 0.5\n"),
]


def slot(search: Path, config: int, record: str, outcome: str | None) -> None:
    files = {f"attempts/config-{config}": record} if record else {}
    files |= {f"config-{config}/config": "", f"config-{config}/result": "0.5\n"}
    write_tree(search / "bracket-0/stage-0", files | ({} if outcome is None else {f"config-{config}/outcome": outcome}))


def packed(search: Path, most: int | None = 2, cores: int = 1) -> list[tuple[str, ...]] | None:
    return pack_remaining(search, PLAN, Packs(most), cores).of_stage.get((0, 0))


@pytest.mark.parametrize(("record", "outcome", "is_open"), [*((*one, False) for one in SETTLED), *((*one, True) for one in OPEN)],
                         ids=range(len(SETTLED) + len(OPEN)))
def test_what_has_an_outcome_is_not_packed(tmp_path: Path, record: str, outcome: str | None, is_open: bool) -> None:
    (tmp_path / "plan.json").write_text(plan_to_json(PLAN))
    slot(tmp_path, 3, record, outcome)
    found = [word for pack in packed(tmp_path) or () for word in pack]
    assert found == [word for word in "01234567" if word != "3" or is_open]


def test_a_file_stands_for_the_outcomes_of_a_pack(tmp_path: Path) -> None:
    for config in range(8):
        slot(tmp_path, config, GOOD, None if config == 5 else "completed: 0.5\n")
    local = pack_remaining(tmp_path, PLAN, Packs(2), 1)
    rules = Rules(tmp_path, PLAN, local=local)
    one = next(rule for rule in rules.training_runs() if rule.name.startswith("train_bracket_0_stage_0"))
    assert (one.name, one.results, one.outcomes) == ("train_bracket_0_stage_0_from_5", [], [f"{local.ended}/0-0-5"])
    assert one.command.endswith(f" -IS hyperband/pack.py {one.outcomes[0]} 0 0 1 5")
    promotion = next(rule for rule in rules.promotions() if rule.table.startswith("bracket-0/stage-0"))
    assert promotion.outcomes == one.outcomes
    assert one.outcomes[0] in rules.targets()
    assert not any(name.startswith("bracket-0/stage-0/config") for name in rules.targets())


def test_nothing_that_remains_has_no_rule(tmp_path: Path) -> None:
    for config in range(8):
        slot(tmp_path, config, GOOD, "completed: 0.5\n")
    rules = Rules(tmp_path, PLAN, local=pack_remaining(tmp_path, PLAN, Packs(2), 1))
    assert not any(rule.name.startswith("train_bracket_0_stage_0") for rule in rules.training_runs())


def test_folds_stand_for_themselves(tmp_path: Path) -> None:
    """The configurations that they belong to are aggregated one by one."""
    plan = make_plan(Settings(3, 2, folds=2, parallel_folds=True))
    local = pack_remaining(tmp_path, plan, Packs(3), 1)
    rule = next(Rules(tmp_path, plan, local=local).training_runs())
    assert rule.outcomes == [f"bracket-0/stage-0/config-{word}/outcome" for word in ("0/fold-0-0", "0/fold-0-1", "1/fold-0-0")][:len(rule.outcomes)]
    assert len(rule.outcomes) >= 2
    assert "hyperband/pack.py - 0 0 1 0/fold-0-0 " in rule.command


def test_times_of_what_has_ended_decide(tmp_path: Path) -> None:
    slow = json.loads(GOOD) | {"seconds": 60}
    slot(tmp_path, 0, json.dumps(slow) + "\n", "completed: 0.5\n")
    local = pack_remaining(tmp_path, PLAN, Packs(), 1)
    assert set(map(len, local.of_stage[0, 0])) == {1}
    assert "each training run has its own job, since the shortest take 60 s" in local.why
    slot(tmp_path, 0, GOOD, "completed: 0.5\n")
    assert packed(tmp_path, None) == [tuple("01234567")]  # in one job, which passes over what has ended


def test_what_a_promotion_may_replace_is_waited_for(tmp_path: Path) -> None:
    """The table is made again: until then nothing is known of the stage that it fills, whatever is there."""
    for config in range(4):
        files = {"result": "1\n", "outcome": "empty\n"}
        write_tree(tmp_path / f"bracket-0/stage-1/config-{config}", files)
    assert (0, 1) not in pack_remaining(tmp_path, PLAN, Packs(2), 1).of_stage  # one rule for all of it
    write_tree(tmp_path / "bracket-0/stage-0", {"promotion": ""})
    assert pack_remaining(tmp_path, PLAN, Packs(2), 1).of_stage[0, 1] == []
