"""plan.json: what is written is read again; what is not a plan is refused with its name."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given

from hyperband_snakemake.cli import cli
from hyperband_snakemake.core.plan import PlanError, Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_from_json, plan_to_json, read_commands, read_plan

from ...conftest import Shell
from ..plan.test_brackets import SMALL


@given(SMALL)
def test_round_trip(settings: Settings) -> None:
    """Numbers, budgets and sizes survive; costs are decimals, so a third comes back to the last digit of a float."""
    plan = make_plan(settings)
    again = plan_from_json(plan_to_json(plan, random_seed=3))
    assert [[(s.index, s.configurations, float(s.budget)) for s in b.stages] for b in again.brackets] == [
        [(s.index, s.configurations, float(s.budget)) for s in b.stages] for b in plan.brackets
    ]
    assert float(again.cost) == pytest.approx(float(plan.cost))
    assert again.settings.smax == settings.smax


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a plan"),
        ("[]", "is not a plan"),
        ("{}", "is not a plan"),
        ('{"format": 99, "generator": "hyperband-snakemake 9.0"}', "format 99 (written by hyperband-snakemake 9.0)"),
    ],
)
def test_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(PlanError) as error:
        read_plan(tmp_path)
    assert why in str(error.value)
    assert str(tmp_path / "plan.json") in str(error.value)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read: No such file"):
        read_plan(tmp_path)


@pytest.mark.parametrize("smallest", ["1/27", "10/3", "1"])
@pytest.mark.parametrize("guaranteed", ["0", "0.1", "1/3"])
def test_fractions_come_back_as_they_were(smallest: str, guaranteed: str) -> None:
    """So budgets that are worked out again, as for a search that is extended, equal those in the file."""
    least, more = Fraction(smallest), Fraction(guaranteed)
    plan = make_plan(Settings(3, 3, max_budget=least * 28, min_budget=least, guaranteed_budget=more, resume=True))
    read = plan_from_json(plan_to_json(plan))
    assert read == plan
    assert make_plan(read.settings) == plan
    assert plan_to_json(read) == plan_to_json(plan)


def test_commands(shell: Shell) -> None:
    """As they were typed, one list of words each, for whoever wants to do the search again."""
    search = shell.generate(1, 2, "--retries=3", "-b", "0", output="odd 'name")
    shell.run("hyband", "extend", "odd 'name", "--bracket=0")
    shell.run("hyband", "refine", "--trials", "2", "odd 'name", "--sampler", "sobol", check=False)  # is refused
    generated, *later = read_commands(search) or []
    assert generated[:3] == ["generate", "1", "2"]
    assert {"--retries=3", "odd 'name"} < set(generated)
    assert later == [["extend", "odd 'name", "--bracket=0"]]


@pytest.mark.parametrize("commands", [None, 3, [], [3], [[]], [["generate", 3]]])
def test_a_plan_that_names_no_commands(shell: Shell, commands: object) -> None:
    """That of an earlier version, or a damaged one: it is read as ever, and what is added later is not half the story."""
    search = shell.generate(1, 2)
    data = json.loads((search / "plan.json").read_text())
    del data["commands"]
    (search / "plan.json").write_text(json.dumps(data | ({} if commands is None else {"commands": commands})))
    assert read_commands(search) is None
    shell.run("hyband", "extend", "S", "--repeat", "1")
    assert read_commands(search) is None
    assert len(read_plan(search).brackets) == 4


def test_commands_within_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cli.main(args=["generate", "0", "2", "-o", "S"], standalone_mode=False)
    assert read_commands(Path("S")) == [["generate", "0", "2", "-o", "S"]]
