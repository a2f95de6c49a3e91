"""`hyband extend --undo`: what was asked for and not begun is taken back, as if it had never been asked for."""

import json
import shutil
import time
from pathlib import Path

import pytest

from ..conftest import FIXTURE, Shell, read_tree, write_tree
from ..helpers import RUN, SPACE, finished, kill_all

OF_THE_BEST = ("config", "best.json", "best.html", "best.log")


@pytest.fixture
def search(shell: Shell) -> Path:
    return finished(shell, template=write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": RUN}))


def kept(search: Path) -> dict[str, bytes]:
    return {name: data for name, data in read_tree(search).items() if name not in (*OF_THE_BEST, "run.lock")}


def assert_refused(shell: Shell, *said: str) -> None:
    before = kept(shell.cwd / "S")
    done = shell.try_run("hyband", "extend", "S", "--undo")
    assert done.returncode == 1, done.stdout
    for text in said:
        assert text in done.stdout
    assert done.stdout.endswith("Nothing was changed.\n")
    assert kept(shell.cwd / "S") == before


def test_each_kind_and_all_of_them_one_after_the_other(shell: Shell, search: Path) -> None:
    """Each is taken back to the byte, the last one first; the next run brings the best back, and trains nothing."""
    write_tree(shell.cwd, {"mine": "x: 1.0\ny: 0.5\nseed: 1\n"})
    states, best = [], {name: (search / name).read_bytes() for name in ("config", "best.json")}
    added = (
        (["refine", "S", "--trials", "3", "--parallel", "2"], "Taken back: 3 training runs (brackets 3, 4, 5) of hyband refine S --trials 3"),
        (["extend", "S", "--repeat", "1", "--sampler", "tpe"], "Taken back: 14 training runs (brackets 6, 7, 8) of"),
        (["extend", "S", "--bracket", "2"], "Taken back: 3 training runs (bracket 11) of hyband extend S --bracket 2."),
        (["extend", "S", "--config", "mine"], "Taken back: 1 training run (bracket 12) of"),
        (["extend", "S", "--smax", "+1"], "of hyband extend S --smax +1."),
    )
    for words, _ in added:
        states.append(kept(search))
        shell.run("hyband", *words)
    assert not (search / "best.json").exists()
    for words, said in reversed(added):
        assert said in shell.run("hyband", "extend", "S", "--undo"), words
        assert kept(search) == states.pop()
    assert "snakemake --snakefile S/Snakefile" in shell.run("hyband", "extend", "S", "--bracket", "2")
    shell.run("hyband", "extend", "S", "--undo")
    assert_refused(shell, "S has no extension that could be taken back")
    assert shell.planned() == {"best": 1}
    shell.snakemake()
    assert {name: (search / name).read_bytes() for name in best} == best
    assert "is complete" in shell.run("hyband", "check", "S")


def test_the_same_once_more_is_the_same(shell: Shell, search: Path) -> None:
    shell.run("hyband", "extend", "S", "--bracket", "1")
    first = kept(search)
    shell.run("hyband", "extend", "S", "--undo")
    shell.run("hyband", "extend", "S", "--bracket", "1")
    assert kept(search) == first


def test_what_was_begun_stays(shell: Shell, search: Path) -> None:
    """One of three batches is trained: the others are taken back, it counts, and the search completes without them."""
    shell.run("hyband", "refine", "S", "--trials", "3")
    shell.snakemake("S", "--until", "train_bracket_3_stage_0")
    out = shell.run("hyband", "extend", "S", "--undo")
    assert "Taken back: 2 training runs (brackets 4, 5) of hyband refine S --trials 3." in out
    assert "Bracket 3 stays, because bracket-3/stage-0/config-0 was begun." in out
    plan = json.loads((search / "plan.json").read_text())
    assert [bracket["bracket"] for bracket in plan["brackets"]] == [0, 1, 2, 3]
    assert plan["cost"] == sum(bracket["cost"] for bracket in plan["brackets"])
    assert_refused(shell, "hyband refine S --trials 3, the last extension of S, cannot be taken back: bracket-3/stage-0/config-0 was begun")
    shell.snakemake()
    assert shell.status()["complete"]
    shell.run("hyband", "refine", "S", "--trials", "1")
    shell.run("hyband", "extend", "S", "--undo")
    assert json.loads((search / "plan.json").read_text()) == plan


def test_what_was_begun_before_what_is_taken_back(shell: Shell, search: Path) -> None:
    """Of two trials at a time the second one is trained. The first one goes, and another bracket may get its number."""
    shell.run("hyband", "refine", "S", "--trials", "2", "--parallel", "2")
    assert json.loads((search / "sampler.json").read_text())["brackets"]["4"]["beside"] == [3]
    shell.snakemake("S", "--until", "train_bracket_4_stage_0")
    assert "Taken back: 1 training run (bracket 3) of" in shell.run("hyband", "extend", "S", "--undo")
    assert "beside" not in json.loads((search / "sampler.json").read_text())["brackets"]["4"]
    shell.run("hyband", "extend", "S", "--bracket", "0", "--sampler", "tpe")
    assert json.loads((search / "sampler.json").read_text())["brackets"]["3"]["learns"] == [0, 1, 2, 4]
    shell.snakemake()
    assert shell.status()["complete"]


@pytest.mark.usefixtures("search")
def test_a_larger_budget_that_was_begun(shell: Shell) -> None:
    """Its stages belong together: one that was promoted into is enough."""
    shell.run("hyband", "extend", "S", "--smax", "+1")
    shell.snakemake("S", "--until", "promote_bracket_1_stage_1")
    assert_refused(shell, "--smax +1, the last extension of S, cannot be taken back: bracket-1/stage-2/config-0 was begun")


def test_while_it_is_being_trained(shell: Shell, search: Path) -> None:
    (search / "run.sh").write_text("while [ ! -e go ]; do sleep 0.05; done\n" + RUN)
    shell.run("hyband", "extend", "S", "--bracket", "2")
    process = shell.start("snakemake", "--snakefile", "S/Snakefile")
    while not list(search.glob("bracket-5/stage-0/attempts/*")):
        assert process.poll() is None
        time.sleep(0.01)
    done = shell.try_run("hyband", "extend", "S", "--undo")
    assert (done.returncode, "is being run by snakemake" in done.stdout) == (1, True)
    kill_all(process)
    (shell.cwd / "go").touch()
    assert_refused(shell, "cannot be taken back: bracket-5/stage-0/config-")
    shell.snakemake()
    assert shell.status()["complete"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("bracket-3/notes.txt", "S/bracket-3/notes.txt is not part of the search. Move it away, then try again."),
        ("bracket-3/stage-0/mine/config", "S/bracket-3/stage-0/mine/config is not part of the search"),
        ("bracket-3/stage-0/config-1/checkpoint", "bracket-3/stage-0/config-1 was begun"),
        ("bracket-3/stage-0/config-1/result", "bracket-3/stage-0/config-1 was begun"),
        ("bracket-3/stage-0/config-1/config", "S/bracket-3/stage-0/config-1/config was edited"),
    ],
)
@pytest.mark.usefixtures("search")
def test_files_of_the_users_own(shell: Shell, path: str, said: str) -> None:
    """They are in the way until they are moved, and so is a configuration that was edited."""
    shell.run("hyband", "extend", "S", "--bracket", "0")
    write_tree(shell.cwd / "S", {path: "0.5\n"})
    assert_refused(shell, said)
    (shell.cwd / "S" / path).rename(shell.cwd / "moved")
    if "/mine/" in path:
        assert_refused(shell, "S/bracket-3/stage-0/mine is not part of the search")
        (shell.cwd / "S" / path).parent.rmdir()
    assert "Taken back: 7 training runs (bracket 3)" in shell.run("hyband", "extend", "S", "--undo")
    assert not (shell.cwd / "S/bracket-3").exists()


def test_what_was_proposed_and_not_trained(shell: Shell, search: Path) -> None:
    """A proposal is made again: it is none that a later extension takes for its own."""
    shell.run("hyband", "refine", "S", "--trials", "2", "--parallel", "2")
    shell.snakemake("S", "--until", "propose_bracket_3")
    assert (search / "bracket-3/proposal").exists()
    shell.run("hyband", "extend", "S", "--undo")
    assert not (search / "bracket-3").exists()
    assert json.loads((search / "sampler.json").read_text())["brackets"] == {}


def test_what_is_left_where_it_was_cut_off(shell: Shell, search: Path) -> None:
    """The plan goes first: the directories that were still there are none of a later extension's."""
    shell.run("hyband", "refine", "S", "--trials", "2", "--parallel", "2")
    shell.snakemake("S", "--until", "propose_bracket_3")
    shutil.copytree(search / "bracket-3", shell.cwd / "copy")
    shell.run("hyband", "extend", "S", "--undo")
    (shell.cwd / "copy").rename(search / "bracket-3")
    assert "is not in plan.json" in shell.run("hyband", "check", "S", check=False)
    shell.run("hyband", "extend", "S", "--bracket", "0")
    assert json.loads((search / "bracket-3/proposal").read_text())["sampler"] == "random"
    shell.snakemake()
    assert shell.status()["complete"]
    assert "is complete" in shell.run("hyband", "check", "S", check=False)
    assert len(list(search.glob("bracket-3/stage-0/config-*"))) == 4


def test_mistakes(shell: Shell) -> None:
    search = shell.generate(1, 2, template=FIXTURE)
    assert_refused(shell, "S has no extension that could be taken back")
    for words in (["--repeat", "1"], ["--sampler", "tpe"], ["--config", "a"], ["--from", "S"]):
        done = shell.try_run("hyband", "extend", "S", "--undo", *words)
        assert (done.returncode, "--undo adds nothing: give it without other options" in done.stdout) == (2, True)
    done = shell.try_run("hyband", "extend", "nothing", "--undo")
    assert (done.returncode, "There is no search in nothing (" in done.stdout) == (1, True)
    shell.run("hyband", "extend", "S", "--repeat", "1")
    plan = json.loads((search / "plan.json").read_text())
    del plan["extensions"]
    (search / "plan.json").write_text(json.dumps(plan))
    assert_refused(shell, "S/plan.json does not say what an extension added: there was none, or an earlier version made it.")
