"""More for a search that is finished: nothing that exists changes or is trained again, and all of it counts."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import pytest

from ..conftest import FIXTURE, Shell, read_tree, write_tree
from ..helpers import RUN, SPACE, finished, generate, kill_all

PASSING = {"plan.json", "config", "best.json", "sampler.json", "configurations.sha256", "run.lock",
           "best.html"}


@pytest.fixture
def search(shell: Shell) -> Path:
    """A finished search that counts its training runs."""
    write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": 'echo "$1" >> ledger\n' + RUN})
    return finished(shell, 2, 3, template=shell.cwd / "T")


def kept(search: Path) -> dict[str, bytes]:
    return {n: d for n, d in read_tree(search).items() if n not in PASSING and not n.endswith(".log")}


def assert_nothing_changed(before: dict[str, bytes], shell: Shell) -> None:
    after = kept(shell.cwd / "S")
    assert {name: after[name] for name in before} == before
    ledger = (shell.cwd / "ledger").read_text().splitlines()
    assert len(ledger) == len(set(ledger)), "nothing was trained twice"
    assert shell.status()["complete"]
    best = json.loads((shell.cwd / "S/best.json").read_text())
    done = [s for s in shell.status()["slots"] if s["status"] == "completed"]
    top = max(s["budget"] for s in done)
    assert best["result"] == min(s["result"] for s in done if s["budget"] == top)
    assert "is complete" in shell.run("hyband", "check", "S")
    assert shell.planned() == {}


@pytest.mark.parametrize(
    ("options", "brackets"),
    [
        (["--repeat", "2"], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (["--bracket", "1", "--bracket", "1"], [0, 1, 2, 4, 7]),
        (["--bracket", "2", "--sampler", "sobol"], [0, 1, 2, 5]),
        (["--repeat", "1", "--sampler", "tpe", "--random-share", "0"], [0, 1, 2, 3, 4, 5]),
        (["--smax", "+1"], [0, 1, 2, 3]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_brackets(shell: Shell, search: Path, options: list[str], brackets: list[int]) -> None:
    before = kept(search)
    out = shell.run("hyband", "extend", "S", *options)
    assert "training runs were added to S. To run them:\n\nsnakemake --snakefile S/Snakefile" in out
    plan = json.loads((search / "plan.json").read_text())
    assert [b["bracket"] for b in plan["brackets"]] == brackets
    assert plan["random_seed"] == 1
    shell.snakemake()
    assert_nothing_changed(before, shell)
    texts = [p.read_bytes() for p in search.glob("bracket-*/stage-0/*/config")]
    assert len(set(texts)) == len(texts) > 17


def test_a_larger_budget_continues_the_best(shell: Shell, search: Path) -> None:
    out = shell.run("hyband", "extend", "S", "--smax", "+1")
    assert "Hyperband Search (cost: 189.00)" in out, "what is added, stages of old brackets included"
    assert "  Bracket 0 (cost: 27.00)\n    Stage 3 - 1 configurations each with budget 27.0 (cost: 27.00)\n  Bracket 1" in out
    shell.snakemake()
    slots = shell.slots()
    assert slots[0, 3, 0]["origin"].startswith("bracket-0/stage-2/config-")
    assert {slots[0, 3, 0]["budget"], slots[2, 1, 0]["budget"], slots[3, 0, 3]["budget"]} == {27}
    log = (search / "bracket-2/stage-1/attempts/config-0").read_text()
    assert json.loads(log)["exit"] == 0
    assert json.loads((search / "plan.json").read_text())["smax"] == 3


def test_own_configurations_and_those_of_another_search(shell: Shell, search: Path) -> None:
    before = kept(search)
    write_tree(shell.cwd, {"mine": "x: 1.0\ny: 0.0\nseed: 1\n", "second": "x: 3.0\n"})
    shell.generate(1, 3, output="other", template=shell.cwd / "T", seed=99)
    shell.snakemake("other")
    shell.run("hyband", "extend", "S", "--config", "mine", "second", "--from", "other", "--top", "2")
    shell.snakemake()
    assert (search / "bracket-3/stage-0/config-0/config").read_text() == "x: 1.0\ny: 0.0\nseed: 1\n"
    best = json.loads((shell.cwd / "other/best.json").read_text())["path"]
    for name in ("config", "parameters.json"):
        assert (search / "bracket-3/stage-0/config-2" / name).read_bytes() == (shell.cwd / "other" / best / name).read_bytes()
    assert json.loads((search / "best.json").read_text())["path"] == "bracket-3/stage-0/config-0"
    assert_nothing_changed(before, shell)


def test_what_is_known_is_named(shell: Shell) -> None:
    """All of it at once, whoever brings it along; and nothing is added."""
    search = generate(shell)
    write_tree(shell.cwd, {"a": "x: 1.0\n", "b": "x: 2.0\n", "c": "x: 3.0\n", "same": "x: 3.0\n"})
    shell.run("hyband", "extend", "S", "--config", "a", "b")
    shell.generate(1, 3, output="other", template=shell.cwd / "T", seed=99)
    shell.snakemake("other")
    shell.run("hyband", "extend", "S", "--from", "other", "--top", "1")
    best = json.loads((shell.cwd / "other/best.json").read_text())["path"]
    before = read_tree(search)
    for words, names in (
        (["--config", "c", "a", "b"], "a, b"),
        (["--config", "c", "same"], "same"),
        (["--from", "other", "--top", "2"], f"other/{best}"),
    ):
        done = shell.try_run("hyband", "extend", "S", *words)
        said = f"Error: already in S, or given twice: {names}. Leave that out. Nothing was changed.\n"
        assert (done.returncode, done.stdout) == (1, said)
    assert read_tree(search) == before


@pytest.mark.parametrize("moment", ["bracket-5/proposal", "bracket-4/stage-0/config-0/result"])
def test_refine_with_a_kill_in_the_middle(shell: Shell, search: Path, moment: str) -> None:
    """Six trials, three at a time: each learns from all but the last two before it, and the best of all is shown."""
    before = kept(search)
    found = json.loads((search / "best.json").read_text())["result"]
    shell.run("hyband", "refine", "S", "--trials", "6", "--parallel", "3")
    process = shell.start("snakemake", "--snakefile", "S/Snakefile")
    while not (search / moment).exists() and process.poll() is None:
        time.sleep(0.001)
    kill_all(process)
    (shell.cwd / "ledger").unlink(missing_ok=True)  # a training that was cut off is started again
    proposed = {p: p.read_bytes() for p in search.glob("bracket-*/proposal")}
    shell.snakemake()
    assert {p: p.read_bytes() for p in proposed} == proposed
    assert_nothing_changed(before, shell)
    assert [len(list(search.glob(f"bracket-{b}/stage-0/config-*"))) for b in range(3, 10)] == [1] * 6 + [0]
    results = [float((search / f"bracket-{b}/stage-0/config-0/result").read_text()) for b in range(3, 9)]
    assert json.loads((search / "best.json").read_text())["result"] == min(found, *results)


def processes(word: str, where: Path) -> list[int]:
    """Those below a directory whose command line ends in this word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            if word.encode() in words[-2:] and Path(os.readlink(entry / "cwd")).is_relative_to(where):
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("victim", ["snakemake", "propose", "train"])
def test_refine_where_one_process_is_killed(shell: Shell, search: Path, victim: str) -> None:
    """Snakemake alone while it proposes, and started again at once; the proposer alone; a training's shell alone."""
    before = kept(search)
    shell.run("hyband", "refine", "S", "--trials", "4", "--parallel", "2", "--sampler", "tpe")
    process = shell.start("snakemake", "--snakefile", "S/Snakefile")
    word, moment = ("4", "bracket-3/proposal") if victim != "train" else ("S/bracket-4/stage-0/config-0", "bracket-4/proposal")
    while not (search / moment).exists() or not processes(word, shell.cwd):
        assert process.poll() is None or victim == "train", "it ended before it could be killed"
        if process.poll() is not None:
            break
        time.sleep(0.001)
    for pid in [process.pid] if victim == "snakemake" else processes(word, shell.cwd):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    shell.snakemake()
    ledger = (shell.cwd / "ledger").read_text().splitlines()
    assert len(ledger) - len(set(ledger)) <= (2 if victim == "train" else 0), "only what was cut off was trained again"
    (shell.cwd / "ledger").unlink()
    shell.run("hyband", "extend", "S", "--bracket", "2")
    shell.snakemake()
    assert_nothing_changed(before, shell)
    for path in search.glob("bracket-*/proposal"):
        texts = [one["config"] for one in json.loads(path.read_text())["configurations"]]
        assert texts == [(path.parent / f"stage-0/config-{c}/config").read_text() for c in range(len(texts))]


@pytest.mark.parametrize("moment", ["bracket-3/stage-0/config-4/config", "bracket-5/stage-0/config-0/config", "bracket-4"])
def test_extend_that_is_killed_changes_nothing_and_can_be_repeated(shell: Shell, search: Path, moment: str) -> None:
    before = kept(search)
    process = shell.start("hyband", "extend", "S", "--repeat", "1")
    while not (search / moment).exists() and process.poll() is None:
        time.sleep(0.0001)
    kill_all(process)
    plan = json.loads((search / "plan.json").read_text())
    if len(plan["brackets"]) == 3:  # else it had just ended
        shell.snakemake()
        assert shell.status()["complete"]
        shell.run("hyband", "extend", "S", "--repeat", "1")
    shell.snakemake()
    assert_nothing_changed(before, shell)
    assert len(shell.slots()) == 2 * 22


def test_what_an_extension_left_that_was_cut_off_is_not_taken_for_a_proposal(shell: Shell, search: Path) -> None:
    """Random configurations of it lie where other brackets come to be; what the model proposes is what is trained."""
    before = kept(search)
    left = {f"bracket-4/stage-0/config-{c}/{name}": f"x: {c}\n" for c in (0, 7) for name in ("config", "parameters.json")}
    write_tree(search, left)
    shell.run("hyband", "refine", "S", "--trials", "4", "--parallel", "2")
    assert not (search / "bracket-4/stage-0/config-7").exists()
    shell.snakemake()
    assert_nothing_changed(before, shell)
    proposed = [one["config"] for one in json.loads((search / "bracket-4/proposal").read_text())["configurations"]]
    assert [(search / "bracket-4/stage-0/config-0/config").read_text()] == proposed


def test_mistakes(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": "{{ integer('a', 1, 18) }}\n", "run.sh": RUN})
    search = shell.generate(2, 3, template=shell.cwd / "T")
    write_tree(shell.cwd, {"empty": "", "blank": " \n\t\n", "own": "x: 1\n"})
    before = read_tree(search)
    for options, status, message in [
        ([], 2, "Nothing to add"),
        (["--bracket", "3"], 2, "--bracket is 3; expected 0 to 2"),
        (["--config", "nothing"], 2, "nothing of --config cannot be read"),
        (["--config", "empty"], 2, "empty of --config is empty"),
        (["--config", "own", "blank"], 2, "blank of --config is empty"),
        (["nothing"], 2, "expected --config before file names"),
        (["--optuna", "study.log"], 2, "--optuna and --study belong together"),
        (["--repeat", "1"], 1, "yields 18 different configurations"),
        (["--from", "T"], 1, "plan.json cannot be read"),
    ]:
        done = shell.try_run("hyband", "extend", "S", *options)
        assert (done.returncode, message in done.stdout) == (status, True), done.stdout
    assert read_tree(search) == before
    (search / "Snakefile").write_text("rule all:\n")
    done = shell.try_run("hyband", "refine", "S", "--trials", "2")
    assert (done.returncode, "has no rule for proposals" in done.stdout) == (1, True)


def test_a_search_that_is_being_run_is_left_alone(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": "while [ ! -e go ]; do sleep 0.05; done\n" + RUN})
    search = shell.generate(1, 3, template=shell.cwd / "T")
    write_tree(shell.cwd, {"mine": "x: 1.0\n"})
    process = shell.start("snakemake", "--snakefile", "S/Snakefile")
    while not list(search.glob("bracket-*/stage-0/attempts/*")):
        assert process.poll() is None
        time.sleep(0.01)
    before = [(search / name).read_bytes() for name in ("plan.json", "sampler.json", "configurations.sha256")]
    for words in (["extend", "S", "--repeat", "1"], ["extend", "S", "--config", "mine"], ["extend", "S", "--smax", "+1"], ["refine", "S", "--trials", "3"]):
        done = shell.try_run("hyband", *words)
        assert (done.returncode, "Nothing was changed. End it, then give this command again" in done.stdout) == (1, True), done.stdout
    assert [(search / name).read_bytes() for name in ("plan.json", "sampler.json", "configurations.sha256")] == before
    assert len(list(search.glob("bracket-*"))) == 2
    (shell.cwd / "go").touch()
    assert process.wait() == 0
    shell.run("hyband", "extend", "S", "--config", "mine")
    shell.snakemake()
    assert shell.status()["complete"]


def test_budgets_that_are_no_decimals(shell: Shell) -> None:
    """1/3 + 0.1 is rounded in plan.json: all the same, a longer search goes on with each bracket, and new ones compare."""
    shell.run("hyband", "generate", "--max-budget", "1/3", "--min-budget", "1/6", "--eta", "2", "--guaranteed-budget", "0.1", "--template-dir", FIXTURE, "-o", "S")
    for words in (["--repeat", "1"], ["--smax", "+1"]):
        shell.run("hyband", "extend", "S", *words)
        brackets = json.loads((shell.cwd / "S/plan.json").read_text())["brackets"]
        assert len({bracket["stages"][-1]["budget"] for bracket in brackets}) == 1
    assert [len(bracket["stages"]) for bracket in brackets] == [3, 2, 3, 2, 1]
