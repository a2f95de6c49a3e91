"""Jobs that train a stage together: each training run is trained once, and the last job promotes."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.run.packs import share
from hyperband_snakemake.core.run.packs.pack import Pack
from hyperband_snakemake.core.run.packs.share import Share, Stage
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import end_text, start_text

from ....conftest import write_tree

PLAN = make_plan(Settings(2, 2, last_stage=1))  # bracket 0: four configurations, then two
STAGES = ["1:4:2:1", "2:2:2:0"]
GOOD = start_text(1, "r") + end_text(seconds=0.01, status=0, result="0.5", reason="")


class Packs:
    """Stands for the training: a configuration gets its record and outcome; notes who trains what."""

    def __init__(self) -> None:
        self.trained: list[tuple[str, str]] = []
        self.promoted: list[str] = []
        self.ends_at = ""
        self.stopped = False

    def call(self, name: str, arguments: list[str]) -> int:
        assert name == "promote"
        self.promoted.append(arguments[1])
        print("promoted")
        return 0

    def pack(self, _: str, stage: str, *_more: object) -> "Packs.One":
        return Packs.One(self, stage)

    class One(Pack):
        watch = None

        def __init__(self, packs: "Packs", stage: str) -> None:
            self.packs, self.stage, self._stage = packs, stage, f"bracket-0/stage-{stage}"

        def is_to_end(self) -> bool:
            return False

        def train_one(self, word: str, **_: bool) -> int:
            if self.packs.ends_at == word:
                return share.INTERRUPTED
            self.packs.trained.append((self.stage, word))
            write_tree(Path(f"bracket-0/stage-{self.stage}"), {f"attempts/config-{word}": GOOD, f"config-{word}/result": "0.5\n",
                                                              f"config-{word}/outcome": "completed: 0.5\n"})
            return 0


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packs:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYBAND_RUN", "r")
    Path("plan.json").write_text(plan_to_json(PLAN))
    found = Packs()
    monkeypatch.setattr(share, "Pack", found.pack)
    return found


def job(packs: Packs, number: int, stage: int = 0) -> int:
    return Share("ended", ["0", str(stage), "share", str(number), *STAGES[stage:]], packs.call).train()


def ended() -> set[str]:
    return {name for name in os.listdir("ended") if not name.endswith((".done", ".last"))}


def test_the_first_job_takes_what_is_left_and_the_last_promotes(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "YOUNG", 0.0)
    assert job(packs, 0) == 0
    assert packs.trained == [("0", "0"), ("0", "1"), ("0", "3"), ("0", "2")]
    assert (packs.promoted, ended()) == ([], {"0-0-0"})  # the other one may be running
    assert job(packs, 1) == 0
    assert (packs.promoted, ended(), len(packs.trained)) == (["0"], {"0-0-0", "0-0-2"}, 4)
    assert Path("bracket-0/stage-0/promotion.log").read_text() == "promoted\n"


def test_the_next_stage_is_trained_too_while_that_takes_no_time(packs: Packs) -> None:
    job(packs, 0)
    job(packs, 1)
    assert packs.trained[4:] == [("1", "0"), ("1", "1")]
    assert ended() == {"0-0-0", "0-0-2", "0-1-0", "0-1-1"}


def test_what_may_take_long_is_left_to_its_own_jobs(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "YOUNG", 0.04)  # two of 0.01 s each, with twice the budget
    job(packs, 0)
    job(packs, 1)
    assert (len(packs.trained), ended()) == (4, {"0-0-0", "0-0-2"})


def test_a_job_that_is_started_again_completes_what_it_had_begun(packs: Packs) -> None:
    """It was killed after it had taken the last place, or in the middle of a training run that was another job's."""
    Path("ended").mkdir()
    Path("ended/0-0-0.done").touch()
    write_tree(Path("bracket-0/stage-0/attempts"), {"config-0": start_text(1, "r")})
    assert job(packs, 1) == 0
    assert sorted(packs.trained)[:4] == [("0", str(config)) for config in range(4)]
    Path("ended/0-0-2").unlink()
    packs.promoted.clear()
    assert job(packs, 1) == 0
    assert "0" in packs.promoted


def test_only_one_of_two_that_end_at_the_same_time_promotes(packs: Packs) -> None:
    Path("ended").mkdir()
    Path("ended/0-0-0.done").touch()
    os.symlink("0", "ended/0-0.last")
    assert job(packs, 1) == 0
    assert (packs.promoted, ended()) == ([], {"0-0-2"})
    assert job(packs, 0) == 0
    assert packs.promoted == ["0"]


@pytest.mark.parametrize("where", ["0", "3"])
def test_one_that_is_interrupted_has_not_ended(packs: Packs, where: str) -> None:
    packs.ends_at = where
    assert job(packs, 0) == share.INTERRUPTED
    assert ended() == set()
    assert not list(Path("ended").iterdir())


def test_an_outcome_that_its_record_does_not_have_is_trained_by_the_last(packs: Packs) -> None:
    """run.sh has made a file of this name, and was killed."""
    write_tree(Path("bracket-0/stage-0"), {"attempts/config-1": start_text(1, "other"), "config-1/outcome": "completed: 0.5\n"})
    job(packs, 0)
    assert ("0", "1") not in packs.trained
    job(packs, 1)
    assert packs.trained[3] == ("0", "1")


def test_parts_are_whole() -> None:
    stage = Stage("ended", "0", 1, "0.5:7:3:1")
    assert [list(stage.part(job)) for job in range(3)] == [[0, 1], [2, 3], [4, 5, 6]]
    assert list(stage.others(1)) == [6, 5, 4, 1, 0]
    assert stage.ends == ["ended/0-1-0", "ended/0-1-2", "ended/0-1-4"]
