"""Configurations that are proposed while the search runs: on time, once, the same every time."""

import base64
import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

import hyperband_snakemake
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.core.tree.proposals import read_sampling
from hyperband_snakemake.planning.simulate import simulate
from hyperband_snakemake.samplers.propose import propose
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.writing.learners import waits_of

from ..conftest import BIN, FIXTURE, Shell, write_tree
from ..helpers import RUN, SPACE, finished, generate, kill_all, learns
from ..trees import as_generated

FAILS = '[ $b$s$n = 000 ] && exit 3; [ $b = 1 ] && { echo 0.0$x > "$1/result"; exit; }; echo 0.5$x > "$1/result"'


def named(shell: Shell) -> Path:
    """A search that learns, with the launch script of the fixture."""
    return write_tree(shell.cwd / "T", {"config": "x: {{ integer('x', 0, 999999) }}\n", "run.sh": (FIXTURE / "run.sh").read_text()})


def tree(search: Path) -> dict[str, bytes]:
    return {n: d for n, d in as_generated(search).items() if "/attempts/" not in n and not n.endswith((".log", "run.lock"))}


def proposal(search: Path, bracket: int) -> dict:
    return json.loads((search / f"bracket-{bracket}/proposal").read_text())


def test_later_brackets_learn(shell: Shell) -> None:
    """The plan is as ever; each proposal says what it learned from; random ones stay among them; nothing is left to do."""
    search = generate(shell, "--random-share", "0.3")
    assert not (search / "bracket-1").exists()
    assert "nothing was found" not in shell.run("hyband", "check", "S", check=False)
    shell.snakemake()
    assert shell.status()["complete"]
    assert proposal(search, 1)["learned"] == {"budget": "1", "results": 9}
    assert {one["by"] for b in (1, 2) for one in proposal(search, b)["configurations"]} == {"tpe", "random"}
    for bracket in (1, 2):
        for number, one in enumerate(proposal(search, bracket)["configurations"]):
            directory = search / f"bracket-{bracket}/stage-0/config-{number}"
            assert (directory / "config").read_text() == one["config"]
            assert (directory / "parameters.json").read_text() == one["parameters"]
    assert shell.planned() == {}
    assert "is complete" in shell.run("hyband", "check", "S")


def test_a_sampler_that_is_imported(shell: Shell) -> None:
    """Any of Optuna's, from plan to refinement; what cannot be imported is said before anything is written."""
    name = "optuna.samplers.NSGAIISampler"
    assert shell.run("hyband", "plan", "2", "3", "-j", "4", "--sampler", name) == shell.run(
        "hyband", "plan", "2", "3", "-j", "4", "--sampler", "tpe")
    write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": RUN})
    search = shell.generate(1, 3, "--sampler", name, "--random-share", "0", template=shell.cwd / "T")
    shell.run("hyband", "refine", "S", "--trials", "2", "--sampler", name)
    shell.snakemake()
    assert shell.status()["complete"]
    assert {one["by"] for b in (1, 2, 3) for one in proposal(search, b)["configurations"]} == {name}
    for wrong, said in (("optuna.samplers.Foo", "could not be made: AttributeError"), ("foo", "'foo' is not one of random, sobol, ")):
        done = shell.try_run("hyband", "generate", "1", "3", "--sampler", wrong, "--template-dir", "T", "-o", "no")
        assert said in done.stdout
        assert "Traceback" not in done.stdout
        assert not (shell.cwd / "no").exists()


WAITS = """\
case "$1" in */bracket-3/*)
    until [ -e "${1%/bracket-3/*}/bracket-5/stage-0/config-0/outcome" ]; do sleep 0.01; done
;; */bracket-0/stage-2/*)
    until [ -e "${1%/bracket-0/*}/bracket-1/stage-0/config-0/outcome" ]; do sleep 0.01; done
esac
"""


def test_the_same_for_any_number_of_workers_and_order(shell: Shell) -> None:
    """What takes long delays only what learns from it: here it waits for something after it to end.

    Bracket 1 learns from the smaller budgets of bracket 0; three refinements run at a time. With one worker all start in the order of the forecast, and each has learned from what it has to wait for there.
    """
    one, eight = generate(shell, output="one"), generate(shell, output="eight")
    for search in (one, eight):
        shell.run("hyband", "refine", search.name, "--trials", "5", "--parallel", "3")
    (one / "run.sh").write_text('echo "$1" >> order\n' + RUN)
    shell.snakemake("one", "--cores", "1")
    shutil.move(eight, shell.cwd / "moved")
    (shell.cwd / "moved/run.sh").write_text("sleep 0.0$((RANDOM % 10))\n" + WAITS + RUN)
    shell.snakemake("moved", "--cores", "8")
    trees = [tree(search) for search in (one, shell.cwd / "moved")]
    assert {k for k in trees[0] if trees[0][k] != trees[1].get(k)} <= {"run.sh", "Snakefile"}

    plan, sampling = read_plan(one), read_sampling(one)
    assert sampling is not None
    waits = waits_of(plan, sampling.learners)
    started = [Slot.parse(line) for line in (shell.cwd / "order").read_text().split()]
    ways = {(b.index, s.index): b.ahead(s.index) for b in plan.brackets for s in b.stages}  # of the same, any may be first
    assert [ways[slot.bracket, slot.stage] for slot in started] == [ways[s.bracket, s.stage] for s in simulate(plan, 1, waits).spans]
    for bracket, before in enumerate([0, 1, 2, 2, 2], 3):
        results = sum(s.configurations for b, s in sampling.learners[bracket].awaited(plan) if s.budget == 9)
        assert proposal(one, bracket)["learned"] == {"budget": "9", "results": results} | ({"running": before} if before else {})
    words = ["2", "3", "--sampler", "tpe", "--parameters", "3", "--refine", "5", "--parallel", "3", "--workers", "4"]
    assert json.loads(shell.run("hyband", "plan", *words, "--json"))["wall"] == simulate(plan, 4, waits).wall


@pytest.mark.parametrize("moment", ["bracket-1/proposal", "bracket-1/stage-0/config-0/config", "bracket-2/proposal.log", "bracket-0/stage-0/promotion"])
def test_killed_in_the_middle(shell: Shell, moment: str) -> None:
    """All processes at once, as when the power goes; the same command ends with the same tree as without."""
    whole = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), output="whole")
    cut = generate(shell, output="cut")
    process = shell.start("snakemake", "--snakefile", "cut/Snakefile")
    while not (cut / moment).exists() and process.poll() is None:
        time.sleep(0.001)
    kill_all(process)
    before = {n: d for n, d in tree(cut).items() if n.endswith(("/proposal", "/config", "parameters.json"))}
    shell.snakemake("cut")
    assert tree(cut) == tree(whole) | {n: d for n, d in tree(cut).items() if n.endswith(".tmp")}
    assert all(tree(cut)[name] == data for name, data in before.items() if not name.endswith(".tmp"))


def test_nothing_is_lost_by_not_waiting(shell: Shell) -> None:
    """Each bracket proposes what it would, if it waited for all results of those before it."""
    search = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), output="whole")
    snapshot = scan(search)
    assert snapshot.sampling is not None
    learners = snapshot.sampling.learners
    assert [one.until for one in learners.values()] == [1, 3]
    all_of_it = replace(snapshot.sampling, learners={b: replace(one, until=None) for b, one in learners.items()})
    for bracket in (1, 2):
        assert propose(snapshot, all_of_it, bracket) == (search / f"bracket-{bracket}/proposal").read_text()


def test_what_was_proposed_is_never_drawn_again(shell: Shell) -> None:
    """Not even where the results have changed, or files are lost: they come back from the proposal."""
    search = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), until=["propose_bracket_1"])
    written = (search / "bracket-1/proposal").read_bytes()
    for name in ("config", "parameters.json"):
        (search / "bracket-1/stage-0/config-2" / name).unlink()
    (search / "bracket-0/stage-0/config-0/outcome").write_text("completed: -99\n")
    shell.snakemake("S", "--forcerun", "propose_bracket_1")
    assert (search / "bracket-1/proposal").read_bytes() == written
    assert (search / "bracket-1/stage-0/config-2/config").read_text() == json.loads(written)["configurations"][2]["config"]
    (search / "bracket-1/stage-0/config-1/config").unlink()
    shell.run("hyband", "check", "S", "--fix", check=False)
    assert (search / "bracket-1/stage-0/config-1/config").read_text() == json.loads(written)["configurations"][1]["config"]
    (search / "bracket-1/stage-0/config-1/config").write_text("edited")
    assert "is not what was drawn" in shell.run("hyband", "check", "S", check=False)


def test_a_proposal_that_is_lost_is_made_again_as_it_was(shell: Shell) -> None:
    """Its configurations, which are on disk, are not taken for those of others; nor are they where two processes make it."""
    search = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), until=["propose_bracket_1"])
    written = (search / "bracket-1/proposal").read_bytes()
    (search / "bracket-1/proposal").unlink()
    shell.snakemake("S", "--until", "propose_bracket_1")
    assert (search / "bracket-1/proposal").read_bytes() == written
    shell.snakemake()
    assert "is complete" in shell.run("hyband", "check", "S")


def test_without_the_package_it_says_what_is_missing(shell: Shell) -> None:
    """Before anything is trained; and a search whose proposals are made runs without it."""
    search = generate(shell)
    core = search / "hyperband/propose.py"
    text = core.read_text()
    core.write_text(text.replace('"hyperband_snakemake"', '"no_such_package"'))
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile")
    assert done.returncode == 1
    assert "this search proposes configurations while it runs. This needs no_such_package in the Python" in done.stdout
    assert "pip install 'hyband[optuna]'" in done.stdout
    assert {slot["status"] for slot in shell.status()["slots"]} == {"pending"}
    core.write_text(text)
    shell.snakemake("S", "--until", "propose_bracket_2")
    core.write_text(text.replace('"hyperband_snakemake"', '"no_such_package"'))
    shell.snakemake()
    assert shell.status()["complete"]


@pytest.mark.parametrize(("sampler", "missing"), [("my_package.make", "my_package"), ("my_package.of.it", "my_package.of"), ("gp", "torch")])
def test_a_sampler_that_is_not_there_is_missed_at_the_start(shell: Shell, sampler: str, missing: str) -> None:
    """It was there when the search was generated, on another machine."""
    search = generate(shell)
    file = search / "sampler.json"
    file.write_text(file.read_text().replace('"tpe"', f'"{sampler}"'))
    core = search / "hyperband/propose.py"
    core.write_text(core.read_text().replace('"torch"', '"no_such_torch"'))
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile")
    assert (done.returncode, f"This needs {missing.replace('torch', 'no_such_torch')} in the Python" in done.stdout) == (1, True)
    assert {slot["status"] for slot in shell.status()["slots"]} == {"pending"}


def test_the_package_is_found_where_snakemake_finds_it(shell: Shell) -> None:
    """Through a PYTHONPATH that is relative to where snakemake was started, with another Python first in PATH."""
    search = generate(shell)
    core = search / "hyperband/propose.py"
    core.write_text(core.read_text().replace('"hyperband_snakemake"', '"package_elsewhere"'))
    write_tree(shell.cwd, {"lib/readme": "", "decoy/python": "#!/bin/sh\nexit 9\n", "decoy/python3": "#!/bin/sh\nexit 9\n"})
    (shell.cwd / "lib/package_elsewhere").symlink_to(Path(hyperband_snakemake.__file__).parent)
    for name in ("python", "python3"):
        (shell.cwd / "decoy" / name).chmod(0o755)
    env = {"PATH": f"{shell.cwd}/decoy:{os.defpath}", "PYTHONPATH": "lib"}
    shell.run(BIN / "snakemake", "--snakefile", "S/Snakefile", env=env)
    assert shell.status()["complete"]


def test_a_broken_template_is_named_with_its_line(shell: Shell) -> None:
    """Edited after the search was generated: the run says what is wrong, and goes on once it is fixed."""
    search = generate(shell)
    template = search / "search-space/config"
    template.write_text("x: 1\n{{ uniform('x', 2, 1) }}\n")
    out = shell.snakemake(check=False)
    assert "the configurations of bracket 1 cannot be proposed: " in out
    assert "search-space/config, line 2: parameter 'x': low (2) must be below high (1)" in out
    assert "line 2: parameter 'x'" in (search / "bracket-1/proposal.log").read_text()
    out = shell.run("hyband", "run", "S", check=False)
    assert "search-space/config, line 2: parameter 'x': low (2) must be below high (1)" in out
    template.write_text(SPACE)
    shell.snakemake()
    assert shell.status()["complete"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{{ range(99) | random }}", "the sampler tpe needs named parameters"),
        ("{{ integer('a', 1, 12) }}", "yields 12 different configurations, but the search needs 17"),
    ],
)
def test_refused_beforehand(shell: Shell, config: str, message: str) -> None:
    write_tree(shell.cwd / "T", {"config": config, "run.sh": RUN})
    done = shell.try_run("hyband", "generate", "2", "3", "--sampler", "tpe", "--template-dir", "T", "-o", "S")
    assert (done.returncode, message in done.stdout) == (1, True)
    assert not (shell.cwd / "S").exists()


def test_a_space_that_is_just_large_enough(shell: Shell) -> None:
    """A model asks for the same again and again; all 17 are trained nevertheless."""
    search = generate(shell, config="x: {{ integer('x', 1, 17) }}\nseed: {{ seed() }}\n")
    shell.snakemake()
    texts = {p.read_text().splitlines()[0] for p in search.glob("bracket-*/stage-0/*/config")}
    assert texts == {f"x: {n}" for n in range(1, 18)}


def test_failures_do_not_stop_it(shell: Shell) -> None:
    """Where every training of the first bracket fails, there is nothing to learn, and the next one is random."""
    search = generate(shell)
    (search / "run.sh").write_text('case "$1" in *bracket-0*) exit 3;; esac\n' + RUN)
    shell.snakemake(env={"HYBAND_KEEP_FAILING": "1"})
    assert {one["by"] for one in proposal(search, 1)["configurations"]} == {"random", "tpe"}
    assert shell.status()["complete"]


def test_sobol_is_drawn_when_the_search_is_generated(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": RUN})
    for name in ("A", "B"):
        search = shell.generate(2, 3, "--sampler", "sobol", template=shell.cwd / "T", output=name)
    assert json.loads((search / "sampler.json").read_text())["brackets"] == {}
    assert len({d for n, d in tree(shell.cwd / "A").items() if n.endswith("config") and n.startswith("bracket-")}) == 17
    assert {n: d for n, d in tree(shell.cwd / "A").items() if "bracket" in n} == {n: d for n, d in tree(search).items() if "bracket" in n}


def test_the_highest_result_is_learned_from_as_the_best(shell: Shell) -> None:
    """The same search with all results negated proposes the same, and refines from the same."""
    lowest = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), output="whole")
    negated = learns(shell, run=RUN.replace('printf "%.9f", (', 'printf "%.9f", -1 * (').replace("+ y + 1 / b", "- y - 1 / b"))
    highest = shell.generate(2, 3, "--sampler", "tpe", "--maximize", template=negated, output="highest")
    shell.snakemake("highest")
    for name in ("whole", "highest"):
        shell.run("hyband", "refine", name, "--trials", "2")
        shell.snakemake(name)
    for bracket in (1, 2, 3, 4):
        assert proposal(lowest, bracket) == proposal(highest, bracket)


def test_a_kill_before_snakemake_notes_what_was_written(shell: Shell) -> None:
    """What was written last may be forgotten by Snakemake: the next run completes the search and does not just say so."""
    search = finished(shell, 2, 3, "--sampler", "tpe", template=learns(shell), until=["propose_bracket_1", "promote_bracket_0_stage_0"])
    marks = search / ".snakemake/incomplete"
    marks.mkdir(exist_ok=True)
    for name in ("bracket-1/proposal", "bracket-0/stage-0/promotion"):
        (marks / base64.b64encode(name.encode()).decode()).write_text("")
    before = {name: (search / name).read_bytes() for name in ("bracket-1/proposal", "bracket-0/stage-0/promotion")}
    shell.snakemake()
    assert shell.status()["complete"]
    assert shell.planned() == {}
    assert {name: (search / name).read_bytes() for name in before} == before


@pytest.mark.parametrize("text", [None, "", '{"format": 1, "sampl'])
def test_a_lost_proposal_is_not_drawn_again_once_something_was_trained(shell: Shell, text: str | None) -> None:
    """The results that it learned from have changed, so other values would be drawn: what is shown is what was trained."""
    search = finished(shell, 1, 2, "--sampler", "tpe", "--retries", "0", res=FAILS, template=named(shell))
    shown = {name: (search / name).read_text() for name in ("config", "best.json")}
    configurations = [one["config"] for one in proposal(search, 1)["configurations"]]
    (search / "bracket-1/proposal").unlink()
    if text is not None:
        (search / "bracket-1/proposal").write_text(text)
    shell.run("hyband", "retry", "S", "--redo-promotions")
    out = shell.snakemake(res=FAILS.replace("exit 3", "echo 0.99 > $1/result; exit"))
    assert "bracket-1/proposal was missing or damaged" in out
    assert [one["config"] for one in proposal(search, 1)["configurations"]] == configurations
    assert [(search / f"bracket-1/stage-0/config-{c}/config").read_text() for c in (0, 1)] == configurations
    assert {name: (search / name).read_text() for name in shown} == shown
    assert (search / "bracket-1/proposal.replaced-1").exists() == bool(text)


def test_a_lost_proposal_of_which_a_configuration_is_lost_as_well(shell: Shell) -> None:
    """Nothing is drawn and nothing is started, whether Snakemake calls `on_start` or not."""
    search = finished(shell, 1, 2, "--sampler", "tpe", "--retries", "0", res=FAILS, template=named(shell))
    for name in ("proposal", "stage-0/config-0/config"):
        (search / "bracket-1" / name).unlink()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    for options in ([], ["--no-hooks"]):
        done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", *options)
        assert done.returncode == 1
        assert "bracket-1/stage-0/config-0/config is missing, too." in done.stdout
        assert "Put one of these files back from a copy of the search" in done.stdout
        assert not (search / "bracket-1/proposal").exists()
