"""A tree of the original tool becomes a search, at any point of its life; nothing is trained again."""

import json
import os
import shutil
from pathlib import Path

import pytest

from hyperband_snakemake.checking.check import check_search
from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.outcome import Status
from hyperband_snakemake.errors import DirectoryInUse, HybandError, NotASearch, UsageError
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.writing.adopting.account import Adopted
from hyperband_snakemake.writing.adopting.adopt import Adoption, adopt
from hyperband_snakemake.writing.adopting.copying import notes_of_run
from hyperband_snakemake.writing.adopting.plan_of_old import Asked
from hyperband_snakemake.writing.create import NewSearch, Templates, create_search

from ...conftest import FIXTURE, Shell, read_tree, write_tree
from .old_trees import RUN, Old, text_of, x_of


def adopted(old: Old, **more: object) -> tuple[Adopted, Path]:
    """Adopt a tree that must stay as it is, into one that passes `hyband check`."""
    before, target = read_tree(old.root), old.root.with_name("new")
    found = adopt(Adoption(old.root, **more), target)  # type: ignore[arg-type]
    assert read_tree(old.root) == before
    assert check_search(scan(target)) == []
    return found, target


def texts(search: Path, bracket: int, stage: int) -> list[str]:
    places = sorted(search.glob(f"bracket-{bracket}/stage-{stage}/config-*"), key=lambda one: int(one.name[7:]))
    return [(one / "config").read_text() for one in places]


def test_just_generated(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    (old.root / old.name(0, 0, 7)).mkdir()  # an empty directory is nothing
    found, new = adopted(old)
    assert (found.completed, found.promotions, found.complete) == (0, 0, False)
    assert [len(b.stages[0].outcomes) for b in scan(new).brackets] == [4, 3, 3]
    assert texts(new, 0, 0) == [text_of(0, c) for c in range(4)]
    assert (new / "run.sh").read_text() == RUN
    assert "hyband.begin" in (new / "Snakefile").read_text()


def test_it_runs_on_to_the_same_winner_and_trains_nothing_again(shell: Shell) -> None:
    """Each bracket is at another point of its life."""
    old = Old(shell.cwd / "old", smax=3)
    old.train(0, 0)
    old.promote(0, 0, key=lambda text: -float(text))  # by another rule than ours: it stays
    old.train(1, 0)
    old.promote(1, 0)
    old.train(1, 1, 1)
    old.train(2, 0, results={0: "nan", 1: "inf", 3: "nan"})
    old.promote(2, 0)
    old.train(3, 0, 0, 2, results={0: "nan"})
    write_tree(old.root / old.name(3, 0, 1), {"checkpoint": "7\n"})  # it had begun
    done = {path.parent.relative_to(old.root).as_posix() for path in old.root.rglob("result")}
    promoted = {(b, 1): texts(old.root, b, 1) for b in (0, 1, 2)}
    found, new = adopted(old)
    assert found.failed == 4
    shell.snakemake(new)
    best = old.finish()
    ran = [line.removeprefix("new/") for line in (shell.cwd / "ledger").read_text().split()]
    assert len(ran) == len(set(ran)) == found.plan.slots - len(done)
    assert not done & set(ran)
    assert (new / "config").read_text() == best
    assert {place: texts(new, *place) for place in promoted} == promoted
    assert (new / old.name(3, 0, 1) / "checkpoint").read_text() == "7\n"
    assert check_search(scan(new)) == []
    shell.run("hyband", "retry", new, "--redo-promotions")
    assert sum(outcome.status is Status.PENDING for _, _, outcome, _ in scan(new).slots()) >= 4


def test_a_finished_tree_is_complete_at_once_and_is_shown_and_extended(shell: Shell) -> None:
    old = Old(shell.cwd / "old")
    best = old.finish()
    found, new = adopted(old)
    assert found.complete
    assert found.completed == found.plan.slots
    assert (new / "config").read_text() == best
    assert shell.planned(new) == {}
    assert f"its result was adopted from {old.root}/bracket-" in shell.run("hyband", "show", new, "best")
    for words in (["status", new], ["top", new], ["export", new], ["report", new]):
        shell.run("hyband", *words)
    write_tree(shell.cwd, {"mine": "folds: 5\nx: 0.001\n", "T/config": "folds: {{ folds }}\nx: {{ range(1000) | random }}\n"})
    assert "search-space/config is missing" in shell.run("hyband", "extend", new, "--repeat", "1", check=False)
    shutil.copytree(shell.cwd / "T", new / "search-space")
    shell.run("hyband", "extend", new, "--bracket", "2", "--config", "mine")
    shell.snakemake(new)
    assert (new / "config").read_text() == "folds: 5\nx: 0.001\n"
    assert len((shell.cwd / "ledger").read_text().split()) == 4
    assert check_search(scan(new)) == []


def test_what_its_snakefile_tells_of_budgets_and_stages(tmp_path: Path) -> None:
    found, _ = adopted(Old(tmp_path / "old", 3, 3, last_stage=1, guaranteed_budget=2))
    assert (found.plan.settings.smax, found.plan.settings.eta) == (3, 3)
    assert (found.plan.settings.last_stage, found.plan.settings.guaranteed_budget, found.plan.settings.folds) == (1, 2, 5)
    assert not any("unknown" in note for note in found.notes)
    assert any("--last-stage" in note for note in found.notes)


def test_what_cannot_be_known_is_said(tmp_path: Path) -> None:
    old = Old(tmp_path / "old", snakefile=False)
    for path in old.root.glob("bracket-1/stage-0/config-*/config"):
        path.write_text(path.read_text().replace("folds: 5\n", ""))
    found, _ = adopted(old)
    said = "\n".join(found.notes)
    assert "unknown whether --last-stage was used" in said
    assert "The budgets are unknown; assumed for bracket 0: 1, 2, 4" in said
    assert "configuration template was not given" in said
    assert "The number of folds is unknown; assumed 5, the original's default" in said


def test_one_bracket_is_numbered_as_in_the_plan(tmp_path: Path) -> None:
    old = Old(tmp_path / "old", shape=(1,))
    old.train(0, 0)
    old.promote(0, 0)
    with pytest.raises(UsageError, match="give the SMAX and ETA that the search was generated with, and --bracket"):
        adopt(Adoption(old.root), tmp_path / "new")
    with pytest.raises(UsageError, match="fits several brackets"):  # 3 and 3
        adopt(Adoption(old.root, Asked(2, 2)), tmp_path / "new")
    with pytest.raises(UsageError, match="does not fit"):
        adopt(Adoption(old.root, Asked(3, 3)), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    found, new = adopted(old, asked=Asked(2, 2, (1,)))
    assert found.completed == 3
    assert [b.bracket.index for b in scan(new).brackets] == [1]
    assert texts(new, 1, 1) == texts(old.root, 0, 1)


def test_a_promotion_that_was_cut_off_is_made_again_and_finds_what_was_trained(shell: Shell) -> None:
    old = Old(shell.cwd / "old")
    old.train(0, 0)
    old.promote(0, 0)
    old.train(0, 1, 1)
    shutil.rmtree(old.root / old.name(0, 1, 0))
    found, new = adopted(old)
    assert any("an incomplete promotion" in note for note in found.notes)
    assert (found.completed, found.loose, found.left) == (5, 1, 10)
    shell.snakemake(new)
    ran = (shell.cwd / "ledger").read_text()
    assert "bracket-0/stage-1/config-0" in ran
    assert "bracket-0/stage-1/config-1" not in ran
    assert (new / "config").read_text() == old.finish()
    assert check_search(scan(new)) == []


def test_a_configuration_that_nobody_below_has(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    old.train(0, 0)
    old.promote(0, 0)
    write_tree(old.root / old.name(0, 1, 0), {"config": "edited\n", "result": "1\n"})
    found, _ = adopted(old)
    assert any("is not in stage 0" in note for note in found.notes)
    assert found.promotions == 0


def test_what_had_begun_is_trained_again_where_its_checkpoints_are(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    write_tree(old.root / old.name(0, 0, 1), {"checkpoint": "7\n"})
    write_tree(old.root / old.name(0, 0, 2), {"result": "", "outcome": "its own\n"})
    found, new = adopted(old)
    assert (found.unfinished, found.completed) == (2, 0)
    assert any("If the old search is still running, end it" in note for note in found.notes)
    assert {o.status for o in scan(new).brackets[0].stages[0].outcomes} == {Status.PENDING}
    assert (new / old.name(0, 0, 2) / "outcome.replaced-1").read_text() == "its own\n"


def test_ties_that_decide_are_named(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    old.train(0, 0, results=dict.fromkeys(range(1, 4), "0.5") | {0: "0.1"})
    found, _ = adopted(old)
    assert any(note.startswith("bracket 0, stage 0: equal results (0.5)") for note in found.notes)


def test_a_lost_configuration_comes_back_from_template_and_seed(tmp_path: Path) -> None:
    plan, made, old = make_plan(Settings(1, 2, folds=5)), tmp_path / "made", tmp_path / "old"
    create_search(NewSearch(plan, 7, templates=Templates(FIXTURE)), made)
    write_tree(old, {"Snakefile": "rule all:\n", "run.sh": RUN})
    for path in made.glob("bracket-*/stage-0/config-*/config"):
        write_tree(old, {path.relative_to(made).as_posix(): path.read_text()})
    lost = (old / "bracket-0/stage-0/config-0/config")
    text = lost.read_text()
    lost.unlink()
    with pytest.raises(HybandError, match="has no configuration"):
        adopt(Adoption(old), tmp_path / "new")
    with pytest.raises(HybandError, match="has no configuration"):  # another seed
        adopt(Adoption(old, seed=8, template_dir=FIXTURE), tmp_path / "new")
    adopt(Adoption(old, seed=7, template_dir=FIXTURE), tmp_path / "new")
    assert (tmp_path / "new/bracket-0/stage-0/config-0/config").read_text() == text
    assert json.loads((tmp_path / "new/plan.json").read_text())["random_seed"] == 7
    assert check_search(scan(tmp_path / "new")) == []


def test_stages_that_contradict_each_other_are_asked_about(tmp_path: Path) -> None:
    old = Old(tmp_path / "old", snakefile=False)
    old.finish()
    shutil.rmtree(old.root / "bracket-0/stage-2")
    shutil.rmtree(old.root / "bracket-1/stage-1")
    with pytest.raises(UsageError, match="no stage of bracket-1 above 0, but bracket-0 goes up to 1"):
        adopt(Adoption(old.root), tmp_path / "new")
    found, _ = adopted(old, asked=Asked(last_stage=2))
    assert found.left == 2


def test_the_copy_needs_nothing_of_the_old_tree(tmp_path: Path) -> None:
    """Links lead into the copy, also from a bracket that has another number there; a read-only tree becomes writable."""
    old = Old(tmp_path / "old", shape=(1,))
    old.train(0, 0)
    old.promote(0, 0)
    begun, text = old.root / old.name(0, 1, 0), (old.root / old.name(0, 1, 0) / "config").read_text()
    below = next(path for path in old.root.glob("bracket-0/stage-0/*/config") if path.read_text() == text)
    (begun / "config").unlink()
    (begun / "config").symlink_to(below)
    write_tree(tmp_path, {"outside": "1", "old/data/table": "2", f"old/{old.name(0, 1, 0)}/checkpoints/3": "3"})
    for name, to in (("last", f"{begun}/checkpoints/3"), ("other", "../../../bracket-0/stage-0/config-0/log.log"),
                     ("data", f"{old.root}/data"), ("out", "../../../../outside"), ("gone", f"{old.root}/gone")):
        (begun / name).symlink_to(to)
    for path in (begun / "checkpoints/3", begun / "checkpoints", old.root / "data", old.root / "run.sh"):
        path.chmod(path.stat().st_mode & 0o555)
    _, new = adopted(old, asked=Asked(2, 2, (1,)))
    there = new / "bracket-1/stage-1/config-0"
    assert (there / "config").read_text() == text
    assert not (there / "config").is_symlink()
    leads = {name: str((there / name).resolve()) for name in ("last", "other", "data", "out", "gone")}
    assert leads == {"last": f"{there}/checkpoints/3", "other": f"{new}/bracket-1/stage-0/config-0/log.log", "data": f"{new}/data",
                     "out": f"{tmp_path}/outside", "gone": f"{old.root}/gone"}
    assert [oct(path.stat().st_mode & 0o200) for path in (there / "checkpoints", there / "checkpoints/3", new / "data", new / "run.sh")] == ["0o200"] * 4


def test_what_is_left_behind_is_named(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    names = ("bracket-0/notes", "bracket-0/stage-0/config-0.bak/config", "bracket-9-old/notes", "hyperband/mine.py", "limits.toml", "profiles/mine/config.yaml")
    write_tree(old.root, dict.fromkeys(names, "1"))
    write_tree(old.root, {"train.py": "2", ".snakemake/log": "3"})
    os.mkfifo(old.root / "pipe")
    os.mkfifo(old.root / old.name(0, 0, 0) / "pipe")
    write_tree(old.root, {"run.sh": f"python {old.root}/train.py\n"})
    found, new = adopt(Adoption(old.root), tmp_path / "new"), tmp_path / "new"
    said = next(note for note in found.notes if note.startswith("Not taken over"))
    assert ": bracket-0/notes, bracket-0/stage-0/config-0.bak, bracket-9-old, hyperband and 2 more. It is still in" in said
    assert any(note.startswith(f"run.sh names {old.root}, so it still needs that directory") for note in found.notes)
    assert (new / "train.py").read_text() == "2"
    assert {path.name for path in new.iterdir()} >= {"profiles", "hyperband", "train.py"}
    assert not any((new / name).exists() for name in (*names, "pipe"))


@pytest.mark.parametrize(("run", "is_named"), [
    ("python /a/old/train.py", True), ("cd old/src", True), ("python 'old/train.py'", True), ("cd /a/old", True),
    ("cd /a/older", False), ("cp older/x my-old/y", False), ("grep old x", False), ("/b/old/x", False),
])
def test_whether_run_sh_names_the_old_tree(run: str, is_named: bool) -> None:
    assert bool(notes_of_run(Path("/a/old"), run)) is is_named


def test_a_result_that_cannot_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    for name in ("result", "config"):
        path = old.root / old.name(0, 0, 1) / name
        path.unlink(missing_ok=True)
        path.symlink_to(name)  # it leads to itself
        with pytest.raises(HybandError, match=f"config-1/{name} cannot be read: Too many levels"):
            adopt(Adoption(old.root), tmp_path / "new")
        path.unlink()
    assert not (tmp_path / "new").exists()


def test_numbers_in_configurations_of_windows(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    for path in old.root.rglob("config"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"folds: 5", b"folds: 7  # not 5").replace(b"\n", b"\r\n"))
    found, new = adopted(old)
    assert found.plan.settings.folds == 7
    assert texts(new, 0, 0) == texts(old.root, 0, 0)


def test_what_is_refused(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    with pytest.raises(DirectoryInUse, match="is inside"):
        adopt(Adoption(old.root), old.root / "new")
    with pytest.raises(NotASearch, match="expected a Snakefile"):
        adopt(Adoption(tmp_path), tmp_path / "new")
    adopt(Adoption(old.root), tmp_path / "new")
    with pytest.raises(NotASearch, match="of this version already"):
        adopt(Adoption(tmp_path / "new"), tmp_path / "newer")
    with pytest.raises(DirectoryInUse):
        adopt(Adoption(old.root), tmp_path / "new")
    with pytest.raises(UsageError, match="SMAX and ETA belong together"):
        adopt(Adoption(old.root, Asked(2)), tmp_path / "newer")


def test_check_sees_an_adopted_result_that_was_edited(tmp_path: Path) -> None:
    old = Old(tmp_path / "old")
    old.train(0, 0)
    _, new = adopted(old)
    write_tree(new / "bracket-0/stage-0/config-1", {"result": "-7\n"})
    assert [one.what for one in check_search(scan(new))] == ["its result is not the one that it was adopted with: edited?"]
    assert scan(new).brackets[0].stages[0].outcomes[1].text == f"{x_of(text_of(0, 1))}0"


def test_commands_say_what_an_old_tree_is(shell: Shell) -> None:
    Old(shell.cwd / "old")
    for words in (["status", "old"], ["show", "old", "best"], ["top", "old"], ["export", "old"], ["report", "old"]):
        done = shell.try_run("hyband", *words)
        assert done.returncode == 1
        assert done.stdout.startswith("Error: old is a search of the original hyperband-snakemake, not of this version: `hyband adopt old`")
        assert done.stdout.count("\n") == 1
    assert "`hyband adopt old`" in shell.run("hyband", "generate", "1", "2", "-o", "old", check=False)
    out = shell.run("hyband", "adopt", "old")
    assert "Adopted: SMAX 2, ETA 2, 3 brackets, 14 training runs." in out
    assert "Written to old-adopted" in out
