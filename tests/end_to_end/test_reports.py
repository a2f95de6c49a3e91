"""Public bug reports that no other test covers, each under its number in reports.md."""

import json
import re
import time

import pytest
import yaml

from hyperband_snakemake.writing.create import EXAMPLE

from ..conftest import FIXTURE, ROOT, STAND_INS, USERCASES, Shell, write_tree
from ..helpers import finished, kill_all, start, wait_for
from ..trees import as_generated


def test_12_14_what_is_printed_works(shell: Shell) -> None:
    """After kill -9 the command of the last line goes on, from the same directory, without a question."""
    shell.generate(1, 2)
    process = start(shell, "touch started; sleep 100")
    wait_for((shell.cwd / "started").exists)
    kill_all(process)
    out = shell.snakemake("S", "--until", "train_bracket_1_stage_0", res="kill -9 $PPID; kill -9 $$", check=False)
    assert "Traceback" not in out
    shell.run("bash", "-c", "snakemake --snakefile S/Snakefile")
    assert shell.status()["complete"]


def test_28_34_many_configurations(shell: Shell) -> None:
    """10,000 configurations at a deep path: status reads them, one promotion of all works."""
    deep = "d" * 150
    shell.run("mkdir", deep)
    search = shell.generate(8, 3, "--bracket", "0", output=f"{deep}/S", template=write_tree(shell.cwd / "T", {
        "config": "x: {{ range(10**9) | random }}\n", "run.sh": "echo 1 > $1/result\n"}))
    for c in range(6561):
        write_tree(search / f"bracket-0/stage-0/config-{c}", {"attempts": "", "result": f"0.{c}\n", "outcome": f"completed: 0.{c}\n"})
    status = shell.status(search)
    assert (status["trainings"], status["done"]) == (9841, 6561)
    shell.run("python", "-IS", "hyperband", "promote", "0", "0", cwd=search)
    assert len(list(search.glob("bracket-0/stage-1/config-*/config"))) == 2187


def test_30_32_61_profile(shell: Shell) -> None:
    """Greedy scheduler, no limit that starts one job at a time, and no time that YAML would read as seconds."""
    text = (shell.generate(0, 2) / "profiles/default/config.yaml").read_text()
    profile = yaml.safe_load(text)
    assert profile["scheduler"] == "greedy"
    assert "max-jobs-per-second" not in profile
    assert profile["rerun-incomplete"] is True
    assert profile["latency-wait"] >= 60
    assert not re.search(r"(?m)^[^#]*:\s*\d+:\d+", text)


def test_31_threads_are_respected(shell: Shell) -> None:
    search = shell.generate(1, 2)
    snakefile = search / "Snakefile"
    text = snakefile.read_text()
    assert "threads: job.threads" in text
    snakefile.write_text(text.replace("threads: job.threads", "threads: 2"))
    shell.snakemake("S", "--cores", "2", res='echo begin >> log; sleep 0.2; echo end >> log; echo 0.$x > "$1/result"')
    assert (shell.cwd / "log").read_text().split() == ["begin", "end"] * 5


def test_32_94_jobs_run_in_parallel(shell: Shell) -> None:
    """Ten at a time of all brackets: each waits until ten have begun."""
    shell.generate(2, 2)
    res = ('touch begun-$b-$n; [ $s = 0 ] && while [ $(ls begun-* | wc -l) -lt 10 ]; do sleep 0.05; done; '
           'echo 0.$x > "$1/result"')
    shell.snakemake("S", "-j", "10", res=res)
    assert shell.status()["complete"]


def test_33_few_files(shell: Shell) -> None:
    """Five files for a configuration, one of them beside its directory, and two of Snakemake's."""
    search = finished(shell)
    slots = list(search.glob("bracket-*/stage-0/config-*"))
    assert all({p.name for p in slot.iterdir()} == {"config", "result", "outcome", "attempt-1.log"} for slot in slots)
    metadata = [p for p in (search / ".snakemake/metadata").rglob("*") if p.is_file()]
    assert len(metadata) <= 2 * 14 + 3 + 5


def test_35_55_long_names(shell: Shell) -> None:
    output = "/".join(["d" * 100] * 3)
    shell.generate(1, 2, output=output)
    shell.snakemake(output)
    assert shell.status(output)["complete"]


@pytest.mark.parametrize("name", ["a\\bc", "a\\new", "$HOME", "a;b", "*"])
def test_42_backslash(shell: Shell, name: str) -> None:
    shell.generate(1, 2, output=name)
    shell.snakemake(name)
    assert shell.status(name)["complete"]


def test_52_every_submission_refused(shell: Shell) -> None:
    """All failed at once, with the words of sbatch where the failure points to."""
    search = shell.generate(0, 2, template=USERCASES / "02-gin-slurm-heredoc")
    env = {"PATH": f"{STAND_INS}:{shell.env['PATH']}", "STANDIN_LOG": str(shell.cwd / "log"), "STANDIN_REJECT": "99"}
    out = shell.snakemake(env=env, check=False)
    assert "no training run of this search has ever succeeded" in out
    assert "QOSMaxSubmitJobPerUserLimit" in (search / "bracket-0/stage-0/config-0/attempt-1.log").read_text()


def test_58_a_profile_in_the_environment(shell: Shell) -> None:
    """The user's own profile is used beside the search's; one that does not exist stops snakemake, not hyband."""
    shell.generate(1, 2)
    write_tree(shell.cwd / "mine", {"config.yaml": "printshellcmds: true\nrerun-triggers: [mtime, code, params, input]\n"})
    shell.snakemake(env={"SNAKEMAKE_PROFILE": str(shell.cwd / "mine")})
    assert shell.status()["complete"]
    assert "Bracket 0" in shell.run("hyband", "status", "S", env={"SNAKEMAKE_PROFILE": "/does/not/exist"})


def test_98_status_never_shows_half_a_number(shell: Shell) -> None:
    """A number is written byte by byte while status looks."""
    shell.generate(0, 2)
    res = 'for c in - 0 . 0 9 1 2; do printf %s $c >> "$1/result"; sleep 0.2; done; touch over'
    process = start(shell, res)
    seen = set()
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        seen.add(shell.slots()[0, 0, 0]["result"])
    seen.add(shell.slots()[0, 0, 0]["result"])
    assert seen == {None, -0.0912}


@pytest.mark.parametrize("turn", range(4))
def test_99_two_generators(shell: Shell, turn: int) -> None:
    """At the same time into one directory, new or empty: one wins whole, the other is refused."""
    if turn % 2:
        (shell.cwd / "S").mkdir()
    command = ["hyband", "generate", "3", "3", "--template-dir", str(FIXTURE), "-o", "S", "--random-seed"]
    both = [shell.start(*command, seed) for seed in ("1", "2")]
    codes = sorted(p.wait(timeout=180) for p in both)
    assert codes == [0, 1]
    seed = json.loads((shell.cwd / "S/plan.json").read_text())["random_seed"]
    shell.generate(3, 3, output="alone", seed=seed)
    assert as_generated(shell.cwd / "S") == as_generated(shell.cwd / "alone")
    assert sorted(p.name for p in shell.cwd.iterdir()) == ["S", "alone"]


def test_106_107_the_example_is_read_as_meant(shell: Shell) -> None:
    """Every value of the example's configurations has its type in YAML 1.1: numbers are numbers, words are words."""
    search = shell.generate(3, 3, "--folds", "5", template=EXAMPLE)
    seen = set()
    for path in search.glob("bracket-*/stage-0/config-*/config"):
        config = yaml.safe_load(path.read_text())
        assert {key: type(value) for key, value in config.items()} == {
            "folds": int, "repetitions": int, "cv_seed": int, "learning_rate": float, "C": float, "solver": str, "penalty": str}
        seen.add((config["learning_rate"], config["solver"], config["penalty"]))
    assert {rate for rate, _, _ in seen} == {1e-5, 1e-4, 1e-3, 1e-2, 1e-1}
    assert {pair for _, *pair in map(list, seen) for pair in [tuple(pair)]} == {("lbfgs", "l2"), ("saga", "l1")}


def test_every_row_names_a_test_that_exists() -> None:
    """The table of reports and the tests go together."""
    tests = ROOT / "tests"
    text = (tests / "end_to_end/reports.md").read_text()
    rows = re.findall(r"(?m)^\| (\w+) \|", text)
    assert len(rows) == len(set(rows))
    numbers = re.findall(r"_(\d+)(?=_)", " ".join(re.findall(r"def (test(?:_\d+)+_)", (tests / "end_to_end/test_reports.py").read_text())))
    assert numbers
    assert set(numbers) - set(rows) == set()
    here = tests / "end_to_end"
    sources = {(f"{p.relative_to(here if here in p.parents else tests)}"): p.read_text() for p in tests.rglob("test_*.py")}
    for line in text.splitlines():
        file = ""
        for name, test in re.findall(r"`((?:\w+/)*test_\w+\.py)?(?:::)?(test_\w+)?", line):
            file = name or file
            if test and file:
                assert f"def {test}(" in sources[file], (file, test)
